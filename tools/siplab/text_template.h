#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steer::siplab {

// Which call a text is for: its number in the run and its place in the table of calls.
struct CallKey {
  std::uint64_t number = 0;
  std::uint32_t slot = 0;
  char step = 'a';  // Which request of the call: part of the branch.
};

inline constexpr std::size_t kNumberDigits = 10;
inline constexpr std::size_t kSlotDigits = 7;

// A text made once in which only numbers change, always in the same places and with the same number
// of digits. Made from a pattern: "%n" becomes the call's number, "%s" its slot, "%c" its step.
class TextTemplate {
 public:
  TextTemplate() = default;
  explicit TextTemplate(std::string_view pattern);

  std::size_t size() const noexcept { return text_.size(); }
  // Copies the text for `key` to `out`, which has room for size() octets.
  void write(const CallKey& key, char* out) const noexcept;

 private:
  struct Mark {
    std::uint32_t at;
    char what;
  };
  std::string text_;
  std::vector<Mark> marks_;
};

// Exactly `digits` decimal digits; nothing but digits, or nothing is returned.
bool read_digits(std::string_view text, std::size_t digits, std::uint64_t& out) noexcept;

}  // namespace steer::siplab
