#pragma once

#include <string>
#include <string_view>

#include "core/base/address.h"
#include "core/base/time.h"

namespace steer::sim {

// One datagram on its way.
struct Packet {
  std::string text;
  Address from;
  Address to;
};

// What an actor wants sent: at once, or after a time of its own.
struct Post {
  Packet packet;
  Duration after{};
};

// The value of a field that stands once and in its long form, as our actors write them; empty if
// there is none. `name` with its colon and blank.
inline std::string_view field_of(std::string_view text, std::string_view name) {
  std::size_t at = 0;
  while ((at = text.find(name, at)) != std::string_view::npos) {
    if (at == 0 || text[at - 1] == '\n') break;
    at += name.size();
  }
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + name.size());
  return rest.substr(0, rest.find('\r'));
}
inline std::string_view call_id_of(std::string_view text) {
  return field_of(text, "Call-ID: ");
}
inline bool is_request_text(std::string_view text) {
  return !text.starts_with("SIP/2.0 ");
}

}  // namespace steer::sim
