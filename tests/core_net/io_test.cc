#include "core/net/io.h"

#include <algorithm>
#include <set>
#include <thread>

#include "core/base/hash.h"
#include "tests/core_net/io_fixture.h"
#include "tests/support/alloc_guard.h"

namespace steer::test {
namespace {

TYPED_TEST_SUITE(IoTest, BackEnds, BackEndName);

std::string pattern(std::size_t size, std::uint64_t seed) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>(mix(seed + i / 8) >> (i % 8));
  }
  return text;
}

TYPED_TEST(IoTest, ADatagramTellsItsSourceAndListener) {
  Party<TypeParam> sender{2};
  Party<TypeParam> receiver{3};

  sender.put("hello", receiver.addresses[2], 1);
  sender.io->exchange(0s);
  const auto got = receiver.collect(1);

  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].bytes, "hello");
  EXPECT_EQ(got[0].listener, 2);
  EXPECT_EQ(to_string(got[0].source), to_string(sender.addresses[1]));
}

TYPED_TEST(IoTest, TheLargestDatagramOfIpv4ArrivesWhole) {
  Party<TypeParam> sender;
  Party<TypeParam> receiver;
  const std::string large = pattern(kDatagramSizeMax, 1);

  sender.put(large, receiver.addresses[0]);
  sender.io->exchange(0s);
  const auto got = receiver.collect(1);

  ASSERT_EQ(got.size(), 1U);
  EXPECT_TRUE(got[0].bytes == large);
}

TYPED_TEST(IoTest, TheLargestDatagramOfIpv6ArrivesWhole) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 loopback on this machine";
  Party<TypeParam> sender{1, Family::kIpv6};
  Party<TypeParam> receiver{1, Family::kIpv6};
  const std::string large = pattern(kDatagramSizeMax, 2);

  sender.put(large, receiver.addresses[0]);
  sender.io->exchange(0s);
  const auto got = receiver.collect(1);

  ASSERT_EQ(got.size(), 1U);
  EXPECT_TRUE(got[0].bytes == large);
  EXPECT_EQ(to_string(got[0].source), to_string(sender.addresses[0]));
  EXPECT_EQ(receiver.io->counters().receives_truncated.read(), 0U);
}

TYPED_TEST(IoTest, ADatagramWithoutOctetsArrivesAndTheSocketLivesOn) {
  Party<TypeParam> sender;
  Party<TypeParam> receiver;

  sender.put("", receiver.addresses[0]);
  sender.put("", receiver.addresses[0]);
  sender.put("after", receiver.addresses[0]);
  sender.io->exchange(0s);
  const auto got = receiver.collect(3);

  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].bytes, "");
  EXPECT_EQ(got[1].bytes, "");
  EXPECT_EQ(got[2].bytes, "after");
}

TYPED_TEST(IoTest, AFullBatchOfTheLargestDatagramsLeavesAtOnce) {
  // Spread over sockets, so that a default receive buffer (208 KiB) holds its share.
  constexpr std::size_t kSockets = 32;
  Party<TypeParam> sender;
  Party<TypeParam> receiver{kSockets};
  const std::string large = pattern(kDatagramSizeMax, 3);

  for (std::size_t i = 0; i < kBatchSizeMax; ++i) {
    sender.put(large, receiver.addresses[i % kSockets]);
  }
  EXPECT_EQ(sender.io->outbox().sends().size(), kBatchSizeMax);
  sender.io->exchange(0s);
  const auto got = receiver.collect(kBatchSizeMax);

  ASSERT_EQ(got.size(), kBatchSizeMax);
  EXPECT_TRUE(std::ranges::all_of(got, [&](const auto& one) { return one.bytes == large; }));
  EXPECT_TRUE(sender.io->outbox().sends().empty());
  EXPECT_EQ(sender.io->counters().sends_failed.read(), 0U);
}

