// HOT: runs once per datagram.
#include "core/proxy/branch.h"

#include <cstring>

namespace steer::proxy {
namespace {

constexpr std::string_view kMagicCookie = "z9hG4bK";  // RFC 3261 §8.1.1.7.
constexpr std::size_t kPieceSizeMax = 96;             // Longer pieces go in as their own mark.

// Gathers what a mark covers, each text with its length before it, in fixed space.
class MarkInput {
 public:
  explicit MarkInput(const MarkKey& key) noexcept : key_{key} {}

  void number(std::uint64_t value, std::size_t octets) noexcept {
    for (std::size_t i = 0; i < octets; ++i) {
      octets_[size_++] = static_cast<char>(value >> (8 * i));
    }
  }
  void text(std::string_view text) noexcept {
    number(text.size(), 4);
    if (text.size() > kPieceSizeMax) {
      number(key_(text), 8);
      return;
    }
    std::memcpy(octets_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void address(const Address& address, Transport transport) noexcept {
    std::memcpy(octets_.data() + size_, address.octets.data(), address.octets.size());
    size_ += address.octets.size();
    number(address.port, 2);
    number(static_cast<std::uint64_t>(transport), 1);
  }
  std::uint64_t mark() const noexcept { return key_({octets_.data(), size_}); }

 private:
  const MarkKey& key_;
  std::size_t size_ = 0;
  std::array<char, 3 * (kPieceSizeMax + 4) + 64> octets_;  // Filled as far as size_.
};

constexpr std::string_view kHexDigits = "0123456789abcdef";

char* write_hex(std::uint64_t value, std::size_t digits, char* out) noexcept {
  for (std::size_t i = 0; i < digits; ++i) {
    out[i] = kHexDigits[(value >> (4 * (digits - 1 - i))) & 0xf];
  }
  return out + digits;
}

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool read_hex(std::string_view text, std::uint64_t& out) noexcept {
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0) return false;
    value = (value << 4) | static_cast<std::uint64_t>(digit);
  }
  out = value;
  return true;
}

constexpr std::string_view kTransportLetters = "uts";  // In the order of Transport.

bool read_hop(std::string_view text, NextHop& out) noexcept {
  const std::size_t octets = (text.size() - 5) / 2;  // Before four digits of port and a letter.
  out.address = Address{};
  out.address.family = octets == 4 ? Family::kIpv4 : Family::kIpv6;
  for (std::size_t i = 0; i < octets; ++i) {
    std::uint64_t octet = 0;
    if (!read_hex(text.substr(2 * i, 2), octet)) return false;
    out.address.octets[i] = static_cast<std::uint8_t>(octet);
  }
  std::uint64_t port = 0;
  if (!read_hex(text.substr(2 * octets, 4), port)) return false;
  const std::size_t transport = kTransportLetters.find(text.back());
  if (transport == std::string_view::npos) return false;
  out.address.port = static_cast<std::uint16_t>(port);
  out.transport = static_cast<Transport>(transport);
  return true;
}

}  // namespace

TransactionInputs transaction_inputs(const sip::Message& message,
                                     const sip::Via& client_via) noexcept {
  // RFC 3261 §16.11: only a branch that says more than the cookie tells transactions apart.
  const bool told =
      client_via.branch.size() > kMagicCookie.size() && client_via.branch.starts_with(kMagicCookie);
  return {.branch = told ? client_via.branch : std::string_view{},
          .sent_by_host = client_via.host,
          .sent_by_port = client_via.port,
          .call_id = message.call_id,
          .from_tag = message.from.tag,
          .cseq = message.cseq};
}

InnerMark inner_mark(const MarkKey& key, const TransactionInputs& inputs) noexcept {
  MarkInput input{key};
  input.text(inputs.call_id);
  input.text(inputs.from_tag);
  input.number(inputs.cseq, 4);
  return {input.mark()};
}

std::uint64_t loop_part(const MarkKey& key, InnerMark inner,
                        std::string_view request_uri) noexcept {
  MarkInput input{key};
  input.number(inner.value, 8);
  input.text(request_uri);
  return input.mark();
}

std::uint64_t branch_mark(const MarkKey& key, InnerMark inner, const TransactionInputs& inputs,
                          const Branch& branch) noexcept {
  MarkInput input{key};
  input.number(inner.value, 8);
  input.number(branch.loop, 8);
  input.text(inputs.branch);
  input.text(inputs.sent_by_host);
  input.number(inputs.sent_by_port, 2);
  input.number(branch.hop.destination, 4);
  input.address(branch.hop.address, branch.hop.transport);
  return input.mark();
}

std::uint64_t return_mark(const MarkKey& key, std::uint64_t mark,
                          const ReturnRoute& route) noexcept {
  MarkInput input{key};
  input.number(mark, 8);
  input.number(route.listener_tag, 2);
  input.address(route.target, route.transport);
  return input.mark();
}

void write_loop_text(std::uint64_t loop, char* out) noexcept {
  std::memcpy(out, kBranchPrefix.data(), kBranchPrefix.size());
  write_hex(loop, 16, out + kBranchPrefix.size());
}

std::size_t write_branch(const Branch& branch, char* out) noexcept {
  write_loop_text(branch.loop, out);
  char* at = out + kLoopTextSize;
  *at++ = '.';
  at = write_hex(branch.hop.destination, 8, at);
  *at++ = '.';
  for (const std::uint8_t octet : branch.hop.address.ip()) {
    at = write_hex(octet, 2, at);
  }
  at = write_hex(branch.hop.address.port, 4, at);
  *at++ = kTransportLetters[static_cast<std::size_t>(branch.hop.transport)];
  *at++ = '.';
  at = write_hex(branch.mark, 16, at);
  return static_cast<std::size_t>(at - out);
}

void write_return(std::uint16_t listener_tag, std::uint64_t mark, char* out) noexcept {
  std::memcpy(out, kReturnParameter.data(), kReturnParameter.size());
  char* at = write_hex(listener_tag, 4, out + kReturnParameter.size());
  write_hex(mark, 16, at);
}

bool read_branch(std::string_view text, Branch& out) noexcept {
  constexpr std::size_t kHopAt = kLoopTextSize + 10;
  constexpr std::size_t kSizeIpv4 = kHopAt + 13 + 17;
  constexpr std::size_t kSizeIpv6 = kHopAt + 37 + 17;
  static_assert(kSizeIpv6 == kBranchSizeMax);
  if (text.size() != kSizeIpv4 && text.size() != kSizeIpv6) return false;
  if (!text.starts_with(kBranchPrefix)) return false;
  const std::size_t hop_size = text.size() - kHopAt - 17;
  if (text[kLoopTextSize] != '.' || text[kHopAt - 1] != '.' || text[kHopAt + hop_size] != '.') {
    return false;
  }
  std::uint64_t destination = 0;
  if (!read_hex(text.substr(kBranchPrefix.size(), 16), out.loop)) return false;
  if (!read_hex(text.substr(kLoopTextSize + 1, 8), destination)) return false;
  if (!read_hop(text.substr(kHopAt, hop_size), out.hop)) return false;
  out.hop.destination = static_cast<std::uint32_t>(destination);
  return read_hex(text.substr(kHopAt + hop_size + 1), out.mark);
}

bool read_return(std::string_view value, std::uint16_t& listener_tag,
                 std::uint64_t& mark) noexcept {
  if (value.size() != kReturnTextSize - kReturnParameter.size()) return false;
  std::uint64_t tag = 0;
  if (!read_hex(value.substr(0, 4), tag)) return false;
  listener_tag = static_cast<std::uint16_t>(tag);
  return read_hex(value.substr(4), mark);
}

}  // namespace steer::proxy
