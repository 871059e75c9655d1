#include "admin/unix_server.h"

#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/base/limits.h"
#include "tests/admin/temporary_folder.h"

namespace steer::admin {
namespace {

using namespace std::chrono_literals;
using test::TemporaryFolder;

constexpr Instant kStart{1'000s};

bool has_input(int fd) {
  pollfd look{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&look, 1, 0) == 1;
}

// Server and clients in one thread; the kernel's socket buffers in between.
class ControlSocket : public testing::Test {
 protected:
  void SetUp() override {
    Result<UnixServer> opened = UnixServer::open(
        folder_.file("ctl.sock"),
        [this](std::string_view line, Session& session) {
          session.following.active = session.following.active || line == "follow";
          return answer_(line);
        },
        [this](Following& following) { return feed_(following); });
    ASSERT_TRUE(opened) << opened.error().text();
    server_ = std::make_unique<UnixServer>(*std::move(opened));
  }

  net::Descriptor connect() {
    const std::string path = folder_.file("ctl.sock");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    net::Descriptor client{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)};
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    return client;
  }

  net::Descriptor join() {
    net::Descriptor client = connect();
    server_->process(kStart);
    return client;
  }

  // What the kernel took of it.
  static std::size_t send(const net::Descriptor& client, std::string_view text) {
    const ssize_t count = ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL);
    return count < 0 ? 0 : static_cast<std::size_t>(count);
  }

