#include <algorithm>
#include <cerrno>

#include "tests/core_net/io_fixture.h"

// An ICMP error caused by one peer must never cost a message to another (IP_RECVERR).

namespace steer::test {
namespace {

template <class T>
class IcmpTest : public IoTest<T> {};
TYPED_TEST_SUITE(IcmpTest, BackEnds, BackEndName);

// A loopback address where nobody listens: `holder` keeps the port on another address.
Address dead_address(const net::UdpSocket& holder) {
  return ipv4(127, 77, 77, 77, holder.address.port);
}

bool names(const std::vector<PeerError>& errors, const Address& peer) {
  return std::ranges::any_of(errors, [&](const PeerError& error) {
    return error.peer == peer && error.error == ECONNREFUSED;
  });
}

template <class T>
void await_error(Party<T>& party) {
  for (int i = 0; i < 100 && party.peer_errors.empty(); ++i) {
    const net::Harvest harvest = party.io->exchange(10ms);
    for (const PeerError& error : harvest.peer_errors) {
      party.peer_errors.push_back(error);
    }
  }
}

TYPED_TEST(IcmpTest, APortWhereNobodyListensIsNamed) {
  const net::UdpSocket holder = open_loopback();
  Party<TypeParam> sender;

  sender.put("anybody there?", dead_address(holder));
  await_error(sender);

  EXPECT_TRUE(names(sender.peer_errors, dead_address(holder)));
  EXPECT_GT(sender.io->counters().icmp_errors.read(), 0U);
}

TYPED_TEST(IcmpTest, AnIpv6PortWhereNobodyListensIsNamed) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 loopback on this machine";
  Party<TypeParam> sender{1, Family::kIpv6};
  const Address dead = [] { return open_loopback(Family::kIpv6).address; }();

  sender.put("anybody there?", dead);
  await_error(sender);

  EXPECT_TRUE(names(sender.peer_errors, dead));
}

// One socket talks to a dead and to a live peer in turn, `window` messages per exchange; the live
// one is emptied after each exchange, so that its socket buffer cannot overflow.
template <class T>
void flood(std::size_t window, std::size_t dead_per_live, std::size_t messages = 20'000) {
  const net::UdpSocket holder = open_loopback();
  const Address dead = dead_address(holder);
  Party<T> sender;
  Party<T> live;
  std::size_t sent = 0;
  std::size_t received = 0;

  for (int i = 0; i < kExchangesMax && sent < messages; ++i) {
    std::size_t batch = 0;
    for (; batch < window && sent < messages; ++batch, ++sent) {
      for (std::size_t d = 0; d < dead_per_live; ++d) {
        sender.put("to nobody", dead);
      }
      sender.put("to somebody", live.addresses[0]);
    }
    const net::Harvest harvest = sender.io->exchange(0s);
    for (const PeerError& error : harvest.peer_errors) {
      sender.peer_errors.push_back(error);
    }
    received += live.collect(batch).size();
    if (received != sent) break;  // Lost one: the answer is known.
  }

  EXPECT_EQ(received, messages) << sent << " were sent";
  EXPECT_EQ(sender.io->counters().sends_failed.read(), 0U);
  // The kernel limits them, and tells of joined messages once.
  const std::size_t trips = kIsJoined<T> ? messages / window : messages;
  EXPECT_GE(sender.io->counters().icmp_errors.read(), trips / 10);
  EXPECT_TRUE(names(sender.peer_errors, dead));
}

TYPED_TEST(IcmpTest, AFloodOfErrorsLosesNothingOneByOne) {
  flood<TypeParam>(1, 1);
}

TYPED_TEST(IcmpTest, AFloodOfErrorsLosesNothingInBatches) {
  flood<TypeParam>(32, 1);
}

TYPED_TEST(IcmpTest, ManyDeadPeersBeforeALiveOneLoseNothing) {
  flood<TypeParam>(4, 40, 1'000);
}

TYPED_TEST(IcmpTest, ReceivingGoesOnWhileErrorsComeIn) {
  constexpr int kRounds = 2'000;
  const net::UdpSocket holder = open_loopback();
  Party<TypeParam> middle;
  Party<TypeParam> friendly;
  int received = 0;

  for (int i = 0; i < kRounds; ++i) {
    middle.put("to nobody", dead_address(holder));
    middle.io->exchange(0s);
    friendly.put("to the middle", middle.addresses[0]);
    friendly.io->exchange(0s);
    received += static_cast<int>(middle.collect(1).size());
  }

  EXPECT_EQ(received, kRounds);
}

}  // namespace
}  // namespace steer::test
