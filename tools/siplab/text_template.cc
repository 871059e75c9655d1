#include "tools/siplab/text_template.h"

#include <cstring>

namespace steer::siplab {

namespace {

void write_digits(std::uint64_t value, std::size_t digits, char* out) noexcept {
  for (std::size_t i = digits; i > 0; --i) {
    out[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

std::size_t width_of(char what) noexcept {
  if (what == 'n') return kNumberDigits;
  if (what == 's') return kSlotDigits;
  return what == 'c' ? 1 : 0;
}

}  // namespace

TextTemplate::TextTemplate(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::size_t width =
        pattern[i] == '%' && i + 1 < pattern.size() ? width_of(pattern[i + 1]) : 0;
    if (width == 0) {
      text_.push_back(pattern[i]);
      continue;
    }
    marks_.push_back({static_cast<std::uint32_t>(text_.size()), pattern[i + 1]});
    text_.append(width, '0');
    ++i;
  }
}

void TextTemplate::write(const CallKey& key, char* out) const noexcept {
  std::memcpy(out, text_.data(), text_.size());
  for (const Mark& mark : marks_) {
    if (mark.what == 'n') {
      write_digits(key.number, kNumberDigits, out + mark.at);
    } else if (mark.what == 's') {
      write_digits(key.slot, kSlotDigits, out + mark.at);
    } else {
      out[mark.at] = key.step;
    }
  }
}

bool read_digits(std::string_view text, std::size_t digits, std::uint64_t& out) noexcept {
  if (text.size() < digits) return false;
  out = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return true;
}

}  // namespace steer::siplab
