// HOT: runs once per datagram.
#pragma once

#include <array>

#include "core/base/address.h"
#include "core/sip/message.h"
#include "core/sip/reply.h"

namespace steer::proxy {

// Where the answers to a request go and what its topmost Via must say for it. Filled in place;
// `stamp` points into `ip_text`, so it is neither copied nor moved.
struct ReturnPath {
  ReturnPath() = default;
  ReturnPath(const ReturnPath&) = delete;
  ReturnPath& operator=(const ReturnPath&) = delete;

  Address target;
  sip::ViaStamp stamp;
  std::array<char, kIpTextSizeMax> ip_text;  // Filled by request_return_path().
};

// Of a request that came from `source`: always the packet's source address; its source port if
// rport was asked for or is forced, else the sent-by port (RFC 3261 §18.2.1, §18.2.2; RFC 3581 §4).
// maddr is never followed: it lets a stranger name a victim.
void request_return_path(const sip::Via& via, const Address& source, bool force_rport,
                         ReturnPath& out) noexcept;

// Of a response, from the Via of the client as we stamped it: received (else sent-by) and rport
// (else sent-by port). False: the Via names no address.
[[nodiscard]] bool response_target(const sip::Via& client_via, Address& out) noexcept;

}  // namespace steer::proxy