  // What lies there now; `ended` if the server has closed the connection.
  std::string receive(const net::Descriptor& client) {
    std::string text;
    std::array<char, 65'536> chunk;
    ended_ = false;
    for (;;) {
      const ssize_t count = ::recv(client.get(), chunk.data(), chunk.size(), 0);
      if (count == 0 || (count < 0 && errno == ECONNRESET)) ended_ = true;
      if (count <= 0) return text;
      text.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }

  bool is_readable() const { return has_input(server_->fd()); }

  TemporaryFolder folder_;
  std::function<std::string(std::string_view)> answer_ = [](std::string_view line) {
    return std::string{"<"}.append(line).append(">");
  };
  std::function<std::string(Following&)> feed_ = [](Following&) { return std::string{}; };
  std::unique_ptr<UnixServer> server_;
  bool ended_ = false;
};

TEST_F(ControlSocket, EachLineIsAnsweredWithALine) {
  const net::Descriptor client = join();

  send(client, "one\ntwo\r\n\nthree\n");
  server_->process(kStart);

  EXPECT_EQ(receive(client), "<one>\n<two>\n<three>\n");
  EXPECT_FALSE(ended_);
}

TEST_F(ControlSocket, AFreshConnectionsRequestNeedsNoSecondEvent) {
  const net::Descriptor client = connect();
  send(client, "one\n");

  while (is_readable()) {
    server_->process(kStart);
  }

  EXPECT_EQ(receive(client), "<one>\n");
}

TEST_F(ControlSocket, ALineMayComeInPieces) {
  const net::Descriptor client = join();

  for (const char* piece : {"on", "e", "\nt", "wo\n"}) {
    send(client, piece);
    server_->process(kStart);
  }

  EXPECT_EQ(receive(client), "<one>\n<two>\n");
}

TEST_F(ControlSocket, TheLastLineNeedsNoEndWhenTheClientHasFinished) {
  const net::Descriptor client = join();
  send(client, "one\ntwo");
  ::shutdown(client.get(), SHUT_WR);

  server_->process(kStart);

  EXPECT_EQ(receive(client), "<one>\n<two>\n");
  EXPECT_TRUE(ended_);
  EXPECT_EQ(server_->client_count(), 0U);
}

TEST_F(ControlSocket, ARequestIsHandledThoughItsSenderHasGone) {
  std::vector<std::string> seen;
  answer_ = [&](std::string_view line) {
    seen.emplace_back(line);
    return std::string{};
  };

  {
    const net::Descriptor client = join();
    send(client, "disable\n");
  }
  server_->process(kStart);

  EXPECT_EQ(seen, std::vector<std::string>{"disable"});
  EXPECT_EQ(server_->client_count(), 0U);
}

TEST_F(ControlSocket, AnEmptyAnswerIsNotSent) {
  answer_ = [](std::string_view) { return std::string{}; };
  const net::Descriptor client = join();

  send(client, "notify\n");
  server_->process(kStart);

  EXPECT_EQ(receive(client), "");
  EXPECT_FALSE(ended_);
}

TEST_F(ControlSocket, NothingToDoIsNotReadable) {
  const net::Descriptor client = join();
  send(client, "one\n");
  server_->process(kStart);

  EXPECT_FALSE(is_readable());
}

TEST_F(ControlSocket, ALineOfTheGreatestSizeIsTaken) {
  std::size_t size = 0;
  answer_ = [&](std::string_view line) {
    size = line.size();
    return std::string{"ok"};
  };
  const net::Descriptor client = join();

  EXPECT_EQ(send(client, std::string(kControlLineSizeMax, 'x') + "\r\n"), kControlLineSizeMax + 2);
  server_->process(kStart);

  EXPECT_EQ(size, kControlLineSizeMax);
  EXPECT_EQ(receive(client), "ok\n");
}

TEST_F(ControlSocket, ALongerLineIsAnErrorAndTheEnd) {
  for (const char* end : {"\n", ""}) {
    const net::Descriptor client = join();

    send(client, std::string(kControlLineSizeMax + 1, 'x') + end);
    server_->process(kStart);

    EXPECT_NE(receive(client).find("a line has at most 65536 octets"), std::string::npos);
    EXPECT_TRUE(ended_);
  }
  EXPECT_EQ(server_->counters().lines_too_long, 2U);
  EXPECT_EQ(server_->counters().lines, 0U);
  EXPECT_EQ(server_->client_count(), 0U);
}

TEST_F(ControlSocket, SixtyFourClientsAreServedTheNextOneIsToldWhy) {
  std::vector<net::Descriptor> clients;
  for (std::size_t i = 0; i < kControlClientCountMax; ++i) {
    clients.push_back(join());
  }
  const net::Descriptor late = join();

  EXPECT_NE(receive(late).find("64 clients are connected already"), std::string::npos);
  EXPECT_TRUE(ended_);
  for (const net::Descriptor& client : clients) {
    send(client, "x\n");
  }
  server_->process(kStart);
  for (const net::Descriptor& client : clients) {
    EXPECT_EQ(receive(client), "<x>\n");
  }
  EXPECT_EQ(server_->counters().refused_full, 1U);
}

TEST_F(ControlSocket, AClientThatLeavesMakesRoom) {
  std::vector<net::Descriptor> clients;
  for (std::size_t i = 0; i < kControlClientCountMax; ++i) {
    clients.push_back(join());
  }
  clients.pop_back();
  server_->process(kStart);

  const net::Descriptor next = join();
  send(next, "x\n");
  server_->process(kStart);

  EXPECT_EQ(receive(next), "<x>\n");
}

// As while a process is forked: epoll forgets a socket only when its last copy is closed.
TEST_F(ControlSocket, AClosedClientIsForgottenThoughACopyOfItsDescriptorLives) {
  net::Descriptor client = connect();
  net::Descriptor lowest{::dup(0)};
  const int expected = lowest.get();
  lowest = {};
  server_->process(kStart);
  const net::Descriptor copy{::dup(expected)};
  ASSERT_TRUE(copy);

  client = {};
  server_->process(kStart);
  server_->process(kStart);

  EXPECT_EQ(server_->client_count(), 0U);
  EXPECT_FALSE(is_readable());
}

TEST_F(ControlSocket, ASilentClientIsClosedAfterAMinute) {
  const net::Descriptor client = join();

  EXPECT_EQ(server_->next_deadline(), kStart + 60s);
  server_->process(kStart + 60s - 1ns);
  EXPECT_EQ(server_->client_count(), 1U);
  server_->process(kStart + 60s);

  EXPECT_EQ(receive(client), "");
  EXPECT_TRUE(ended_);
  EXPECT_EQ(server_->counters().closed_idle, 1U);
  EXPECT_EQ(server_->next_deadline(), Instant::max());
}

TEST_F(ControlSocket, ALineKeepsTheClient) {
  const net::Descriptor client = join();

  send(client, "x\n");
  server_->process(kStart + 59s);
  server_->process(kStart + 118s);

  EXPECT_EQ(server_->client_count(), 1U);
}

TEST_F(ControlSocket, ASlowReaderGetsNoFurtherLineHandledAndOthersAreServed) {
  std::size_t handled = 0;
  answer_ = [&](std::string_view line) {
    ++handled;
    return std::string(line == "big" ? 4 * kMiB : 1, 'x');
  };
  const net::Descriptor slow = join();
  const net::Descriptor other = join();

  send(slow, "big\nbig\nbig\n");
  for (int i = 0; i < 5; ++i) {
    server_->process(kStart);
  }
  send(other, "x\n");
  server_->process(kStart);

  EXPECT_EQ(handled, 2U);
  EXPECT_EQ(receive(other), "x\n");
  EXPECT_FALSE(is_readable());
}

TEST_F(ControlSocket, ASlowReaderThatReadsGetsAllOfIt) {
  answer_ = [](std::string_view) { return std::string(4 * kMiB, 'x'); };
  const net::Descriptor slow = join();
  send(slow, "big\nbig\n");
  server_->process(kStart);

  std::size_t got = 0;
  for (int i = 0; i < 1'000 && got < 2 * (4 * kMiB + 1); ++i) {
    got += receive(slow).size();
    server_->process(kStart);
  }

  EXPECT_EQ(got, 2 * (4 * kMiB + 1));
}

TEST_F(ControlSocket, AReaderThatStopsIsClosedAfterAMinute) {
  answer_ = [](std::string_view) { return std::string(4 * kMiB, 'x'); };
  const net::Descriptor slow = join();
  send(slow, "big\n");
  server_->process(kStart);

  server_->process(kStart + 60s);

  EXPECT_EQ(server_->client_count(), 0U);
}

TEST_F(ControlSocket, UnsentAnswersOfAllClientsHaveALimit) {
  answer_ = [](std::string_view) { return std::string(kControlQueueSizeMax / 4, 'x'); };
  std::vector<net::Descriptor> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(join());
    send(clients.back(), "big\n");
    server_->process(kStart);
  }

