#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "core/base/datagram.h"
#include "core/base/hash.h"
#include "core/sip/message.h"

namespace steer::proxy {

// One of our listeners as messages name it.
struct OwnAddress {
  Address address;
  Transport transport = Transport::kUdp;
  std::string sent_by_host;  // What our Via says: the advertised name or the address.
  std::uint16_t sent_by_port = 0;
  std::string via_start;    // "Via: SIP/2.0/UDP host:port;branch="
  std::string route_start;  // "<sip:host:port;lr;sd=": our Record-Route and Path, but for the mark.
  std::uint16_t tag = 0;    // Names it in our Via across restarts; never two of them alike.
  bool force_rport = false;
};

// "Is this me?" Immutable after construction; part of a snapshot, read by every shard.
class OwnAddresses {
 public:
  // Tags that happen to be the same are told apart, whatever the order of the listeners.
  explicit OwnAddresses(std::vector<OwnAddress> listeners);

  const std::vector<OwnAddress>& listeners() const noexcept { return listeners_; }
  const OwnAddress& operator[](ListenerIndex index) const noexcept {
    return listeners_[index.value];
  }

  // The sent-by of one of our listeners.
  bool is_sent_by(std::string_view host, std::uint16_t port) const noexcept;

  // A Via value that we may have written: our transport and our sent-by.
  bool is_own(const sip::Via& via) const noexcept;

  // The host and port of a URI: one of our addresses or advertised names, on one of their ports;
  // a URI without a port means 5060 (RFC 3261 §19.1.2, §16.4).
  bool is_me(std::string_view host, std::uint16_t port) const noexcept;

  bool is_me(const Address& address) const noexcept;

  // A listener that can send to `target`: of its family and transport. First the one that `host`
  // and `port` name (empty: none does), then `usual`, then any; `usual` if there is none.
  ListenerIndex listener_for(const Address& target, Transport transport, ListenerIndex usual,
                             std::string_view host = {}, std::uint16_t port = 0) const noexcept;

  std::optional<ListenerIndex> by_tag(std::uint16_t tag) const noexcept;

 private:
  std::vector<OwnAddress> listeners_;
};

// Fills the derived texts of a listener. `advertise_host` empty: the address itself.
OwnAddress make_own_address(const Address& address, Transport transport,
                            std::string_view advertise_host, std::uint16_t advertise_port);

}  // namespace steer::proxy
