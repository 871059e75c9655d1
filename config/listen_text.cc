#include "config/listen_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/suggestion.h"
#include "core/sip/chars.h"

namespace steer::config {
namespace {

constexpr std::size_t kHostNameSizeMax = 253;  // RFC 1035 §2.3.4, without the root's length octet.
constexpr std::size_t kLabelSizeMax = 63;
constexpr std::array<std::string_view, 3> kTransports{"udp", "tcp", "tls"};

std::unexpected<Error> mistake(std::string text) {
  return std::unexpected{Error{{}, std::move(text)}};
}

constexpr bool is_label_char(char c) noexcept {
  return sip::is_digit(c) || sip::is_alpha(c) || c == '-' || c == '_';
}

}  // namespace

bool looks_like_ipv4(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_host_name(std::string_view text) noexcept {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kHostNameSizeMax) return false;
  std::size_t label_size = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label_size == 0) return false;
      label_size = 0;
    } else if (!is_label_char(c) || ++label_size > kLabelSizeMax) {
      return false;
    }
  }
  // A last label of digits would be an address (RFC 3261 §25.1: toplabel begins with a letter).
  const std::string_view last = text.substr(text.rfind('.') + 1);
  return label_size != 0 && !looks_like_ipv4(last);
}

Result<ListenSpec> parse_listen(std::string_view text) {
  const std::size_t colon = text.find(':');
  std::string transport{text.substr(0, colon)};
  std::ranges::transform(transport, transport.begin(), sip::to_lower);
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (transport == "tcp" || transport == "tls") {
    return mistake(transport + " listeners are not built yet; use udp:" + std::string{rest});
  }
  if (transport != "udp") {
    if (parse_address(text, 5060)) {
      return mistake("the transport is missing in " + quote(text) +
                     "; write \"udp:" + std::string{text} + "\"");
    }
    return mistake("unknown transport in " + quote(text) + did_you_mean(transport, kTransports) +
                   "; write it as \"udp:0.0.0.0:5060\"");
  }
  ListenSpec listen;
  const std::optional<Address> address = parse_address(rest, 0);
  if (!address) {
    const bool port_missing = parse_address(rest, 5060).has_value();
    return mistake(
        quote(text) + (port_missing ? " lacks a port" : " has no valid address and port") +
        "; write it as \"udp:192.0.2.1:5060\" or \"udp:[2001:db8::1]:5060\" (an address, "
        "never a name; port 1 to 65535)");
  }
  listen.address = *address;
  if (is_unroutable(*address) && !is_wildcard(*address)) {
    return mistake(quote(text) +
                   " is not an address of a host; name one of this machine's "
                   "addresses, or 0.0.0.0 for all of them");
  }
  return listen;
}

std::string listen_text(Transport transport, const Address& address) {
  return std::string{name_of(transport)} + ":" + to_string(address);
}

Result<HostPort> parse_advertise(std::string_view text) {
  const std::string cure =
      "; write \"host:port\", as in \"sip.example.net:5060\" or \"[2001:db8::1]:5060\"";
  const std::size_t host_end = text.starts_with('[') ? text.find(']') : text.find(':');
  HostPort parts;
  std::string_view host = text;
  std::string_view rest;
  if (host_end != std::string_view::npos) {
    const std::size_t size = host_end + (text.starts_with('[') ? 1 : 0);
    host = text.substr(0, size);
    rest = text.substr(size);
  }
  if (!rest.empty()) {
    const std::optional<std::uint16_t> port =
        rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
    if (!port) return mistake(quote(text) + " does not end with a port (1 to 65535)" + cure);
    parts.port = *port;
  }
  const std::optional<Address> address = parse_ip(host, 0);
  const bool bare_ipv6 = address && address->family == Family::kIpv6 && !host.starts_with('[');
  if (bare_ipv6 || (!address && !is_host_name(host))) {
    return mistake(quote(host) + " is neither a host name nor an address" + cure);
  }
  if (address && is_unroutable(*address)) {
    return mistake(quote(host) + " is no address that answers could be sent to" + cure);
  }
  parts.host = host;
  return parts;
}

}  // namespace steer::config
