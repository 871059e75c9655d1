#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace steer {

enum class Family : std::uint8_t { kNone, kIpv4, kIpv6 };

enum class Transport : std::uint8_t { kUdp, kTcp, kTls };

// "udp", "tcp", "tls"; upper case as a Via wants it with `via_name`.
std::string_view name_of(Transport transport) noexcept;
std::string_view via_name(Transport transport) noexcept;

// An IP address and port, both families in one fixed size. A value; compares by octets.
struct Address {
  std::array<std::uint8_t, 16> octets{};  // IPv4: the first four; the rest is zero.
  std::uint32_t scope = 0;                // Interface of an IPv6 link-local address.
  std::uint16_t port = 0;                 // Host byte order.
  Family family = Family::kNone;
  std::uint8_t unused = 0;  // Spelled out so that equal addresses have equal bytes.

  friend bool operator==(const Address& a, const Address& b) noexcept {
    return std::memcmp(&a, &b, sizeof(Address)) == 0;
  }
  friend auto operator<=>(const Address& a, const Address& b) noexcept {
    return std::memcmp(&a, &b, sizeof(Address)) <=> 0;
  }

  std::span<const std::uint8_t> ip() const noexcept {
    return {octets.data(), family == Family::kIpv4 ? 4U : family == Family::kIpv6 ? 16U : 0U};
  }
};
static_assert(sizeof(Address) == 24);

// The same host, whatever the port.
bool same_ip(const Address& a, const Address& b) noexcept;

Address ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
             std::uint16_t port) noexcept;

// A literal without port: "192.0.2.1", "2001:db8::1" or, as URIs have it, "[2001:db8::1]". RFC 5118
// §4.10's "2001:db8:::192.0.2.1" is read as with two colons. Nothing else: never a name, never DNS.
[[nodiscard]] std::optional<Address> parse_ip(std::string_view text, std::uint16_t port) noexcept;

// "192.0.2.1:5060" or "[2001:db8::1]:5060"; the port may be left out when `port_default` is not 0.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text,
                                                   std::uint16_t port_default) noexcept;

// Digits only, 1 to 65535.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text) noexcept;

// "192.0.2.1:5060", "[2001:db8::1]:5060"; without port by `ip_text` ("[…]" kept for IPv6).
std::string to_string(const Address& address);
std::string ip_text(const Address& address);

// Writes what ip_text() returns, without allocation; returns the number of octets (at most 48).
inline constexpr std::size_t kIpTextSizeMax = 48;
std::size_t write_ip(const Address& address, char* out, bool brackets) noexcept;

// 0.0.0.0 or [::].
bool is_wildcard(const Address& address) noexcept;
// Never a place to send to: wildcard, multicast, the limited broadcast address, class E.
bool is_unroutable(const Address& address) noexcept;

// A network such as 10.0.0.0/8, for route rules.
struct Network {
  Address base;
  std::uint8_t prefix_bits = 0;

  bool contains(const Address& address) const noexcept;
};
[[nodiscard]] std::optional<Network> parse_network(std::string_view text) noexcept;

}  // namespace steer
