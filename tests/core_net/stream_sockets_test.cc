#include "core/net/stream_sockets.h"

#include <cerrno>
#include <string>
#include <utility>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/net/socket_address.h"
#include "tests/core_net/io_fixture.h"

namespace steer::test {
namespace {

// A ring with one listener of streams behind `datagrams` sockets, and a client of the kernel's.
template <class Ring>
struct Server {
  explicit Server(std::size_t datagrams = 1) : first{static_cast<std::uint16_t>(datagrams)} {
    std::vector<net::UdpSocket> sockets;
    for (std::size_t i = 0; i < datagrams; ++i) {
      sockets.push_back(open_loopback());
    }
    Result<net::TcpSocket> listener = net::open_tcp(loopback(Family::kIpv4), {});
    EXPECT_TRUE(listener) << (listener ? "" : listener.error().text());
    address = listener->address;
    std::vector<net::TcpSocket> listeners;
    listeners.push_back(std::move(*listener));
    waker.emplace(std::move(*net::Waker::open()));
    Result<Ring> opened = Ring::open(std::move(sockets), *waker, {}, std::move(listeners));
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    ring.emplace(std::move(*opened));
  }
  net::StreamSockets& streams() { return *ring->streams(); }

  // Until `seen()` is true of what an exchange brought.
  template <class Seen>
  bool wait_for(Seen seen) {
    for (int i = 0; i < 200; ++i) {
      ring->exchange(10ms);
      if (seen()) return true;
    }
    return false;
  }
  bool accept_one(StreamSlot slot, Address& peer) {
    if (!wait_for([&] { return !streams().waiting().empty(); })) return false;
    EXPECT_EQ(streams().waiting().front(), first);
    return streams().accept(first, slot, peer) == AcceptStatus::kAccepted;
  }
  bool wait_for_event(StreamSlot slot, bool StreamEvent::* what) {
    return wait_for([&] {
      for (const StreamEvent& event : streams().events()) {
        if (event.slot == slot && event.*what) return true;
      }
      return false;
    });
  }

