#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace steer::config {

// Which classes of responses a key may name: '2' stands for 2xx.
struct ClassRange {
  char first;
  char last;
};

// Takes "503" or "5xx" into `codes`. False if it is neither, or of a class out of `range`. `Codes`
// are dispatch's good or bad ones.
template <class Codes>
[[nodiscard]] bool add_code(std::string_view text, ClassRange range, Codes& codes) {
  if (text.size() != 3 || text[0] < range.first || text[0] > range.last) return false;
  if (text.substr(1) == "xx") {
    codes.classes |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(text[0] - '0'));
    return true;
  }
  std::uint16_t code = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (problem != std::errc{} || end != text.data() + text.size()) return false;
  codes.codes.push_back(code);
  return true;
}

}  // namespace steer::config
