#pragma once

#include <cstdint>
#include <string_view>

#include "core/sip/message.h"

namespace steer::sip {

// Takes apart one Via value of `message` that starts at offset `at` inside the field that ends at
// `field_value_end`. True: `out` is set, `next` is the offset of the following value in the same
// field, or `field_value_end` if it was the last.
[[nodiscard]] bool parse_via(const Message& message, std::uint32_t at,
                             std::uint32_t field_value_end, Via& out, std::uint32_t& next) noexcept;

// The Via value below the topmost one, in the same field or in the next Via field. False: there is
// none, or it is malformed (`out` then means nothing).
[[nodiscard]] bool second_via(const Message& message, Via& out) noexcept;

// What to cut from a response so that its topmost Via value is gone: the whole field if it held one
// value, else the value with its comma.
struct Cut {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};
Cut cut_of_top_via(const Message& message) noexcept;

}  // namespace steer::sip
