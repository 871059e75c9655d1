#include "core/base/datagram_ring.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"

namespace steer {
namespace {

Datagram datagram(std::string_view bytes, std::uint16_t port = 5'060) {
  return {.bytes = bytes, .source = ipv4(192, 0, 2, 1, port), .listener = {3}};
}

TEST(DatagramRing, GivesWhatWasPushedInOrderWithWhereItCameFrom) {
  DatagramRing ring{0};
  ASSERT_TRUE(ring.push(datagram("one", 1)));
  ASSERT_TRUE(ring.push(datagram("", 2)));
  ASSERT_TRUE(ring.push(datagram("three", 3)));
  ASSERT_TRUE(ring.publish());

  Datagram taken;
  ASSERT_TRUE(ring.take(taken));
  EXPECT_EQ(taken.bytes, "one");
  EXPECT_EQ(taken.source, ipv4(192, 0, 2, 1, 1));
  EXPECT_EQ(taken.listener.value, 3);
  ASSERT_TRUE(ring.take(taken));
  EXPECT_EQ(taken.bytes, "");
  ASSERT_TRUE(ring.take(taken));
  EXPECT_EQ(taken.bytes, "three");
  EXPECT_FALSE(ring.take(taken));
}

TEST(DatagramRing, ShowsNothingBeforeItIsPublished) {
  DatagramRing ring{0};
  ASSERT_TRUE(ring.push(datagram("one")));

  Datagram taken;
  EXPECT_FALSE(ring.take(taken));
  EXPECT_TRUE(ring.is_empty());
  EXPECT_TRUE(ring.publish());
  EXPECT_FALSE(ring.is_empty());
  EXPECT_TRUE(ring.take(taken));
  EXPECT_TRUE(ring.is_empty());
  EXPECT_FALSE(ring.publish()) << "nothing new: nobody needs to be woken";
}

TEST(DatagramRing, SaysNoWhenFullAndYesAgainOnceSomeWereGivenBack) {
  DatagramRing ring{0};
  const std::string large(kDatagramSizeMax, 'x');
  std::size_t count = 0;
  while (ring.push(datagram(large))) {
    ++count;
  }
  ring.publish();
  ASSERT_GE(count, 2U);

  Datagram taken;
  ASSERT_TRUE(ring.take(taken));
  EXPECT_FALSE(ring.push(datagram(large))) << "taken, but still looked at";
  for (std::size_t i = 1; i < count; ++i) {
    ASSERT_TRUE(ring.take(taken));
  }
  ring.give_back();
  EXPECT_TRUE(ring.push(datagram(large)));
}

TEST(DatagramRing, TakesEverySizeAtEveryPlace) {
  DatagramRing ring{0};
  for (std::size_t round = 0; round < 4'000; ++round) {
    const std::string bytes(round * 37 % 4'000, static_cast<char>('a' + round % 26));
    ASSERT_TRUE(ring.push(datagram(bytes)));
    ring.publish();
    Datagram taken;
    ASSERT_TRUE(ring.take(taken));
    ASSERT_EQ(taken.bytes, bytes) << "round " << round;
    ring.give_back();
  }
}

TEST(DatagramRing, DoesNotAllocate) {
  DatagramRing ring{0};
  const test::AllocGuard guard;
  Datagram taken;
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(ring.push(datagram("some octets")));
    ring.publish();
    static_cast<void>(ring.take(taken));
    ring.give_back();
  }
  EXPECT_EQ(guard.count(), 0U);
}

// Under the thread sanitizer this is the proof that nothing races.
TEST(DatagramRing, LosesNothingBetweenTwoThreads) {
  constexpr std::uint64_t kCount = 200'000;
  DatagramRing ring{0};
  std::thread producer{[&ring] {
    for (std::uint64_t n = 0; n < kCount;) {
      std::string bytes(8 + n * 13 % 1'400, '\0');
      std::memcpy(bytes.data(), &n, sizeof n);
      if (ring.push(datagram(bytes, static_cast<std::uint16_t>(n)))) ++n;
      if (n % 16 == 0) ring.publish();
    }
    ring.publish();
  }};

  std::uint64_t expected = 0;
  std::uint64_t wrong = 0;
  while (expected < kCount) {
    Datagram taken;
    while (ring.take(taken)) {
      std::uint64_t n = 0;
      std::memcpy(&n, taken.bytes.data(), sizeof n);
      const bool right = n == expected && taken.bytes.size() == 8 + n * 13 % 1'400 &&
                         taken.source.port == static_cast<std::uint16_t>(n);
      wrong += right ? 0 : 1;
      ++expected;
    }
    ring.give_back();
  }
  producer.join();

  EXPECT_EQ(wrong, 0U);
}

TEST(DatagramRing, CarriesTheConnectionThatAMessageCameBy) {
  DatagramRing ring{0};
  Datagram by_stream = datagram("by stream");
  by_stream.connection = ConnectionId::make(3, 77, 9);
  ASSERT_TRUE(ring.push(by_stream, 5));
  ASSERT_TRUE(ring.push(datagram("plain")));
  ASSERT_TRUE(ring.publish());

  Datagram taken;
  std::uint16_t error = 0;
  ASSERT_TRUE(ring.take(taken, error));
  EXPECT_EQ(taken.bytes, "by stream");
  EXPECT_EQ(taken.connection, by_stream.connection);
  EXPECT_EQ(error, 5);
  ASSERT_TRUE(ring.take(taken, error));
  EXPECT_EQ(taken.bytes, "plain");
  EXPECT_FALSE(taken.connection);
}

}  // namespace
}  // namespace steer
