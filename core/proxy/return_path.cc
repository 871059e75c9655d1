// HOT: runs once per datagram.
#include "core/proxy/return_path.h"

#include <optional>
#include <string_view>

namespace steer::proxy {
namespace {

constexpr std::uint16_t kSipPort = 5060;  // RFC 3261 §18.2.2: where no port is given.

std::string_view without_brackets(std::string_view host) noexcept {
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

void request_return_path(const sip::Via& via, const Address& source, bool force_rport,
                         ReturnPath& out) noexcept {
  const bool to_source_port = via.has_rport || force_rport;
  out.target = source;
  if (!to_source_port) out.target.port = via.port == 0 ? kSipPort : via.port;
  const std::string_view ip{out.ip_text.data(), write_ip(source, out.ip_text.data(), false)};
  // Textual inequality of equal addresses only adds a parameter that is true anyway.
  const bool differs = without_brackets(via.host) != ip;
  const bool told = via.received_end != via.received_begin;
  out.stamp.received = differs || to_source_port || told ? ip : std::string_view{};
  out.stamp.rport = to_source_port ? source.port : std::uint16_t{0};
}

bool response_target(const sip::Via& client_via, Address& out) noexcept {
  const std::string_view host = client_via.received.empty() ? client_via.host : client_via.received;
  std::uint16_t port = client_via.port == 0 ? kSipPort : client_via.port;
  if (!client_via.rport.empty()) {
    const std::optional<std::uint16_t> rport = parse_port(client_via.rport);
    if (!rport) return false;
    port = *rport;
  }
  const std::optional<Address> address = parse_ip(host, port);
  if (!address) return false;
  out = *address;
  return true;
}

}  // namespace steer::proxy
