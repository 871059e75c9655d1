#include "admin/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "admin/json.h"

namespace steer::admin {
namespace {

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char each) {
    const auto octet = static_cast<unsigned char>(each);
    return octet >= 0x20 && octet < 0x7f && octet != '"' && octet != '\\';
  });
}

template <class Number>
void append_digits(std::string& out, Number value) {
  std::array<char, 24> digits;  // A sign and the 20 digits of the largest one.
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void JsonText::before_value() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonText& JsonText::open(char bracket) {
  before_value();
  out_ += bracket;
  comma_ = false;
  return *this;
}

JsonText& JsonText::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  before_value();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  comma_ = false;
  return *this;
}

JsonText& JsonText::foreign_key(std::string_view name) {
  text(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonText& JsonText::text(std::string_view value) {
  before_value();
  if (is_plain(value)) {
    out_ += '"';
    out_ += value;
    out_ += '"';
  } else {
    out_ += write(Json(value));
  }
  return *this;
}

JsonText& JsonText::number(std::uint64_t value) {
  before_value();
  append_digits(out_, value);
  return *this;
}

JsonText& JsonText::signed_number(std::int64_t value) {
  before_value();
  append_digits(out_, value);
  return *this;
}

JsonText& JsonText::real(double value) {
  if (!std::isfinite(value)) return null();
  before_value();
  fmt::format_to(std::back_inserter(out_), "{}", value);
  return *this;
}

JsonText& JsonText::text_or_null(const std::optional<std::string>& value) {
  return value ? text(*value) : null();
}

JsonText& JsonText::real_or_null(const std::optional<double>& value) {
  return value ? real(*value) : null();
}

JsonText& JsonText::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

}  // namespace steer::admin
