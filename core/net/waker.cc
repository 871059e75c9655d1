#include "core/net/waker.h"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <sys/eventfd.h>
#include <unistd.h>

namespace steer::net {

Result<Waker> Waker::open() {
  Waker waker;
  waker.descriptor_ = Descriptor{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  if (!waker.descriptor_) {
    return std::unexpected(Error{"", std::string{"cannot open an eventfd: "} +
                                         std::strerror(errno) +
                                         "; raise 'ulimit -n' (systemd: LimitNOFILE)"});
  }
  return waker;
}

void Waker::wake() const noexcept {
  const std::uint64_t one = 1;
  // It can only fail when 2^64 calls are pending, and then the other side is awake already.
  [[maybe_unused]] const ssize_t written = ::write(descriptor_.get(), &one, sizeof(one));
}

void Waker::take() const noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(descriptor_.get(), &count, sizeof(count));
}

}  // namespace steer::net