  ListenerIndex first;
  Address address;
  std::optional<net::Waker> waker;
  std::optional<Ring> ring;
};

// A blocking client.
struct Client {
  explicit Client(const Address& server) : fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    net::SocketAddress name;
    net::write_socket_address(server, name);
    connected = ::connect(fd.get(), &name.any, name.size) == 0;
  }
  void send(std::string_view text) {
    EXPECT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  std::string receive(std::size_t size) {
    std::string text(size, '\0');
    const ssize_t got = ::recv(fd.get(), text.data(), size, MSG_WAITALL);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

  net::Descriptor fd;
  bool connected = false;
};

std::string read_text(net::StreamSockets& streams, StreamSlot slot) {
  std::array<char, 1'000> room;
  const StreamResult got = streams.read(slot, room);
  return got.status == StreamStatus::kDone ? std::string{room.data(), got.size} : "";
}

template <class Ring>
void expect_a_conversation() {
  Server<Ring> server;
  Client client{server.address};
  ASSERT_TRUE(client.connected);
  Address peer;
  ASSERT_TRUE(server.accept_one(7, peer));
  EXPECT_TRUE(same_ip(peer, server.address));

  client.send("hello");
  ASSERT_TRUE(server.wait_for_event(7, &StreamEvent::readable));
  EXPECT_EQ(read_text(server.streams(), 7), "hello");
  EXPECT_EQ(server.streams().write(7, "good day").size, 8U);
  EXPECT_EQ(client.receive(8), "good day");
  server.streams().close(7);
  EXPECT_EQ(client.receive(1), "");
}

TEST(StreamSockets, CarryAConversationByEpoll) {
  expect_a_conversation<net::EpollIo>();
}

TEST(StreamSockets, CarryAConversationByIoUring) {
  if (!net::probe_uring()) GTEST_SKIP() << "no io_uring here";
  expect_a_conversation<net::UringIo>();
}

template <class Ring>
void expect_events_again_until_they_are_used() {
  Server<Ring> server{0};
  Client client{server.address};
  Address peer;
  ASSERT_TRUE(server.accept_one(0, peer));
  client.send("hello");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(server.wait_for_event(0, &StreamEvent::readable));
  }
  EXPECT_EQ(read_text(server.streams(), 0), "hello");
  server.ring->exchange(0s);
  EXPECT_TRUE(server.streams().events().empty());
}

TEST(StreamSockets, TellAgainWhatWasNotUsedByEpoll) {
  expect_events_again_until_they_are_used<net::EpollIo>();
}

TEST(StreamSockets, TellAgainWhatWasNotUsedByIoUring) {
  if (!net::probe_uring()) GTEST_SKIP() << "no io_uring here";
  expect_events_again_until_they_are_used<net::UringIo>();
}

TEST(StreamSockets, OpenAConnectionFromTheListenersAddress) {
  Server<net::EpollIo> server;
  const Result<net::TcpSocket> target = net::open_tcp(loopback(Family::kIpv4), {});
  ASSERT_TRUE(target);

  ASSERT_EQ(server.streams().connect(3, server.first, target->address), 0);
  ASSERT_TRUE(server.wait_for_event(3, &StreamEvent::writable));
  EXPECT_EQ(server.streams().connect_error(3), 0);
  const net::Descriptor accepted{::accept(target->descriptor.get(), nullptr, nullptr)};
  ASSERT_TRUE(accepted);
  server.streams().watch(3, true, false);
  EXPECT_EQ(::send(accepted.get(), "x", 1, 0), 1);
  ASSERT_TRUE(server.wait_for_event(3, &StreamEvent::readable));
  EXPECT_EQ(read_text(server.streams(), 3), "x");
}

TEST(StreamSockets, TellThatNobodyListens) {
  Server<net::EpollIo> server;
  Address nobody;
  {
    const Result<net::TcpSocket> gone = net::open_tcp(loopback(Family::kIpv4), {.listen = false});
    nobody = gone->address;
  }

  const int error = server.streams().connect(3, server.first, nobody);
  if (error == 0) {
    ASSERT_TRUE(server.wait_for_event(3, &StreamEvent::broken));
    EXPECT_EQ(server.streams().connect_error(3), ECONNREFUSED);
  } else {
    EXPECT_EQ(error, ECONNREFUSED);
  }
}

TEST(StreamSockets, RefuseATargetOfAnotherFamily) {
  Server<net::EpollIo> server;

  EXPECT_EQ(server.streams().connect(1, server.first, *parse_ip("::1", 5'060)), EAFNOSUPPORT);
}

TEST(StreamSockets, TellTheEndAndAReset) {
  Server<net::EpollIo> server;
  Address peer;
  std::array<char, 10> room;
  {
    Client ends{server.address};
    ASSERT_TRUE(server.accept_one(1, peer));
  }
  ASSERT_TRUE(server.wait_for_event(1, &StreamEvent::readable));
  EXPECT_EQ(server.streams().read(1, room).status, StreamStatus::kEnded);
  {
    Client resets{server.address};
    ASSERT_TRUE(server.accept_one(2, peer));
    const linger at_once{1, 0};
    ::setsockopt(resets.fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ASSERT_TRUE(server.wait_for_event(2, &StreamEvent::broken));
  EXPECT_EQ(server.streams().read(2, room).status, StreamStatus::kBroken);
}

TEST(StreamSockets, SayLaterWhenThePeerDoesNotRead) {
  Server<net::EpollIo> server;
  Client client{server.address};
  Address peer;
  ASSERT_TRUE(server.accept_one(1, peer));
  const std::string much(1'000'000, 'x');
  StreamResult wrote;
  std::size_t total = 0;
  for (int i = 0; i < 100; ++i) {
    wrote = server.streams().write(1, much);
    if (wrote.status != StreamStatus::kDone) break;
    total += wrote.size;
  }
  EXPECT_EQ(wrote.status, StreamStatus::kLater);

  server.streams().watch(1, true, true);
  EXPECT_EQ(client.receive(total).size(), total);
  EXPECT_TRUE(server.wait_for_event(1, &StreamEvent::writable));
}

TEST(StreamSockets, TurnSomebodyAwayWhenThereAreNoDescriptors) {
  Server<net::EpollIo> server;
  Client client{server.address};
  ASSERT_TRUE(server.wait_for([&] { return !server.streams().waiting().empty(); }));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const net::Descriptor next{::dup(0)};
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(next.get());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);

  Address peer;
  const AcceptStatus status = server.streams().accept(server.first, 1, peer);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_NE(status, AcceptStatus::kAccepted);
  server.ring->exchange(0s);
  if (status == AcceptStatus::kExhausted) {
    EXPECT_TRUE(server.streams().waiting().empty());
    EXPECT_EQ(client.receive(1), "");
  }
}

TEST(OpenTcp, SaysWhoHasAPort) {
  const Result<net::TcpSocket> first = net::open_tcp(loopback(Family::kIpv4), {});
  ASSERT_TRUE(first);
  const Result<net::TcpSocket> second = net::open_tcp(first->address, {});

  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("ss -ltnp"), std::string::npos);
  EXPECT_EQ(second.error().where, "tcp:" + to_string(first->address));
}

TEST(OpenTcp, SharesAPortIfAsked) {
  const Result<net::TcpSocket> first = net::open_tcp(loopback(Family::kIpv4), {.reuse_port = true});
  ASSERT_TRUE(first);

  EXPECT_TRUE(net::open_tcp(first->address, {.reuse_port = true}));
}

}  // namespace
}  // namespace steer::test
