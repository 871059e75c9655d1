#include "core/base/address.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace steer {

std::string_view name_of(Transport transport) noexcept {
  switch (transport) {
    case Transport::kUdp: return "udp";
    case Transport::kTcp: return "tcp";
    case Transport::kTls: return "tls";
  }
  return "?";
}

std::string_view via_name(Transport transport) noexcept {
  switch (transport) {
    case Transport::kUdp: return "UDP";
    case Transport::kTcp: return "TCP";
    case Transport::kTls: return "TLS";
  }
  return "?";
}

bool same_ip(const Address& a, const Address& b) noexcept {
  return a.family == b.family && a.octets == b.octets;
}

Address ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
             std::uint16_t port) noexcept {
  Address address;
  address.family = Family::kIpv4;
  address.port = port;
  address.octets[0] = a;
  address.octets[1] = b;
  address.octets[2] = c;
  address.octets[3] = d;
  return address;
}

namespace {

constexpr std::size_t kIpLiteralSizeMax = 64;

bool read_ipv6(std::string_view text, void* out) noexcept {
  if (text.empty() || text.size() >= kIpLiteralSizeMax) return false;
  std::array<char, kIpLiteralSizeMax> copy{};
  std::ranges::copy(text, copy.begin());
  return inet_pton(AF_INET6, copy.data(), out) == 1;
}

// Four numbers below 256 without leading zeros: what inet_pton() takes, at a fifth of its cost.
bool read_ipv4(std::string_view text, std::uint8_t* out) noexcept {
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0 && (at == end || *at++ != '.')) return false;
    const char* digits = at;
    unsigned sum = 0;
    while (at != end && *at >= '0' && *at <= '9') {
      sum = sum * 10 + static_cast<unsigned>(*at - '0');
      if (sum > 255 || (at != digits && *digits == '0')) return false;
      ++at;
    }
    if (at == digits) return false;
    out[i] = static_cast<std::uint8_t>(sum);
  }
  return at == end;
}

// RFC 5118 §4.10: an old grammar made three colons before an embedded IPv4 address.
std::optional<Address> parse_ipv6(std::string_view text, std::uint16_t port) noexcept {
  Address address;
  address.family = Family::kIpv6;
  address.port = port;
  if (read_ipv6(text, address.octets.data())) return address;
  const std::size_t colons = text.find(":::");
  if (colons == std::string_view::npos || text.size() >= kIpLiteralSizeMax) return std::nullopt;
  std::array<char, kIpLiteralSizeMax> mended{};
  const auto tail = std::ranges::copy(text.substr(0, colons + 2), mended.begin()).out;
  std::ranges::copy(text.substr(colons + 3), tail);
  if (!read_ipv6({mended.data(), text.size() - 1}, address.octets.data())) {
    return std::nullopt;
  }
  return address;
}

}  // namespace

std::optional<Address> parse_ip(std::string_view text, std::uint16_t port) noexcept {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    return parse_ipv6(text.substr(1, text.size() - 2), port);
  }
  if (text.find(':') != std::string_view::npos) return parse_ipv6(text, port);
  Address address;
  address.family = Family::kIpv4;
  address.port = port;
  if (!read_ipv4(text, address.octets.data())) return std::nullopt;
  return address;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (problem != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<Address> parse_address(std::string_view text, std::uint16_t port_default) noexcept {
  std::string_view host = text;
  std::string_view port_text;
  const std::size_t colon = text.starts_with('[') ? text.find("]:") : text.find(':');
  if (colon != std::string_view::npos) {
    const std::size_t host_end = text.starts_with('[') ? colon + 1 : colon;
    host = text.substr(0, host_end);
    port_text = text.substr(host_end + 1);
    const std::optional<std::uint16_t> port = parse_port(port_text);
    if (!port) return std::nullopt;
    return parse_ip(host, *port);
  }
  if (port_default == 0) return std::nullopt;
  return parse_ip(host, port_default);
}

std::size_t write_ip(const Address& address, char* out, bool brackets) noexcept {
  const bool v6 = address.family == Family::kIpv6;
  if (address.family == Family::kNone) return 0;
  char* at = out;
  if (v6 && brackets) *at++ = '[';
  if (v6) {
    if (inet_ntop(AF_INET6, address.octets.data(), at, INET6_ADDRSTRLEN) == nullptr) return 0;
    at += std::strlen(at);
  } else {
    for (std::size_t i = 0; i < 4; ++i) {
      if (i != 0) *at++ = '.';
      at = std::to_chars(at, at + 3, address.octets[i]).ptr;
    }
  }
  if (v6 && brackets) *at++ = ']';
  return static_cast<std::size_t>(at - out);
}

std::string ip_text(const Address& address) {
  std::array<char, kIpTextSizeMax> text{};
  return {text.data(), write_ip(address, text.data(), true)};
}

std::string to_string(const Address& address) {
  return ip_text(address) + ":" + std::to_string(address.port);
}

bool is_wildcard(const Address& address) noexcept {
  return std::ranges::all_of(address.octets, [](std::uint8_t octet) { return octet == 0; });
}

bool is_unroutable(const Address& address) noexcept {
  if (address.family == Family::kNone || is_wildcard(address)) return true;
  // IPv4: 0.0.0.0/8 is "this network", 224.0.0.0/3 multicast, class E and the limited broadcast.
  if (address.family == Family::kIpv4) return address.octets[0] == 0 || address.octets[0] >= 224;
  return address.octets[0] == 0xff;
}

bool Network::contains(const Address& address) const noexcept {
  if (address.family != base.family) return false;
  const std::size_t whole = prefix_bits / 8;
  if (std::memcmp(base.octets.data(), address.octets.data(), whole) != 0) return false;
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  const unsigned mask = (0xff00U >> rest) & 0xffU;
  return ((base.octets[whole] ^ address.octets[whole]) & mask) == 0;
}

std::optional<Network> parse_network(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const std::optional<Address> base = parse_ip(text.substr(0, slash), 0);
  if (!base) return std::nullopt;
  const unsigned bits_max = base->family == Family::kIpv4 ? 32 : 128;
  unsigned bits = bits_max;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (problem != std::errc{} || end != digits.data() + digits.size() || bits > bits_max) {
      return std::nullopt;
    }
  }
  return Network{*base, static_cast<std::uint8_t>(bits)};
}

}  // namespace steer
