#include "core/base/hand_over.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"

namespace steer {
namespace {

constexpr auto kRoom = [] { return true; };

Datagram datagram(std::string_view bytes) {
  return {.bytes = bytes, .source = ipv4(192, 0, 2, 1, 5'060), .listener = {}};
}

std::vector<std::string> taken_by(HandOver& hand_over, std::size_t to, std::size_t most = 64) {
  std::vector<std::string> taken;
  hand_over.take(to, most, kRoom,
                 [&](const Datagram& d, std::uint16_t) { taken.emplace_back(d.bytes); });
  return taken;
}

TEST(HandOver, BringsADatagramToItsShardAndToNoOther) {
  HandOver hand_over{3};
  ASSERT_TRUE(hand_over.push(0, 2, datagram("call")));
  hand_over.publish(0, [](std::size_t) { FAIL() << "nobody sleeps"; });

  EXPECT_TRUE(taken_by(hand_over, 1).empty());
  EXPECT_EQ(taken_by(hand_over, 2), std::vector<std::string>{"call"});
  EXPECT_TRUE(taken_by(hand_over, 2).empty());
}

TEST(HandOver, AnErrorGoesWithItsOctets) {
  HandOver hand_over{2};
  ASSERT_TRUE(hand_over.push(0, 1, datagram("quote"), 111));
  ASSERT_TRUE(hand_over.push(0, 1, datagram("datagram")));
  hand_over.publish(0, [](std::size_t) {});

  std::vector<int> errors;
  hand_over.take(1, 64, kRoom, [&](const Datagram&, std::uint16_t e) { errors.push_back(e); });

  EXPECT_EQ(errors, (std::vector{111, 0}));
}

TEST(HandOver, WakesWhoSleepsAndOnce) {
  HandOver hand_over{2};
  ASSERT_TRUE(hand_over.may_sleep(1));
  std::vector<std::size_t> woken;
  const auto wake = [&](std::size_t shard) { woken.push_back(shard); };

  ASSERT_TRUE(hand_over.push(0, 1, datagram("one")));
  hand_over.publish(0, wake);
  ASSERT_TRUE(hand_over.push(0, 1, datagram("two")));
  hand_over.publish(0, wake);
  hand_over.publish(0, wake);

  EXPECT_EQ(woken, std::vector<std::size_t>{1});
}

TEST(HandOver, LetsNobodySleepOverWhatLiesThere) {
  HandOver hand_over{2};
  ASSERT_TRUE(hand_over.push(0, 1, datagram("one")));
  hand_over.publish(0, [](std::size_t) {});

  EXPECT_FALSE(hand_over.may_sleep(1));
  EXPECT_EQ(taken_by(hand_over, 1).size(), 1U);
  EXPECT_TRUE(hand_over.may_sleep(1));
}

TEST(HandOver, TakesFromEachShardInTurnAndNoMoreThanAsked) {
  HandOver hand_over{3};
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(hand_over.push(0, 2, datagram("a")));
  }
  ASSERT_TRUE(hand_over.push(1, 2, datagram("b")));
  hand_over.publish(0, [](std::size_t) {});
  hand_over.publish(1, [](std::size_t) {});

  const std::vector<std::string> taken = taken_by(hand_over, 2, 16);

  EXPECT_LE(taken.size(), 16U);
  EXPECT_EQ(std::ranges::count(taken, "b"), 1) << "one that talks much keeps nobody waiting";
  std::size_t total = taken.size();
  while (const std::size_t more = taken_by(hand_over, 2, 16).size()) {
    total += more;
  }
  EXPECT_EQ(total, 101U);
}

TEST(HandOver, LeavesTheRestWhenThereIsNoRoom) {
  HandOver hand_over{2};
  ASSERT_TRUE(hand_over.push(0, 1, datagram("one")));
  ASSERT_TRUE(hand_over.push(0, 1, datagram("two")));
  hand_over.publish(0, [](std::size_t) {});
  int room = 1;
  std::size_t count =
      hand_over.take(1, 64, [&] { return room-- > 0; }, [](const Datagram&, std::uint16_t) {});

  EXPECT_EQ(count, 1U);
  EXPECT_EQ(taken_by(hand_over, 1), std::vector<std::string>{"two"});
}

TEST(HandOver, SaysNoWhenFullAndDoesNotAllocate) {
  HandOver hand_over{2};
  const std::string large(kDatagramSizeMax, 'x');
  const test::AllocGuard guard;
  std::size_t count = 0;
  while (hand_over.push(0, 1, datagram(large))) {
    ++count;
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_GE(count, kHandOverSize / (kDatagramSizeMax + kCacheLine) - 1);
}

TEST(HandOver, OneShardAloneSleepsAndTakesNothing) {
  HandOver hand_over{1};
  EXPECT_TRUE(hand_over.may_sleep(0));
  EXPECT_TRUE(taken_by(hand_over, 0).empty());
  hand_over.publish(0, [](std::size_t) { FAIL(); });
}

// Both hand each other everything; who sleeps must be woken, or this never ends. Under the thread
// sanitizer also the proof that nothing races.
TEST(HandOver, NobodySleepsForEver) {
  constexpr std::size_t kCount = 20'000;
  HandOver hand_over{2};
  std::vector<std::atomic<bool>> woken(2);
  const auto run = [&](std::size_t self) {
    const std::size_t other = 1 - self;
    std::size_t sent = 0;
    std::size_t got = 0;
    while (sent < kCount || got < kCount) {
      for (int i = 0; i < 7 && sent < kCount; ++i) {
        if (!hand_over.push(self, other, datagram("some octets"))) break;
        ++sent;
      }
      hand_over.publish(self, [&](std::size_t to) { woken[to].store(true); });
      got += hand_over.take(self, 64, kRoom, [](const Datagram&, std::uint16_t) {});
      if (sent < kCount || got == kCount || !hand_over.may_sleep(self)) continue;
      while (!woken[self].exchange(false)) {
        std::this_thread::yield();
      }
      hand_over.is_awake(self);
    }
  };
  std::thread one{run, 0};
  std::thread two{run, 1};
  one.join();
  two.join();
}

}  // namespace
}  // namespace steer