  // Four answers fit, because the kernel's buffers took the beginning of each.
  EXPECT_EQ(server_->client_count(), 4U);
  EXPECT_EQ(server_->counters().closed_slow, 4U);
}

TEST_F(ControlSocket, OneAnswerAloneMayExceedThatLimit) {
  answer_ = [](std::string_view) { return std::string(kControlQueueSizeMax + kMiB, 'x'); };
  const net::Descriptor client = join();

  send(client, "huge\n");
  server_->process(kStart);

  EXPECT_EQ(server_->client_count(), 1U);
}

TEST_F(ControlSocket, ATurnIsBoundedAndTheRestFollowsAtOnce) {
  std::size_t handled = 0;
  answer_ = [&](std::string_view) {
    ++handled;
    return std::string{};
  };
  const net::Descriptor client = join();
  for (std::size_t i = 0; i < 3 * kControlLinesPerTurnMax; ++i) {
    send(client, "x\n");
  }

  server_->process(kStart);

  EXPECT_EQ(handled, kControlLinesPerTurnMax);
  EXPECT_TRUE(is_readable());
  server_->process(kStart);
  server_->process(kStart);
  EXPECT_EQ(handled, 3 * kControlLinesPerTurnMax);
  server_->process(kStart);
  EXPECT_FALSE(is_readable());
}

TEST_F(ControlSocket, AClientThatFloodsDoesNotKeepTheOthersWaiting) {
  const net::Descriptor flood = join();
  const net::Descriptor polite = join();
  for (std::size_t i = 0; i < 10 * kControlLinesPerTurnMax; ++i) {
    send(flood, "x\n");
  }
  send(polite, "hello\n");

  server_->process(kStart);
  server_->process(kStart);

  EXPECT_EQ(receive(polite), "<hello>\n");
}

TEST_F(ControlSocket, OutOfDescriptorsAcceptingPausesInsteadOfSpinning) {
  const net::Descriptor client = connect();
  UnixServer& server =
      *server_;  // Sanitizers need descriptors to check calls of the fixture's own.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const net::Descriptor highest{::dup(0)};
  const rlimit none{.rlim_cur = static_cast<rlim_t>(highest.get()), .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);

  server.process(kStart);
  const bool spins = has_input(server.fd());
  const std::size_t refused = server.counters().refused_nofile;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  const Instant deadline = server.next_deadline();
  server.process(deadline);

  EXPECT_FALSE(spins);
  EXPECT_EQ(refused, 1U);
  EXPECT_EQ(deadline, kStart + 1s);
  EXPECT_EQ(server.client_count(), 1U);
}

TEST_F(ControlSocket, AFollowerIsToldNewsWithoutAsking) {
  std::string news;
  feed_ = [&](Following&) { return std::exchange(news, {}); };
  const net::Descriptor follower = join();
  const net::Descriptor other = join();
  send(follower, "follow\n");
  server_->process(kStart);
  EXPECT_EQ(receive(follower), "<follow>\n");

  news = "one\ntwo";
  server_->process(kStart + UnixServer::kFollowPause);

  EXPECT_EQ(receive(follower), "one\ntwo\n");
  EXPECT_EQ(receive(other), "");
}

TEST_F(ControlSocket, AFollowerHasADeadlineForNewsAndNoneForSilence) {
  const net::Descriptor follower = join();
  EXPECT_EQ(server_->next_deadline(), kStart + UnixServer::kClientIdleMax);
  send(follower, "follow\n");
  server_->process(kStart);
  EXPECT_EQ(server_->next_deadline(), kStart + UnixServer::kFollowPause);

  server_->process(kStart + 10 * UnixServer::kClientIdleMax);

  EXPECT_EQ(server_->client_count(), 1U);
}

TEST_F(ControlSocket, ASlowFollowerIsAskedForNoMoreThanItReads) {
  std::size_t fed = 0;
  feed_ = [&](Following&) {
    ++fed;
    return std::string(64 * kKiB, 'x');
  };
  const net::Descriptor follower = join();
  send(follower, "follow\n");
  for (int i = 0; i < 1'000; ++i) {
    server_->process(kStart);
  }
  const std::size_t before = fed;

  EXPECT_LT(before, 100U);
  EXPECT_FALSE(receive(follower).empty());
  for (int i = 0; i < 1'000; ++i) {
    server_->process(kStart);
  }
  EXPECT_GT(fed, before);
  server_->process(kStart + UnixServer::kClientIdleMax);
  EXPECT_EQ(server_->client_count(), 0U) << "what was sent is not read";
}

}  // namespace
}  // namespace steer::admin
