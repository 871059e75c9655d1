#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/base/result.h"

namespace steer::config {

// "udp:192.0.2.1:5060" or "udp:[2001:db8::1]:5060", as `listen` and -l have it. The mistake is a
// sentence with the cure; `where` stays empty.
[[nodiscard]] Result<ListenSpec> parse_listen(std::string_view text);

// "udp:192.0.2.1:5060", what parse_listen() reads.
std::string listen_text(Transport transport, const Address& address);

struct HostPort {
  std::string host;        // As a Via has it: IPv6 in brackets.
  std::uint16_t port = 0;  // 0: not given.
};

// "sip.example.net:5060", "192.0.2.1" or "[2001:db8::1]:5060": what `advertise` holds.
[[nodiscard]] Result<HostPort> parse_advertise(std::string_view text);

// A host name by RFC 1123, underscores allowed; never an address.
bool is_host_name(std::string_view text) noexcept;

// "192.0.2": digits and dots, so it was meant as an address.
bool looks_like_ipv4(std::string_view text) noexcept;

}  // namespace steer::config