TYPED_TEST(IoTest, AFullOutboxOfSmallMessagesLeavesAtOnce) {
  Party<TypeParam> sender{2};
  Party<TypeParam> receiver{4};

  std::size_t count = 0;
  for (; sender.io->outbox().has_room(); ++count) {
    sender.put(std::to_string(count), receiver.addresses[count % 4], count % 2 != 0);
  }
  sender.io->exchange(0s);
  const auto got = receiver.collect(count);

  std::set<std::string> distinct;
  for (const auto& one : got) {
    distinct.insert(one.bytes);
  }
  EXPECT_EQ(distinct.size(), count);
  EXPECT_GT(count, kBatchSizeMax);
}

TYPED_TEST(IoTest, MoreThanABatchWaitsForTheNextExchange) {
  constexpr std::size_t kCount = 3 * kBatchSizeMax + 1;
  Party<TypeParam> sender;
  Party<TypeParam> receiver;

  for (std::size_t i = 0; i < kCount; ++i) {
    sender.put(std::to_string(i), receiver.addresses[0]);
    if (i % kBatchSizeMax == 0) sender.io->exchange(0s);
  }
  sender.io->exchange(0s);
  const auto got = receiver.collect(kCount);  // Checks that no harvest is larger than a batch.

  ASSERT_EQ(got.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(got[i].bytes, std::to_string(i));
  }
}

TYPED_TEST(IoTest, MoreThanAllReceiveBuffersLosesNothing) {
  constexpr std::size_t kCount = 2 * kReceiveBufferCount;
  constexpr std::size_t kSockets = 8;  // A default receive buffer holds the share of each.
  Party<TypeParam> sender;
  Party<TypeParam> receiver{kSockets};

  receiver.io->exchange(0s);  // Armed before the flood.
  for (std::size_t i = 0; i < kCount; ++i) {
    sender.put(std::to_string(i), receiver.addresses[i % kSockets]);
    if (i % kBatchSizeMax == 0) sender.io->exchange(0s);
  }
  sender.io->exchange(0s);
  const auto got = receiver.collect(kCount);

  std::set<std::string> distinct;
  for (const auto& one : got) {
    distinct.insert(one.bytes);
  }
  EXPECT_EQ(distinct.size(), kCount);
  if (std::is_same_v<TypeParam, net::UringIo>) {
    EXPECT_GT(receiver.io->counters().buffers_exhausted.read(), 0U);
    EXPECT_GT(receiver.io->counters().receives_rearmed.read(), 0U);
  }
}

TYPED_TEST(IoTest, ABusySocketDoesNotKeepAnotherWaiting) {
  constexpr std::size_t kFlood = 6 * kBatchSizeMax;
  Party<TypeParam> sender;
  Party<TypeParam> receiver{4};

  receiver.io->exchange(0s);
  for (std::size_t i = 0; i < kFlood; ++i) {
    sender.put("flood", receiver.addresses[0]);
    if (i % kBatchSizeMax == 0) sender.io->exchange(0s);
  }
  sender.put("quiet", receiver.addresses[3]);
  sender.io->exchange(0s);
  const auto got = receiver.collect(2 * kBatchSizeMax);

  EXPECT_TRUE(std::ranges::any_of(got, [](const auto& one) { return one.bytes == "quiet"; }));
}

TYPED_TEST(IoTest, ATimeoutIsHonoured) {
  Party<TypeParam> party;

  const Instant begin = party.io->exchange(0s).now;
  net::Harvest harvest = party.io->exchange(15ms);
  // An exchange may return early: a ring that an earlier test closed can interrupt it.
  for (int early = 0; early < 3 && harvest.now - begin < 15ms; ++early) {
    harvest = party.io->exchange(15ms);
  }

  EXPECT_GE(harvest.now - begin, 15ms);
  EXPECT_LT(harvest.now - begin, kPatience);
  EXPECT_TRUE(harvest.datagrams.empty());
  EXPECT_FALSE(harvest.woken);
}

TYPED_TEST(IoTest, ATimeoutOfNothingDoesNotWait) {
  Party<TypeParam> party;

  const Instant begin = party.io->exchange(0s).now;
  Instant end = begin;
  for (int i = 0; i < 10; ++i) {
    end = party.io->exchange(0s).now;
  }

  EXPECT_LT(end - begin, kPatience);
}

