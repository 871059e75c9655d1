#include "config/units.h"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "config/diagnostic.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array kUnits{
    Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1'000}, Unit{"ms", 1},
};
constexpr std::int64_t kMillisecondsMax = std::int64_t{3'650} * 86'400'000;  // Ten years.
constexpr std::int64_t kNumberMax = kMillisecondsMax;

struct Number {
  std::int64_t value = 0;
  std::size_t digits = 0;
};

// The digits that `text` begins with; nothing if there are none or far too many.
std::optional<Number> leading_number(std::string_view text) {
  Number number;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number.value);
  if (problem != std::errc{} || text.front() == '-' || number.value > kNumberMax) return {};
  number.digits = static_cast<std::size_t>(end - text.data());
  return number;
}

std::unexpected<Error> bad_duration(std::string_view text, std::string_view why) {
  return std::unexpected{Error{{},
                               quote(text) + " is not a duration: " + std::string{why} +
                                   "; write a number and a unit, as in \"500ms\", \"10s\", "
                                   "\"1h30m\" or \"7d\""}};
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return bad_duration(text, "it is empty");
  std::int64_t milliseconds = 0;
  std::size_t unit_first = 0;  // Units descend; this is the largest that may come next.
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::optional<Number> number = leading_number(rest);
    if (!number) return bad_duration(text, "a number between 0 and ten years is missing");
    rest.remove_prefix(number->digits);
    const std::size_t name_size = std::min(rest.find_first_of("0123456789"), rest.size());
    const std::string_view name = rest.substr(0, name_size);
    if (name.empty()) return bad_duration(text, "the unit is missing");
    std::size_t unit = unit_first;
    while (unit < kUnits.size() && kUnits[unit].name != name) {
      ++unit;
    }
    if (unit == kUnits.size()) return bad_duration(text, "units are d, h, m, s, ms in this order");
    if (number->value > (kMillisecondsMax - milliseconds) / kUnits[unit].milliseconds) {
      return bad_duration(text, "it is longer than ten years");
    }
    milliseconds += number->value * kUnits[unit].milliseconds;
    unit_first = unit + 1;
    rest.remove_prefix(name_size);
  }
  return std::chrono::milliseconds{milliseconds};
}

std::string duration_text(Duration duration) {
  std::int64_t rest = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (rest <= 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (rest >= unit.milliseconds) {
      text += std::to_string(rest / unit.milliseconds) + std::string{unit.name};
      rest %= unit.milliseconds;
    }
  }
  return text;
}

Result<std::int64_t> parse_size(std::string_view text) {
  constexpr std::string_view kCure = " is not a size; write octets, or a number with KiB or MiB";
  const std::optional<Number> number = text.empty() ? std::nullopt : leading_number(text);
  if (!number) return std::unexpected{Error{{}, quote(text) + std::string{kCure}}};
  const std::string_view unit = text.substr(number->digits);
  std::int64_t factor = 0;
  if (unit.empty() || unit == "B") factor = 1;
  if (unit == "KiB") factor = static_cast<std::int64_t>(kKiB);
  if (unit == "MiB") factor = static_cast<std::int64_t>(kMiB);
  if (factor == 0) return std::unexpected{Error{{}, quote(text) + std::string{kCure}}};
  return number->value * factor;
}

}  // namespace steer::config
