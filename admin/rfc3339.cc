#include "admin/rfc3339.h"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
namespace steer::admin {
namespace {

constexpr std::string_view kShape = "0000-00-00T00:00:00";  // 0 stands for a digit.
constexpr std::size_t kMillisecondDigits = 3;

bool has_shape(std::string_view text) {
  if (text.size() <= kShape.size() || text.back() != 'Z') return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) return false;
  }
  return true;
}

// Of text that has the shape.
int number(std::string_view text, std::size_t at, std::size_t size) {
  int value = 0;
  std::from_chars(text.data() + at, text.data() + at + size, value);
  return value;
}

// ".1234": 123. Nothing: not a fraction.
std::optional<int> milliseconds(std::string_view fraction) {
  if (fraction.empty()) return 0;
  if (fraction.front() != '.' || fraction.size() < 2) return std::nullopt;
  fraction.remove_prefix(1);
  int value = 0;
  for (std::size_t i = 0; i < fraction.size(); ++i) {
    if (fraction[i] < '0' || fraction[i] > '9') return std::nullopt;
    if (i < kMillisecondDigits) value = value * 10 + (fraction[i] - '0');
  }
  for (std::size_t i = fraction.size(); i < kMillisecondDigits; ++i) {
    value *= 10;
  }
  return value;
}

void put_digits(std::string& text, std::size_t at, std::size_t size, std::uint64_t value) {
  for (std::size_t i = at + size; i > at; --i) {
    text[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

// By hand, since a list of ten thousand rows has as many times.
std::string rfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::milliseconds>(time - day)};
  std::string text{"0000-00-00T00:00:00.000Z"};
  put_digits(text, 0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, static_cast<std::uint64_t>(clock.hours().count()));
  put_digits(text, 14, 2, static_cast<std::uint64_t>(clock.minutes().count()));
  put_digits(text, 17, 2, static_cast<std::uint64_t>(clock.seconds().count()));
  put_digits(text, 20, 3, static_cast<std::uint64_t>(clock.subseconds().count()));
  return text;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  if (!has_shape(text)) return std::nullopt;
  const auto fraction = milliseconds(text.substr(kShape.size(), text.size() - kShape.size() - 1));
  const std::chrono::year_month_day date{
      std::chrono::year{number(text, 0, 4)},
      std::chrono::month{static_cast<unsigned>(number(text, 5, 2))},
      std::chrono::day{static_cast<unsigned>(number(text, 8, 2))}};
  const int hour = number(text, 11, 2);
  const int minute = number(text, 14, 2);
  const int second = number(text, 17, 2);
  if (!fraction || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second} + std::chrono::milliseconds{*fraction};
}

}  // namespace steer::admin
