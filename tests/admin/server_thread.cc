#include "tests/admin/server_thread.h"

#include <array>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/assert.h"

namespace steer::admin::test {

ServerThread::ServerThread(const std::string& path, UnixServer::Answerer answerer,
                           UnixServer::Feed feed)
    : pause_{feed ? 20 : -1}, stop_{::eventfd(0, EFD_CLOEXEC)} {
  Result<UnixServer> opened = UnixServer::open(path, std::move(answerer), std::move(feed));
  STEER_ASSERT(opened);
  server_ = std::make_unique<UnixServer>(*std::move(opened));
  thread_ = std::thread{[this] { run(); }};
}

ServerThread::~ServerThread() {
  const std::uint64_t one = 1;
  STEER_ASSERT(::write(stop_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
}

void ServerThread::run() {
  std::array<pollfd, 2> looks = {pollfd{server_->fd(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  while (::poll(looks.data(), looks.size(), pause_) >= 0 && looks[1].revents == 0) {
    server_->process(Instant{});
  }
}

}  // namespace steer::admin::test
