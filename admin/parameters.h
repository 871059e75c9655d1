#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "admin/fault.h"
#include "admin/json.h"
#include "core/base/time.h"

namespace steer::admin {

// The parameters of one method, by name or by position. Each is taken by its index in `names`; the
// first mistake is kept, and told with the parameters that the method knows.
class Parameters {
 public:
  enum class Need : std::uint8_t { kOptional, kRequired };

  Parameters(const Json& json, std::span<const std::string_view> names);

  // Absent and null: empty text, false, nothing.
  std::string text(std::size_t index, Need need);
  // One line of at most kRpcReasonSizeMax octets: it goes into logs and tables.
  std::string reason(std::size_t index);
  bool flag(std::size_t index);
  // A number, or a string of digits (the tools of old send those), of at most `max`.
  std::optional<std::uint64_t> number(std::size_t index, std::uint64_t max);
  // "2h", or seconds as a number. Zero if absent.
  Duration duration(std::size_t index);
  bool is_given(std::size_t index) const { return !values_[index].is_null(); }
  // Also a number, as text: SIP users write 1 and "1".
  std::string loose_text(std::size_t index);
  std::size_t count() const;

  void refuse(std::string_view text);
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  void take_by_name(const Json& json);
  void take_by_position(const Json& json);

  static constexpr std::size_t kCountMax = 8;
  std::span<const std::string_view> names_;
  std::array<Json, kCountMax> values_;
  std::optional<Fault> fault_;
};

}  // namespace steer::admin
