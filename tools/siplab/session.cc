#include "tools/siplab/session.h"

namespace steer::siplab {

Result<std::vector<net::UdpSocket>> open_sockets(std::span<const Address> addresses) {
  std::vector<net::UdpSocket> out;
  for (const Address& address : addresses) {
    Result<net::UdpSocket> socket = net::open_udp(address, {});
    if (!socket) return std::unexpected(socket.error());
    out.push_back(std::move(*socket));
  }
  return out;
}

bool Watch::look(Instant now) noexcept {
  if (begin_ == Instant{}) begin_ = now;
  now_ = now;
  if (now < next_) return false;
  next_ = now + kTick;
  const bool stopped = news_.stop;
  news_ = signals_.take();
  news_.stop = news_.stop || stopped;
  expired_ = duration_ != Duration::zero() && now - begin_ >= duration_;
  return true;
}

}  // namespace steer::siplab
