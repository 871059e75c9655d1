// HOT: runs once per datagram.
#include "dispatch/own_requests.h"

#include <array>
#include <cstring>

#include "core/proxy/branch.h"
#include "core/proxy/hex.h"
#include "core/proxy/stateful_branch.h"
#include "core/sip/via_list.h"

namespace steer::dispatch {
namespace {

// A branch as we write it, with or without a transaction.
bool looks_like_ours(std::string_view branch) noexcept {
  return proxy::has_branch_prefix(branch) || proxy::has_stateful_prefix(branch);
}

bool is_branch_with(std::string_view branch, std::string_view loop_text) noexcept {
  static_assert(proxy::kBranchPrefix.size() == proxy::kStatefulPrefix.size());
  return looks_like_ours(branch) &&
         branch.substr(proxy::kBranchPrefix.size()).starts_with(loop_text);
}

// True if one of the Via values of this field is ours and carries this loop text.
[[gnu::cold]] bool has_own_loop(const sip::Message& request, const sip::HeaderField& field,
                                std::string_view loop_text,
                                const proxy::OwnAddresses& own) noexcept {
  std::uint32_t at = field.value_begin;
  while (at < field.value_end) {
    sip::Via via;
    std::uint32_t next = 0;
    if (!sip::parse_via(request, at, field.value_end, via, next)) return false;
    if (is_branch_with(via.branch, loop_text) && own.is_own(via)) return true;
    at = next;
  }
  return false;
}

// The same for all Via fields.
bool is_in_any_via(const sip::Message& request, std::string_view loop_text,
                   const proxy::OwnAddresses& own) noexcept {
  for (const sip::HeaderField& field : request.fields) {
    if (field.id != sip::HeaderId::kVia) continue;
    // The text is keyed and 64 bits wide: where it does not stand, nothing is taken apart.
    // memmem() is linear whatever the sender wrote; string_view::find() is not.
    const std::string_view value = request.value_of(field);
    if (memmem(value.data(), value.size(), loop_text.data(), loop_text.size()) == nullptr) {
      [[likely]] continue;
    }
    if (has_own_loop(request, field, loop_text, own)) return true;
  }
  return false;
}

}  // namespace

bool is_for_us(const PacketContext& context, const proxy::OwnAddresses& own) noexcept {
  // An at sign ends a user part and stands nowhere else unescaped (RFC 3261 §25.1).
  if (context.request_uri_text().find('@') != std::string_view::npos) return false;
  const sip::Uri& uri = context.request_uri();
  if (uri.host.empty() || uri.has_user) return false;
  return own.is_me(uri.host, uri.port == 0 ? sip::default_port(uri.scheme) : uri.port);
}

bool acknowledges_us(const sip::Message& ack, const proxy::TransactionInputs& inputs,
                     const MarkKey& key) noexcept {
  constexpr std::size_t kTagSize =
      16;  // As the engine's answers and those of transactions have it.
  std::uint64_t tag = 0;
  return ack.to.tag.size() == kTagSize && proxy::hex::read(ack.to.tag.data(), tag) &&
         tag == proxy::answer_tag(key, inputs);
}

bool requires_extension(const sip::Message& request, const proxy::FieldPlaces& places) noexcept {
  if (!places.has(sip::HeaderId::kProxyRequire)) {
    [[likely]] return false;
  }
  if (request.method == sip::Method::kAck || request.method == sip::Method::kCancel) return false;
  for (const sip::HeaderField& field : request.fields) {
    if (field.id == sip::HeaderId::kProxyRequire && field.value_begin != field.value_end) {
      return true;
    }
  }
  return false;
}

bool is_loop(const sip::Message& request, const proxy::FieldPlaces& places, std::uint64_t loop,
             const proxy::OwnAddresses& own) noexcept {
  // Most requests have one Via value, and that is not ours: nothing to write and compare.
  const bool top_may_be_ours = looks_like_ours(request.via.branch);
  const bool alone =
      places.via_count() == 1 && request.via.end == places.first(sip::HeaderId::kVia)->value_end;
  if (alone && !top_may_be_ours) {
    [[likely]] return false;
  }
  std::array<char, proxy::kLoopTextSize> text;
  proxy::write_loop_text(loop, text.data());
  // The same in both kinds of branches, after their beginnings.
  const std::string_view digits =
      std::string_view{text.data(), text.size()}.substr(proxy::kBranchPrefix.size());
  return is_in_any_via(request, digits, own);
}

}  // namespace steer::dispatch
