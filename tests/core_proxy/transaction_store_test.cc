#include "core/proxy/transaction_store.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace steer::proxy {
namespace {

constexpr Instant kStart{std::chrono::hours{1}};
constexpr auto kAny = [](const TransactionRecord&) { return true; };

TransactionStore make_store(std::uint32_t count) {
  return TransactionStore{
      {.transactions = count, .tries = count + count / 4, .octets = 4 * kMiB}, Seed{1}, kStart};
}

TEST(TransactionStore, GivesAsManyAsItHas) {
  TransactionStore store = make_store(4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_NE(store.take_transaction(), kNoRecord);
  }

  EXPECT_EQ(store.take_transaction(), kNoRecord);
  store.release(2);
  EXPECT_EQ(store.take_transaction(), 2U);
  EXPECT_EQ(store.size(), 4U);
}

TEST(TransactionStore, ASlotThatWasGivenAwayAgainIsNotFoundByItsOldBranch) {
  TransactionStore store = make_store(4);
  const std::uint32_t slot = store.take_transaction();
  const std::uint32_t generation = store.transaction(slot).generation;
  ASSERT_NE(store.find(slot, generation), nullptr);

  store.release(slot);
  EXPECT_EQ(store.find(slot, generation), nullptr);
  EXPECT_EQ(store.take_transaction(), slot);

  EXPECT_EQ(store.find(slot, generation), nullptr);
  EXPECT_NE(store.find(slot, generation + 1), nullptr);
  EXPECT_EQ(store.find(3, 0), nullptr) << "never given away";
  EXPECT_EQ(store.find(4'000'000, 0), nullptr) << "outside of the table";
}

TEST(TransactionStore, RecyclesTheOldestThatHasEnded) {
  TransactionStore store = make_store(4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_NE(store.take_transaction(), kNoRecord);
  }
  EXPECT_FALSE(store.recycle());
  store.note_ended(2);
  store.note_ended(0);
  store.note_ended(2);

  EXPECT_TRUE(store.recycle());
  EXPECT_EQ(store.take_transaction(), 2U);
  EXPECT_TRUE(store.recycle());
  EXPECT_EQ(store.take_transaction(), 0U);
  EXPECT_FALSE(store.recycle());
}

TEST(TransactionStore, OneInTheMiddleOfTheEndedOnesCanGo) {
  TransactionStore store = make_store(4);
  for (std::uint32_t i = 0; i < 3; ++i) {
    store.note_ended(store.take_transaction());
  }

  store.release(1);

  EXPECT_TRUE(store.recycle());
  EXPECT_TRUE(store.recycle());
  EXPECT_FALSE(store.recycle());
  EXPECT_EQ(store.size(), 0U);
}

TEST(TransactionStore, ReleasingATransactionReleasesItsTriesOctetsAndTimers) {
  TransactionStore store = make_store(4);
  const std::uint32_t slot = store.take_transaction();
  ASSERT_TRUE(store.add_to_index(slot, "key"));
  store.transaction(slot).request = store.octets.keep("request");
  store.transaction(slot).answer = store.octets.keep("answer");
  store.transaction(slot).best = store.octets.keep("best");
  store.transaction(slot).end_at = kStart + std::chrono::seconds{1};
  store.arm_transaction(slot);
  for (int i = 0; i < 2; ++i) {
    const std::uint32_t number = store.take_try(slot);
    store.attempt(number).ack = store.octets.keep("ack");
    store.attempt(number).end_at = kStart + std::chrono::seconds{1};
    store.arm_try(number);
    store.wait_for_answer(number);
  }

  store.release(slot);

  EXPECT_EQ(store.try_count(), 0U);
  EXPECT_EQ(store.octets.block_count(), 0U);
  EXPECT_EQ(store.timers.size(), 0U);
  EXPECT_EQ(store.find("key", kAny), kNoRecord);
  EXPECT_EQ(store.first_waiting(Address{}), kNoRecord);
}

TEST(TransactionStore, TheTimersOfBothKindsAreToldApart) {
  TransactionStore store = make_store(4);

  EXPECT_FALSE(store.meaning_of(3).is_try);
  EXPECT_TRUE(store.meaning_of(4).is_try);
  EXPECT_EQ(store.meaning_of(4).number, 0U);
}

TEST(TransactionStore, ATimerIsSetForTheFirstOfItsInstants) {
  TransactionStore store = make_store(4);
  const std::uint32_t slot = store.take_transaction();
  const std::uint32_t number = store.take_try(slot);
  TryRecord& attempt = store.attempt(number);
  attempt.repeat_at = kStart + std::chrono::milliseconds{800};
  attempt.leave_at = kStart + std::chrono::milliseconds{400};
  attempt.end_at = kStart + std::chrono::milliseconds{1'200};

  store.arm_try(number);
  EXPECT_EQ(store.timers.next_wakeup(), kStart + std::chrono::milliseconds{400});

  attempt.repeat_at = attempt.leave_at = attempt.end_at = kNever;
  store.arm_try(number);
  EXPECT_EQ(store.timers.next_wakeup(), std::nullopt);
}

TEST(TransactionStore, WaitersOfAnAddressAreFoundUntilTheyAreAnswered) {
  TransactionStore store = make_store(4);
  const Address peer = ipv4(10, 0, 0, 1, 5'060);
  const std::uint32_t slot = store.take_transaction();
  std::vector<std::uint32_t> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(store.take_try(slot));
    store.attempt(waiting.back()).hop.address = peer;
    store.wait_for_answer(waiting.back());
  }

  store.answered(waiting[1]);
  store.answered(waiting[1]);

  EXPECT_EQ(store.first_waiting(peer), waiting[2]);
  EXPECT_EQ(store.attempt(waiting[2]).wait_next, waiting[0]);
  EXPECT_EQ(store.attempt(waiting[0]).wait_next, kNoRecord);
}

TEST(TransactionStore, TheSameKeyIsFoundForWhomItIsAccepted) {
  TransactionStore store = make_store(4);
  const std::uint32_t invite = store.take_transaction();
  const std::uint32_t other = store.take_transaction();
  store.transaction(invite).method = sip::Method::kInvite;
  ASSERT_TRUE(store.add_to_index(invite, "key"));
  ASSERT_TRUE(store.add_to_index(other, "key"));

  const auto is_invite = [](const TransactionRecord& record) {
    return record.method == sip::Method::kInvite;
  };

  EXPECT_EQ(store.find("key", is_invite), invite);
  EXPECT_EQ(store.find("kez", kAny), kNoRecord);
}

// Many keys in a small table: entries lie in each other's way, and move up when one goes.
TEST(TransactionStore, EveryKeyIsFoundWhateverWentBefore) {
  const Seed seed = test::run_seed();
  SCOPED_TRACE(testing::Message() << "--seed=" << seed.value);
  test::Random random{seed.value};
  TransactionStore store = make_store(120);
  std::vector<std::pair<std::uint32_t, std::string>> present;
  for (int step = 0; step < 20'000; ++step) {
    if (present.size() < 120 && random() % 2 == 0) {
      const std::uint32_t slot = store.take_transaction();
      ASSERT_NE(slot, kNoRecord);
      present.emplace_back(slot, "key " + std::to_string(step));
      ASSERT_TRUE(store.add_to_index(slot, present.back().second));
    } else if (!present.empty()) {
      const std::size_t which = random() % present.size();
      store.release(present[which].first);
      ASSERT_EQ(store.find(present[which].second, kAny), kNoRecord);
      present[which] = present.back();
      present.pop_back();
    }
    for (std::size_t i = 0; i < present.size(); i += 7) {
      ASSERT_EQ(store.find(present[i].second, kAny), present[i].first);
    }
  }
}

}  // namespace
}  // namespace steer::proxy