TYPED_TEST(IoTest, AWakeBeforeTheExchangeIsNotLost) {
  Party<TypeParam> party;
  party.io->exchange(0s);

  party.waker.wake();
  party.waker.wake();

  EXPECT_TRUE(party.io->exchange(kPatience).woken);
  EXPECT_FALSE(party.io->exchange(0s).woken);
  party.waker.wake();
  EXPECT_TRUE(party.io->exchange(kPatience).woken);
}

TYPED_TEST(IoTest, AnotherThreadEndsAWaitWithoutLimit) {
  Party<TypeParam> party;
  party.io->exchange(0s);

  std::thread other{[&] { party.waker.wake(); }};
  bool woken = false;
  for (int i = 0; i < 10 && !woken; ++i) {
    woken = party.io->exchange(-1s).woken;
  }
  other.join();

  EXPECT_TRUE(woken);
}

TYPED_TEST(IoTest, AnIoMayBeOpenedByAnotherThreadThanTheOneThatUsesIt) {
  Party<TypeParam> sender;
  Party<TypeParam> receiver;

  std::size_t count = 0;
  std::thread user{[&] {
    sender.put("from a thread", receiver.addresses[0]);
    sender.io->exchange(0s);
    count = receiver.collect(1).size();
  }};
  user.join();

  EXPECT_EQ(count, 1U);
}

TYPED_TEST(IoTest, AMessageThatCannotLeaveIsCountedAndCostsNoOther) {
  Party<TypeParam> sender;
  Party<TypeParam> receiver;

  sender.put("one", receiver.addresses[0]);
  sender.put("wrong family", *parse_ip("::1", 9));
  sender.put("no such network", *parse_ip("255.255.255.255", 9));
  sender.put("two", receiver.addresses[0]);
  sender.io->exchange(0s);
  const auto got = receiver.collect(2);

  EXPECT_EQ(got.size(), 2U);
  EXPECT_EQ(sender.io->counters().sends_failed.read(), 2U);
}

TYPED_TEST(IoTest, AnExchangeDoesNotAllocate) {
  Party<TypeParam> sender;
  Party<TypeParam> receiver;
  const auto round = [&] {
    for (int i = 0; i < 32; ++i) {
      std::memcpy(sender.io->outbox().slot().data(), "x", 1);
      sender.io->outbox().commit(1, receiver.addresses[0], ListenerIndex{0});
    }
    sender.io->exchange(0s);
    return receiver.io->exchange(kPatience).datagrams.size();
  };
  for (int i = 0; i < 10; ++i) {
    round();
  }

  const AllocGuard guard;
  std::size_t received = 0;
  for (int i = 0; i < 100; ++i) {
    received += round();
  }

  EXPECT_EQ(guard.count(), 0U);
  EXPECT_GT(received, 1'000U);
}

TYPED_TEST(IoTest, ClosingFreesThePort) {
  std::vector<Address> addresses;
  {
    Party<TypeParam> party{4};
    party.io->exchange(0s);
    addresses = party.addresses;
  }

  for (const Address& address : addresses) {
    const Result<net::UdpSocket> again = net::open_udp(address, {});
    EXPECT_TRUE(again.has_value()) << again.error().text();
  }
}

TYPED_TEST(IoTest, NoSocketIsRefused) {
  const Result<net::Waker> waker = net::Waker::open();

  const auto io = TypeParam::open({}, *waker);

  EXPECT_FALSE(io.has_value());
}

TYPED_TEST(IoTest, AsManySocketsAsListenersAreServedAndOneMoreIsRefused) {
  Party<TypeParam> sender;
  Party<TypeParam> full{kListenerCountMax};
  const Result<net::Waker> waker = net::Waker::open();

  for (const Address& address : full.addresses) {
    sender.put("x", address);
  }
  sender.io->exchange(0s);
  const auto refused =
      TypeParam::open(Party<TypeParam>::open_all(kListenerCountMax + 1, Family::kIpv4), *waker);

  EXPECT_EQ(full.collect(kListenerCountMax).size(), kListenerCountMax);
  EXPECT_FALSE(refused.has_value());
}

}  // namespace
}  // namespace steer::test
