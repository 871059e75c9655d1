#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/base/address.h"
#include "core/base/time.h"

namespace steer::health {

// Appends text to memory of the caller and never past its end: what does not fit is left out and
// `fits` says so.
class TextWriter {
 public:
  explicit TextWriter(std::span<char> out) noexcept : out_{out} {}

  TextWriter& text(std::string_view text) noexcept {
    const std::size_t size = std::min(text.size(), out_.size() - used_);
    if (size != 0) std::memcpy(out_.data() + used_, text.data(), size);
    used_ += size;
    fits_ = fits_ && size == text.size();
    return *this;
  }

  TextWriter& number(std::uint64_t value, int base = 10) noexcept {
    std::array<char, 20> digits{};  // 2^64 - 1 has 20.
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
    return text({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  // "0.4 ms", "12 ms", "1000 ms".
  TextWriter& milliseconds(Duration duration) noexcept {
    const auto tenths = static_cast<std::uint64_t>(
        std::chrono::round<std::chrono::duration<std::int64_t, std::ratio<1, 10'000>>>(duration)
            .count());
    number(tenths / 10);
    if (tenths < kTenthsShownBelow && tenths % 10 != 0) text(".").number(tenths % 10);
    return text(" ms");
  }

  // "192.0.2.1:5060", "[2001:db8::1]:5060".
  TextWriter& address(const Address& address) noexcept {
    std::array<char, kIpTextSizeMax> ip{};
    const std::size_t size = write_ip(address, ip.data(), true);
    return text({ip.data(), size}).text(":").number(address.port);
  }

  std::string_view view() const noexcept { return {out_.data(), used_}; }
  bool fits() const noexcept { return fits_; }

 private:
  static constexpr std::uint64_t kTenthsShownBelow = 100;  // From 10 ms on, tenths are noise.

  std::span<char> out_;
  std::size_t used_ = 0;
  bool fits_ = true;
};

}  // namespace steer::health
