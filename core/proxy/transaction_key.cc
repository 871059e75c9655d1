// HOT: runs once per datagram.
#include "core/proxy/transaction_key.h"

#include <cstring>

#include "core/base/assert.h"
#include "core/sip/chars.h"
#include "core/sip/edits.h"

namespace steer::proxy {
namespace {

// What stands before the texts.
struct Head {
  std::uint32_t cseq = 0;
  std::uint16_t port = 0;
  std::uint16_t told_size = 0;  // Of branch or Request-URI.
  std::uint16_t host_size = 0;
  std::uint16_t call_id_size = 0;
  std::uint16_t from_tag_size = 0;
  std::uint16_t by_branch = 0;  // 1: by branch, 0: by Request-URI.
};
static_assert(sizeof(Head) == kKeyHeadSize);

std::uint16_t size_of(std::string_view text) noexcept {
  return static_cast<std::uint16_t>(text.size());
}

}  // namespace

std::string_view write_transaction_key(const TransactionInputs& inputs,
                                       std::string_view request_uri, std::span<char> out) noexcept {
  const bool by_branch = !inputs.branch.empty();
  const std::string_view told = by_branch ? inputs.branch : request_uri;
  const Head head{.cseq = inputs.cseq,
                  .port = inputs.sent_by_port,
                  .told_size = size_of(told),
                  .host_size = size_of(inputs.sent_by_host),
                  .call_id_size = size_of(inputs.call_id),
                  .from_tag_size = size_of(inputs.from_tag),
                  .by_branch = static_cast<std::uint16_t>(by_branch ? 1 : 0)};
  const std::size_t size = kKeyHeadSize + told.size() + inputs.sent_by_host.size() +
                           inputs.call_id.size() + inputs.from_tag.size();
  STEER_ASSERT(size <= out.size());
  std::memcpy(out.data(), &head, sizeof head);
  char* at = out.data() + sizeof head;
  const auto put = [&at](std::string_view text) {
    sip::copy_octets(at, text.data(), text.size());
    at += text.size();
  };
  put(inputs.call_id);  // First, where is_same_call() looks for them.
  put(inputs.from_tag);
  put(told);
  for (const char c : inputs.sent_by_host) {
    *at++ = sip::to_lower(c);
  }
  return {out.data(), size};
}

bool is_same_call(std::string_view key, const TransactionInputs& response) noexcept {
  Head head;
  std::memcpy(&head, key.data(), sizeof head);
  return head.cseq == response.cseq &&
         key.substr(sizeof head, head.call_id_size) == response.call_id &&
         key.substr(sizeof head + head.call_id_size, head.from_tag_size) == response.from_tag;
}

}  // namespace steer::proxy
