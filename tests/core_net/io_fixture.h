#pragma once

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/net/epoll_io.h"
#include "core/net/socket.h"
#include "core/net/uring_io.h"
#include "core/net/waker.h"

namespace steer::test {

using namespace std::chrono_literals;

inline constexpr Duration kPatience = 2s;      // A wait for the kernel that ends a failing test.
inline constexpr int kExchangesMax = 100'000;  // Bounds every loop round an exchange.

inline Address loopback(Family family, std::uint16_t port = 0) {
  Address address = ipv4(127, 0, 0, 1, port);
  if (family == Family::kIpv6) address = *parse_ip("::1", port);
  return address;
}

inline net::UdpSocket open_loopback(Family family = Family::kIpv4) {
  Result<net::UdpSocket> socket = net::open_udp(loopback(family), {});
  if (!socket) ADD_FAILURE() << socket.error().text();
  return socket ? std::move(*socket) : net::UdpSocket{};
}

inline bool has_ipv6() {
  return net::open_udp(loopback(Family::kIpv6), {}).has_value();
}

// A back end that joins its sends.
template <class Base>
class Joined : public Base {
 public:
  static Result<Joined> open(std::vector<net::UdpSocket> sockets, const net::Waker& waker) {
    Result<Base> base = Base::open(std::move(sockets), waker, {.join_sends = true});
    if (!base) return std::unexpected{base.error()};
    return Joined{std::move(*base)};
  }

 private:
  explicit Joined(Base base) : Base{std::move(base)} {}
};

// One back end over fresh loopback sockets, used by the test's own thread.
template <class T>
struct Party {
  net::Waker waker;
  std::vector<Address> addresses;
  std::optional<T> io;

  explicit Party(std::vector<net::UdpSocket> sockets) {
    for (const net::UdpSocket& socket : sockets) {
      addresses.push_back(socket.address);
    }
    Result<net::Waker> opened = net::Waker::open();
    if (!opened) throw std::runtime_error{opened.error().text()};
    waker = std::move(*opened);
    Result<T> made = T::open(std::move(sockets), waker);
    if (!made) throw std::runtime_error{made.error().text()};
    io.emplace(std::move(*made));
  }
  explicit Party(std::size_t count = 1, Family family = Family::kIpv4)
      : Party{open_all(count, family)} {}

  static std::vector<net::UdpSocket> open_all(std::size_t count, Family family) {
    std::vector<net::UdpSocket> sockets;
    for (std::size_t i = 0; i < count; ++i) {
      sockets.push_back(open_loopback(family));
    }
    return sockets;
  }

  void put(std::string_view bytes, const Address& target, std::uint16_t listener = 0) {
    Outbox& outbox = io->outbox();
    ASSERT_TRUE(outbox.has_room());
    if (!bytes.empty()) std::memcpy(outbox.slot().data(), bytes.data(), bytes.size());
    outbox.commit(bytes.size(), target, ListenerIndex{listener});
  }

  struct Received {
    std::string bytes;
    Address source;
    std::uint16_t listener;
  };
  // Copies what arrives until `count` datagrams are there or nothing came for kPatience.
  std::vector<Received> collect(std::size_t count) {
    std::vector<Received> all;
    for (int i = 0; i < kExchangesMax && all.size() < count; ++i) {
      const Instant before = now;
      const net::Harvest harvest = io->exchange(kPatience);
      now = harvest.now;
      EXPECT_LE(harvest.datagrams.size(), kBatchSizeMax);
      for (const Datagram& datagram : harvest.datagrams) {
        all.push_back({std::string{datagram.bytes}, datagram.source, datagram.listener.value});
      }
      for (const PeerError& error : harvest.peer_errors) {
        peer_errors.push_back(error);
      }
      const bool idle = harvest.datagrams.empty() && harvest.peer_errors.empty();
      if (idle && before != Instant{} && now - before >= kPatience) break;
    }
    return all;
  }

  Instant now{};
  std::vector<PeerError> peer_errors;
};

template <class T>
class IoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if constexpr (std::is_base_of_v<net::UringIo, T>) {
      const Result<net::UringFeatures> features = net::probe_uring();
      if (!features) GTEST_SKIP() << "io_uring is refused here: " << features.error().text();
    }
  }
};

template <class T>
inline constexpr bool kIsJoined =
    !std::is_same_v<T, net::UringIo> && !std::is_same_v<T, net::EpollIo>;

struct BackEndName {
  template <class T>
  static std::string GetName(int) {
    const std::string joined = kIsJoined<T> ? "Joined" : "";
    return (std::is_base_of_v<net::UringIo, T> ? "IoUring" : "Epoll") + joined;
  }
};
using BackEnds =
    ::testing::Types<net::EpollIo, net::UringIo, Joined<net::EpollIo>, Joined<net::UringIo>>;

}  // namespace steer::test
