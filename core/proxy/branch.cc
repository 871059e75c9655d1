// HOT: runs once per datagram.
#include "core/proxy/branch.h"

#include <cstring>

#include "core/proxy/hex.h"
#include "core/proxy/mark_input.h"
#include "core/proxy/socket_text.h"
#include "core/sip/edits.h"

namespace steer::proxy {
namespace {

constexpr std::string_view kMagicCookie = "z9hG4bK";  // RFC 3261 §8.1.1.7.

}  // namespace

TransactionInputs transaction_inputs(const sip::Message& message,
                                     const sip::Via& client_via) noexcept {
  // RFC 3261 §16.11: only a branch that says more than the cookie tells transactions apart.
  const bool told =
      client_via.branch.size() > kMagicCookie.size() &&
      std::memcmp(client_via.branch.data(), kMagicCookie.data(), kMagicCookie.size()) == 0;
  return {.branch = told ? client_via.branch : std::string_view{},
          .sent_by_host = client_via.host,
          .sent_by_port = client_via.port,
          .call_id = message.call_id,
          .from_tag = message.from.tag,
          .cseq = message.cseq};
}

std::uint64_t loop_part(const MarkKey& key, const TransactionInputs& inputs,
                        std::string_view request_uri) noexcept {
  MarkInput input{key, Purpose::kLoop};
  input.transaction(inputs);
  input.text(request_uri);
  return input.mark();
}

std::uint64_t branch_mark(const MarkKey& key, const TransactionInputs& inputs,
                          const Branch& branch) noexcept {
  MarkInput input{key, Purpose::kBranch};
  input.transaction(inputs);
  input.text(inputs.branch);
  input.text(inputs.sent_by_host);
  input.number(inputs.sent_by_port);
  input.number(branch.loop);
  input.number(branch.hop.destination);
  input.address(branch.hop.address, branch.hop.transport);
  return input.mark();
}

std::uint64_t answer_tag(const MarkKey& key, const TransactionInputs& inputs) noexcept {
  MarkInput input{key, Purpose::kAnswer};
  input.transaction(inputs);
  return input.mark();
}

std::uint64_t return_mark(const MarkKey& key, std::uint64_t mark,
                          const ReturnRoute& route) noexcept {
  MarkInput input{key, Purpose::kReturn};
  input.number(mark);
  input.number(route.listener_tag);
  input.address(route.target, route.transport);
  return input.mark();
}

void write_loop_text(std::uint64_t loop, char* out) noexcept {
  std::memcpy(out, kBranchPrefix.data(), kBranchPrefix.size());
  hex::write(loop, out + kBranchPrefix.size());
}

std::size_t write_branch(const Branch& branch, char* out) noexcept {
  write_loop_text(branch.loop, out);
  char* at = out + kLoopTextSize;
  *at++ = '.';
  at = hex::write(branch.hop.destination, at);
  *at++ = '.';
  at = write_socket(branch.hop.address, branch.hop.transport, at);
  *at++ = '.';
  at = hex::write(branch.mark, at);
  return static_cast<std::size_t>(at - out);
}

void write_return(std::uint16_t listener_tag, std::uint64_t mark, char* out) noexcept {
  std::memcpy(out, kReturnParameter.data(), kReturnParameter.size());
  hex::write(mark, hex::write(listener_tag, out + kReturnParameter.size()));
}

std::size_t write_via_line(std::string_view via_start, const Branch& branch,
                           std::uint16_t listener_tag, std::uint64_t return_mark,
                           std::span<char> out) noexcept {
  if (out.size() < via_start.size() + kBranchSizeMax + kReturnTextSize + 2) return 0;
  sip::copy_octets(out.data(), via_start.data(), via_start.size());
  char* at = out.data() + via_start.size();
  at += write_branch(branch, at);
  write_return(listener_tag, return_mark, at);
  at += kReturnTextSize;
  *at++ = '\r';
  *at++ = '\n';
  return static_cast<std::size_t>(at - out.data());
}

bool read_branch(std::string_view text, Branch& out) noexcept {
  constexpr std::size_t kHopAt = kLoopTextSize + 10;
  constexpr std::size_t kSizeIpv4 = kHopAt + 13 + 17;
  constexpr std::size_t kSizeIpv6 = kHopAt + 37 + 17;
  static_assert(kSizeIpv6 == kBranchSizeMax);
  if (text.size() != kSizeIpv4 && text.size() != kSizeIpv6) return false;
  if (!has_branch_prefix(text)) return false;
  const std::size_t hop_size = text.size() - kHopAt - 17;
  if (text[kLoopTextSize] != '.' || text[kHopAt - 1] != '.' || text[kHopAt + hop_size] != '.') {
    return false;
  }
  return hex::read(text.data() + kBranchPrefix.size(), out.loop) &&
         hex::read(text.data() + kLoopTextSize + 1, out.hop.destination) &&
         read_socket(text.substr(kHopAt, hop_size), out.hop.address, out.hop.transport) &&
         hex::read(text.data() + kHopAt + hop_size + 1, out.mark);
}

bool read_return(std::string_view value, std::uint16_t& listener_tag,
                 std::uint64_t& mark) noexcept {
  if (value.size() != kReturnTextSize - kReturnParameter.size()) return false;
  return hex::read(value.data(), listener_tag) && hex::read(value.data() + 4, mark);
}

}  // namespace steer::proxy
