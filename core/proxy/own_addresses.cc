#include "core/proxy/own_addresses.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/sip/chars.h"

namespace steer::proxy {
namespace {

constexpr std::uint16_t kSipPort = 5060;

// Octet by octet as we wrote it, nearly always.
bool same_text(std::string_view ours, std::string_view theirs) noexcept {
  return ours == theirs || sip::equals_ignoring_case(ours, theirs);
}

// A short name that does not depend on the order of the listeners.
std::uint16_t tag_of(std::string_view text) noexcept {
  std::uint64_t hash = 0;
  for (const char c : text) {
    hash = mix(hash ^ static_cast<std::uint8_t>(c));
  }
  return static_cast<std::uint16_t>(hash);
}

}  // namespace

OwnAddress make_own_address(const Address& address, Transport transport,
                            std::string_view advertise_host, std::uint16_t advertise_port) {
  OwnAddress own;
  own.address = address;
  own.transport = transport;
  own.sent_by_host = advertise_host.empty() ? ip_text(address) : std::string{advertise_host};
  own.sent_by_port = advertise_port == 0 ? address.port : advertise_port;
  own.via_start = "Via: SIP/2.0/" + std::string{via_name(transport)} + " " + own.sent_by_host +
                  ":" + std::to_string(own.sent_by_port) + ";branch=";
  // UDP is what a URI means that says nothing of it (RFC 3263 §4.1).
  const std::string transport_parameter =
      transport == Transport::kUdp ? "" : ";transport=" + std::string{name_of(transport)};
  own.route_start = "<sip:" + own.sent_by_host + ":" + std::to_string(own.sent_by_port) +
                    transport_parameter + ";lr;sd=";
  own.tag = tag_of(std::string{name_of(transport)} + ":" + to_string(address));
  return own;
}

OwnAddresses::OwnAddresses(std::vector<OwnAddress> listeners) : listeners_{std::move(listeners)} {
  std::vector<OwnAddress*> ordered;
  for (OwnAddress& own : listeners_) {
    ordered.push_back(&own);
  }
  std::ranges::sort(ordered, {}, [](const OwnAddress* own) {
    return std::tuple{own->tag, own->transport, own->address};
  });
  std::set<std::uint16_t> taken;
  for (OwnAddress* own : ordered) {
    while (!taken.insert(own->tag).second) {
      ++own->tag;
    }
  }
}

bool OwnAddresses::is_sent_by(std::string_view host, std::uint16_t port) const noexcept {
  for (const OwnAddress& own : listeners_) {
    if (own.sent_by_port == port && sip::equals_ignoring_case(own.sent_by_host, host)) return true;
  }
  return false;
}

bool OwnAddresses::is_own(const sip::Via& via) const noexcept {
  for (const OwnAddress& own : listeners_) {
    if (own.sent_by_port != via.port || own.sent_by_host.size() != via.host.size()) continue;
    if (same_text(own.sent_by_host, via.host) &&
        same_text(via_name(own.transport), via.transport)) {
      return true;
    }
  }
  return false;
}

bool OwnAddresses::is_me(std::string_view host, std::uint16_t port) const noexcept {
  const std::uint16_t meant = port == 0 ? kSipPort : port;
  if (const std::optional<Address> address = parse_ip(host, meant)) {
    if (is_me(*address)) return true;
  }
  return is_sent_by(host, meant);
}

bool OwnAddresses::is_me(const Address& address) const noexcept {
  for (const OwnAddress& own : listeners_) {
    if (own.address.port == address.port && same_ip(own.address, address)) return true;
  }
  return false;
}

ListenerIndex OwnAddresses::listener_for(const Address& target, Transport transport,
                                         ListenerIndex usual, std::string_view host,
                                         std::uint16_t port) const noexcept {
  const auto fits = [&](const OwnAddress& own) {
    return own.address.family == target.family && own.transport == transport;
  };
  const auto is_named = [&](const OwnAddress& own) {
    if (host.empty()) return false;
    const std::optional<Address> address = parse_ip(host, port);
    return (address && *address == own.address) ||
           (own.sent_by_port == port && sip::equals_ignoring_case(own.sent_by_host, host));
  };
  std::optional<ListenerIndex> any;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const ListenerIndex index{static_cast<std::uint16_t>(i)};
    if (!fits(listeners_[i])) continue;
    if (is_named(listeners_[i])) return index;
    if (!any) any = index;
  }
  if (fits(listeners_[usual.value])) return usual;
  return any.value_or(usual);
}

std::optional<ListenerIndex> OwnAddresses::by_tag(std::uint16_t tag) const noexcept {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (listeners_[i].tag == tag) return ListenerIndex{static_cast<std::uint16_t>(i)};
  }
  return std::nullopt;
}

}  // namespace steer::proxy
