#include "tools/siplab/signals.h"

#include <cerrno>
#include <cstring>

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace steer::siplab {

Result<Signals> Signals::open() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int one : {SIGINT, SIGTERM, SIGUSR1}) {
    ::sigaddset(&set, one);
  }
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  Signals out;
  out.descriptor_ = net::Descriptor{::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
  if (!out.descriptor_) {
    return std::unexpected(
        Error{"signalfd", std::string{std::strerror(errno)} + "; raise 'ulimit -n'"});
  }
  return out;
}

Signals::News Signals::take() noexcept {
  News news;
  signalfd_siginfo info;
  while (::read(descriptor_.get(), &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGUSR1) {
      news.report = true;
    } else {
      news.stop = true;
    }
  }
  return news;
}

}  // namespace steer::siplab
