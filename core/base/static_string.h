#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace steer {

// A short text in fixed storage, for what must outlive the buffer it came from. Longer input is cut
// and says so by `assign`'s answer.
template <std::size_t Capacity>
class StaticString {
 public:
  StaticString() noexcept = default;

  // False: the text was longer and its end is missing.
  bool assign(std::string_view text) noexcept {
    size_ = text.size() < Capacity ? text.size() : Capacity;
    if (size_ != 0) std::memcpy(octets_.data(), text.data(), size_);
    return size_ == text.size();
  }
  std::string_view view() const noexcept { return {octets_.data(), size_}; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  std::array<char, Capacity> octets_{};
  std::size_t size_ = 0;
};

}  // namespace steer
