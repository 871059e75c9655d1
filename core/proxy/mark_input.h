// HOT: runs once per datagram.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/address.h"
#include "core/base/mark.h"
#include "core/proxy/branch.h"
#include "core/sip/edits.h"

namespace steer::proxy {

// What a digest is for, so that none can stand in for another.
enum class Purpose : char {
  kLoop = 'L',
  kBranch = 'B',
  kReturn = 'R',
  kAnswer = 'A',
  kDialog = 'D',
  kPath = 'P',
  kStateful = 'T',  // In stateful_branch.cc, which covers numbers only.
};

inline constexpr std::size_t kPieceSizeMax = 96;  // Longer pieces go in as their own mark.

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
  static constexpr std::size_t kNumberSizeMax = 64;  // Two addresses of 20 octets, and numbers.

  const MarkKey& key_;
  std::size_t size_ = 0;
  std::array<char, kTextCountMax*(kPieceSizeMax + 2) + kNumberSizeMax> octets_;  // Up to size_.
};

}  // namespace steer::proxy
