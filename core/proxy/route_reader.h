#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sip/message.h"

namespace steer::proxy {

// One value of the Route fields. Offsets from the first octet of the message.
struct RouteValue {
  std::string_view uri;     // Without <>.
  std::size_t field = 0;    // In Message::fields.
  std::uint32_t begin = 0;  // First octet; of the first value where the field's value begins.
  std::uint32_t comma = 0;  // The comma before it; of the first value its begin.
  std::uint32_t next = 0;   // Where the next value begins, or the field's value ends.
};

// Goes through the Route values of a message from the top, over all its fields. Values are always
// name-addr (RFC 3261 §20.34); what is none ends it.
class RouteReader {
 public:
  explicit RouteReader(const sip::Message& message) noexcept : message_{message} {}

  [[nodiscard]] bool next(RouteValue& out) noexcept;

 private:
  const sip::Message& message_;
  std::size_t field_ = 0;
  std::uint32_t at_ = 0;  // 0: at the beginning of the field.
  std::uint32_t comma_ = 0;
};

}  // namespace steer::proxy
