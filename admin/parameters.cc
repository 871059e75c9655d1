#include "admin/parameters.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "admin/nearest_word.h"
#include "config/units.h"
#include "core/base/assert.h"
#include "core/base/limits.h"

namespace steer::admin {
namespace {

constexpr std::uint64_t kLastsSecondsMax = 366ULL * 24 * 3'600;

std::optional<std::uint64_t> number_of(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace

Parameters::Parameters(const Json& json, std::span<const std::string_view> names) : names_{names} {
  STEER_ASSERT(names.size() <= kCountMax);
  if (json.is_object()) {
    take_by_name(json);
  } else if (json.is_array()) {
    take_by_position(json);
  } else if (!json.is_null()) {
    refuse("\"params\" must be an object or an array");
  }
}

std::string Parameters::text(std::size_t index, Need need) {
  const Json& value = values_[index];
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_null()) {
    refuse(fmt::format("{} must be a string", in_quotes(names_[index])));
  } else if (need == Need::kRequired) {
    refuse(fmt::format("{} is missing", in_quotes(names_[index])));
  }
  return {};
}

std::string Parameters::reason(std::size_t index) {
  std::string words = text(index, Need::kOptional);
  if (words.size() > kRpcReasonSizeMax) {
    refuse(fmt::format("{} has {} octets: write at most {}", in_quotes(names_[index]), words.size(),
                       kRpcReasonSizeMax));
  }
  if (!is_one_line(words)) {
    refuse(fmt::format("{} has a control character: write one line of plain text",
                       in_quotes(names_[index])));
  }
  return words;
}

bool Parameters::flag(std::size_t index) {
  const Json& value = values_[index];
  if (value.is_boolean()) return value.get<bool>();
  if (!value.is_null()) refuse(fmt::format("{} must be true or false", in_quotes(names_[index])));
  return false;
}

std::optional<std::uint64_t> Parameters::number(std::size_t index, std::uint64_t max) {
  const Json& value = values_[index];
  if (value.is_null()) return std::nullopt;
  const std::optional<std::uint64_t> found = number_of(value);
  if (found && *found <= max) return found;
  refuse(fmt::format("{} must be a whole number from 0 to {}", in_quotes(names_[index]), max));
  return std::nullopt;
}

Duration Parameters::duration(std::size_t index) {
  const Json& value = values_[index];
  if (value.is_null()) return {};
  if (value.is_number()) {
    const std::optional<std::uint64_t> seconds = number(index, kLastsSecondsMax);
    return std::chrono::seconds{seconds.value_or(0)};
  }
  if (value.is_string()) {
    const Result<Duration> parsed = config::parse_duration(value.get_ref<const std::string&>());
    if (parsed && *parsed <= std::chrono::seconds{kLastsSecondsMax}) return *parsed;
  }
  refuse(fmt::format("{} must be a time of at most a year: \"30m\", \"2h\", or seconds as a number",
                     in_quotes(names_[index])));
  return {};
}

std::string Parameters::loose_text(std::size_t index) {
  const Json& value = values_[index];
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  if (!value.is_null()) refuse(fmt::format("{} must be a string", in_quotes(names_[index])));
  return {};
}

std::size_t Parameters::count() const {
  return static_cast<std::size_t>(std::count_if(
      values_.begin(), values_.end(), [](const Json& value) { return !value.is_null(); }));
}

void Parameters::refuse(std::string_view text) {
  if (fault_) return;
  const std::string known = names_.empty() ? "this method takes no parameters"
                                           : fmt::format("parameters: {}", listed(names_));
  fault_ = Fault{RpcError::kInvalidParams, fmt::format("{}; {}", text, known), {}};
}

void Parameters::take_by_name(const Json& json) {
  for (const auto& [name, value] : json.items()) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) {
      values_[static_cast<std::size_t>(found - names_.begin())] = value;
      continue;
    }
    const std::string_view meant = nearest_word(name, names_);
    refuse(fmt::format("unknown parameter {}{}", in_quotes(name),
                       meant.empty() ? "" : fmt::format(", did you mean {}?", in_quotes(meant))));
  }
}

void Parameters::take_by_position(const Json& json) {
  if (json.size() > names_.size()) {
    refuse(fmt::format("{} parameters are too many", json.size()));
    return;
  }
  std::copy(json.begin(), json.end(), values_.begin());
}

}  // namespace steer::admin
