#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sip/parse.h"

namespace steer::sip {

// What stands at the front of a stream.
enum class FrameKind : std::uint8_t {
  kMore,     // Nothing whole yet: call again with what came besides.
  kMessage,  // `size` octets are one message, of which only the length has been looked at.
  kPing,     // A keep-alive that is to be answered by one CRLF (RFC 5626 §4.4.1).
  kEmpty,    // An empty line: a pong, or what RFC 3261 §7.5 lets stand before a message.
  // Where the next message begins will never be known: close the connection, once `size` octets
  // (the head as far as it is whole, else 0) have been answered by what parse_error.cc says of
  // `error`.
  kBroken,
};

struct Frame {
  FrameKind kind = FrameKind::kMore;
  std::size_t size = 0;
  ParseError error = ParseError::kNone;
};

// Cuts one stream of octets into messages by Content-Length (RFC 3261 §18.3), which must be there.
// Remembers how far it has looked, so that a message which comes octet by octet is looked through
// once; holds no octets and asks for no room because a header promises something. Strict where two
// readers could disagree about where a message ends: bare CR or LF in a head, no, two or odd
// Content-Length fields break the stream.
class StreamFramer {
 public:
  // `octets`: all that has come and was not part of a frame, from the same place on as in the last
  // call if that said kMore. After any other answer the caller takes `size` octets off. Messages of
  // more than `size_max` octets break the stream, as soon as that is known; at most kParsedSizeMax.
  [[nodiscard]] Frame next(std::string_view octets, std::size_t size_max) noexcept;

 private:
  Frame empty_line(std::string_view octets) noexcept;
  Frame read_head(std::string_view octets, std::size_t size_max) noexcept;
  Frame whole_head(std::string_view octets, std::size_t size_max) noexcept;

  std::uint32_t line_begin_ = 0;  // Of a head that is not whole: its last line,
  std::uint32_t searched_ = 0;    // and where to look on for the end of that.
  std::uint32_t wanted_ = 0;      // Of a message whose head is known: octets with its body.
  bool after_empty_line_ = false;
};

}  // namespace steer::sip
