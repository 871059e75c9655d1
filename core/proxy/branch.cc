// HOT: runs once per datagram.
#include "core/proxy/branch.h"

#include <bit>
#include <cstring>

#include "core/proxy/hex.h"
#include "core/sip/edits.h"

namespace steer::proxy {
namespace {

constexpr std::string_view kMagicCookie = "z9hG4bK";  // RFC 3261 §8.1.1.7.
constexpr std::size_t kPieceSizeMax = 96;             // Longer pieces go in as their own mark.

// What a digest is for, so that none can stand in for another.
enum class Purpose : char { kLoop = 'L', kBranch = 'B', kReturn = 'R', kAnswer = 'A' };

// Gathers what a digest covers, each text with its length before it, in fixed space.
class MarkInput {
 public:
  MarkInput(const MarkKey& key, Purpose purpose) noexcept : key_{key} {
    octets_[size_++] = static_cast<char>(purpose);
  }

  template <class Number>
  void number(Number value) noexcept {
    if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
    std::memcpy(octets_.data() + size_, &value, sizeof value);
    size_ += sizeof value;
  }
  void text(std::string_view text) noexcept {
    number(static_cast<std::uint16_t>(text.size()));  // A datagram is no longer than that.
    if (text.size() > kPieceSizeMax) [[unlikely]] {
      number(key_(text));
      return;
    }
    sip::copy_octets(octets_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void transaction(const TransactionInputs& inputs) noexcept {
    text(inputs.call_id);
    text(inputs.from_tag);
    number(inputs.cseq);
  }
  void address(const Address& address, Transport transport) noexcept {
    octets_[size_++] = static_cast<char>(address.family);
    octets_[size_++] = static_cast<char>(transport);
    number(address.port);
    // All sixteen at once, and as many of them counted as there are.
    std::memcpy(octets_.data() + size_, address.octets.data(), address.octets.size());
    size_ += address.ip().size();
  }
  std::uint64_t mark() const noexcept { return key_({octets_.data(), size_}); }

 private:
  static constexpr std::size_t kTextCountMax = 4;
  static constexpr std::size_t kNumberSizeMax = 64;

  const MarkKey& key_;
  std::size_t size_ = 0;
  std::array<char, kTextCountMax*(kPieceSizeMax + 2) + kNumberSizeMax> octets_;  // Up to size_.
};

constexpr std::string_view kTransportLetters = "uts";  // In the order of Transport.

bool read_hop(std::string_view text, NextHop& out) noexcept {
  const std::size_t octets = (text.size() - 5) / 2;  // Before four digits of port and a letter.
  out.address = Address{};
  out.address.family = octets == 4 ? Family::kIpv4 : Family::kIpv6;
  bool good = true;
  for (std::size_t i = 0; i < octets; i += 4) {
    std::uint32_t word = 0;
    good &= hex::read(text.data() + 2 * i, word);
    for (std::size_t n = 0; n < 4; ++n) {
      out.address.octets[i + n] = static_cast<std::uint8_t>(word >> (24 - 8 * n));
    }
  }
  good &= hex::read(text.data() + 2 * octets, out.address.port);
  const std::size_t transport = kTransportLetters.find(text.back());
  if (!good || transport == std::string_view::npos) return false;
  out.transport = static_cast<Transport>(transport);
  return true;
}

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
  const std::array<std::uint8_t, 16>& octets = branch.hop.address.octets;
  for (std::size_t i = 0; i < branch.hop.address.ip().size(); i += 4) {
    at = hex::write(static_cast<std::uint32_t>(octets[i] << 24U | octets[i + 1] << 16U |
                                               octets[i + 2] << 8U | octets[i + 3]),
                    at);
  }
  at = hex::write(branch.hop.address.port, at);
  *at++ = kTransportLetters[static_cast<std::size_t>(branch.hop.transport)];
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
         read_hop(text.substr(kHopAt, hop_size), out.hop) &&
         hex::read(text.data() + kHopAt + hop_size + 1, out.mark);
}

bool read_return(std::string_view value, std::uint16_t& listener_tag,
                 std::uint64_t& mark) noexcept {
  if (value.size() != kReturnTextSize - kReturnParameter.size()) return false;
  return hex::read(value.data(), listener_tag) && hex::read(value.data() + 4, mark);
}

}  // namespace steer::proxy
