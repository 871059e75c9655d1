#include "tools/siplab/options.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace steer::siplab {

namespace {

// The number at the start of `text`; what follows it is left in `rest`.
std::optional<double> read_number(std::string_view text, std::string_view& rest) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || value < 0) return std::nullopt;
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) noexcept {
  constexpr double kLongestSeconds = 366.0 * 24 * 3'600;
  std::string_view unit;
  const std::optional<double> value = read_number(text, unit);
  if (!value) return std::nullopt;
  double seconds = -1;
  if (unit == "us") seconds = *value / 1e6;
  if (unit == "ms") seconds = *value / 1e3;
  if (unit == "s") seconds = *value;
  if (unit == "m" || unit == "min") seconds = *value * 60;
  if (unit == "h") seconds = *value * 3'600;
  if (unit.empty() && *value == 0) seconds = 0;
  if (seconds < 0 || seconds > kLongestSeconds) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds});
}

std::optional<double> parse_percent(std::string_view text) noexcept {
  std::string_view unit;
  const std::optional<double> value = read_number(text, unit);
  if (!value || *value > 100 || (!unit.empty() && unit != "%")) return std::nullopt;
  return *value / 100;
}

Result<Address> parse_endpoint(std::string_view text, bool port_may_be_free) {
  const std::string where{text};
  if (text.starts_with("tcp:") || text.starts_with("tls:")) {
    return std::unexpected(Error{where, "siplab speaks UDP only; write udp:ADDRESS:PORT"});
  }
  if (text.starts_with("udp:")) text.remove_prefix(4);
  if (port_may_be_free && text.ends_with(":0")) {
    const std::optional<Address> address = parse_ip(text.substr(0, text.size() - 2), 0);
    if (address) return *address;
  }
  const std::optional<Address> address = parse_address(text, 0);
  if (address) return *address;
  return std::unexpected(
      Error{where, fmt::format("not an address with a port; write udp:127.0.0.1:7000 or "
                               "udp:[::1]:7000{}; names are not looked up",
                               port_may_be_free ? " (port 0: a free one)" : "")});
}

bool is_loopback(const Address& address) noexcept {
  if (address.family == Family::kIpv4) return address.octets[0] == 127;
  const std::optional<Address> one = parse_ip("::1", 0);
  return address.family == Family::kIpv6 && same_ip(address, *one);
}

}  // namespace steer::siplab
