#include "tools/sipsteer/event_log.h"

#include <gtest/gtest.h>

namespace steer {
namespace {

using namespace std::chrono_literals;
using health::EffectiveState;

constexpr WallTime kStart{1'790'000'000'000ms};
const std::string kUri = "sip:192.0.2.1";
const EntryName kEntry{{1}, kUri};

Occasion by(EventCause cause, WallTime at = kStart + 1h, std::string reason = "why") {
  return {.cause = cause, .reason = std::move(reason), .at = at, .generation = 7};
}

EntryFacts facts(EffectiveState state, std::uint32_t weight = 1) {
  return {.state = state, .weight = weight};
}

std::vector<admin::Event> events(const EventLog& log, std::uint64_t from = 1) {
  return log.answer({.from = from}).events;
}

EventLog log_with_one() {
  EventLog log;
  log.learn(kEntry, kUri, facts(EffectiveState::kActive), kStart);
  return log;
}

TEST(EventLog, WhatIsLearntIsNoEvent) {
  const EventLog log = log_with_one();

  EXPECT_TRUE(events(log).empty());
  ASSERT_NE(log.find(kEntry), nullptr);
  EXPECT_EQ(log.find(kEntry)->since, kStart);
}

TEST(EventLog, AChangeOfTheStateTellsAllOfIt) {
  EventLog log = log_with_one();

  log.observe(kEntry, kUri, facts(EffectiveState::kProbing), by(EventCause::kProbe));

  ASSERT_EQ(events(log).size(), 1U);
  const admin::Event event = events(log).front();
  EXPECT_EQ(event.sequence, 1U);
  EXPECT_EQ(event.set, 1U);
  EXPECT_EQ(event.destination, kUri);
  EXPECT_EQ(event.before, "active");
  EXPECT_EQ(event.after, "probing");
  EXPECT_EQ(event.cause, "probe");
  EXPECT_EQ(event.reason, "why");
  EXPECT_EQ(event.at, kStart + 1h);
  EXPECT_EQ(event.before_since, kStart);
  EXPECT_EQ(event.generation, 7U);
}

TEST(EventLog, WhatStaysAsItIsIsNoEvent) {
  EventLog log = log_with_one();

  log.observe(kEntry, kUri, facts(EffectiveState::kActive), by(EventCause::kReload));

  EXPECT_TRUE(events(log).empty());
  EXPECT_EQ(log.find(kEntry)->since, kStart);
}

TEST(EventLog, ANewEntryComesFromAbsent) {
  EventLog log;

  log.observe(kEntry, kUri, facts(EffectiveState::kActive), by(EventCause::kReload));

  ASSERT_EQ(events(log).size(), 1U);
  EXPECT_EQ(events(log).front().before, "absent");
  EXPECT_EQ(events(log).front().after, "active");
}

TEST(EventLog, OneThatIsCalledOtherwiseIsNoNewOne) {
  EventLog log = log_with_one();
  const EntryName named{{1}, "as1"};

  log.rename(kEntry, named);
  log.begin_sweep();
  log.observe(named, kUri, facts(EffectiveState::kActive), by(EventCause::kReload));
  log.end_sweep(by(EventCause::kReload));

  EXPECT_TRUE(events(log).empty());
  EXPECT_EQ(log.find(named)->since, kStart);
  EXPECT_EQ(log.find(kEntry), nullptr);
}

TEST(EventLog, WhoASweepDidNotSeeIsGone) {
  EventLog log = log_with_one();
  const EntryName other{{2}, kUri};
  log.learn(other, kUri, facts(EffectiveState::kActive), kStart);

  log.begin_sweep();
  log.observe(other, kUri, facts(EffectiveState::kActive), by(EventCause::kReload));
  log.end_sweep(by(EventCause::kReload));

  ASSERT_EQ(events(log).size(), 1U);
  EXPECT_EQ(events(log).front().set, 1U);
  EXPECT_EQ(events(log).front().after, "absent");
  EXPECT_EQ(log.find(kEntry), nullptr);
  EXPECT_NE(log.find(other), nullptr);
}

TEST(EventLog, StateAndWeightThatChangeTogetherAreTwoEvents) {
  EventLog log = log_with_one();

  log.observe(kEntry, kUri, facts(EffectiveState::kDraining, 5), by(EventCause::kOperator));

  ASSERT_EQ(events(log).size(), 2U);
  EXPECT_EQ(events(log)[0].after, "draining");
  EXPECT_EQ(events(log)[1].before, "weight 1");
  EXPECT_EQ(events(log)[1].after, "weight 5");
}

TEST(EventLog, AWeightDoesNotTouchSinceWhenTheStateIs) {
  EventLog log = log_with_one();

  log.observe(kEntry, kUri, facts(EffectiveState::kActive, 5), by(EventCause::kOperator));

  EXPECT_EQ(log.find(kEntry)->since, kStart);
  EXPECT_EQ(log.find(kEntry)->weight_since, kStart + 1h);
  EXPECT_TRUE(log.find(kEntry)->changes.empty());
}

TEST(EventLog, APauseIsToldOnlyOfWhoWouldTakeCalls) {
  EventLog log = log_with_one();
  EntryFacts paused = facts(EffectiveState::kActive);
  paused.paused = true;

  log.observe(kEntry, kUri, paused, by(EventCause::kTraffic));
  log.observe(kEntry, kUri, facts(EffectiveState::kActive), by(EventCause::kTraffic));
  ASSERT_EQ(events(log).size(), 2U);
  EXPECT_EQ(events(log)[0].after, "paused");
  EXPECT_EQ(events(log)[1].before, "paused");
  EXPECT_TRUE(log.find(kEntry)->changes.empty()) << "it was active all the time";

  paused.state = EffectiveState::kDisabled;
  log.observe(kEntry, kUri, paused, by(EventCause::kOperator));
  EXPECT_EQ(events(log, 3).at(0).after, "disabled");
}

TEST(EventLog, CountsHowOftenAnEntryBecameWhatAndWhy) {
  EventLog log = log_with_one();
  for (int i = 0; i < 3; ++i) {
    log.observe(kEntry, kUri, facts(EffectiveState::kProbing), by(EventCause::kProbe));
    log.observe(kEntry, kUri, facts(EffectiveState::kActive), by(EventCause::kProbe));
  }
  log.observe(kEntry, kUri, facts(EffectiveState::kProbing), by(EventCause::kTraffic));

  const auto& changes = log.find(kEntry)->changes;

  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].to, EffectiveState::kProbing);
  EXPECT_EQ(changes[0].count, 3U);
  EXPECT_EQ(changes[2].cause, EventCause::kTraffic);
  EXPECT_EQ(changes[2].count, 1U);
}

TEST(EventLog, TheProcessHasEventsWithoutADestination) {
  EventLog log;

  log.note_process("absent", "active", by(EventCause::kStart, kStart));
  log.note_process("active", "draining", by(EventCause::kOperator));

  ASSERT_EQ(events(log).size(), 2U);
  EXPECT_EQ(events(log)[1].set, 0U);
  EXPECT_EQ(events(log)[1].destination, "");
  EXPECT_EQ(events(log)[1].before_since, kStart);
}

TEST(EventLog, IsAskedPieceByPiece) {
  EventLog log;
  for (int i = 0; i < 10; ++i) {
    log.note_process("a", "b", by(EventCause::kOperator));
  }

  const admin::EventsAnswer first = log.answer({.from = 1, .count_max = 4});
  const admin::EventsAnswer second = log.answer({.from = first.next, .count_max = 100});

  EXPECT_EQ(first.events.size(), 4U);
  EXPECT_EQ(first.next, 5U);
  EXPECT_FALSE(first.lost);
  EXPECT_EQ(second.events.size(), 6U);
  EXPECT_EQ(second.events.front().sequence, 5U);
  EXPECT_EQ(second.next, 11U);
}

TEST(EventLog, KeepsSoManyAndSaysThatOlderOnesAreLost) {
  EventLog log;
  for (std::size_t i = 0; i < EventLog::kEventCountMax; ++i) {
    log.note_process("a", "b", by(EventCause::kOperator));
  }
  EXPECT_FALSE(log.answer({.from = 1}).lost);

  log.note_process("a", "b", by(EventCause::kOperator));
  const admin::EventsAnswer answer = log.answer({.from = 1, .count_max = 10'000});

  EXPECT_TRUE(answer.lost);
  EXPECT_EQ(answer.events.size(), EventLog::kEventCountMax);
  EXPECT_EQ(answer.events.front().sequence, 2U);
  EXPECT_FALSE(log.answer({.from = 2}).lost);
}

TEST(EventLog, QuestionsFromBeyondTheEndGetNothing) {
  const EventLog log = log_with_one();

  for (const std::uint64_t from : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    EXPECT_TRUE(log.answer({.from = from}).events.empty());
    EXPECT_EQ(log.answer({.from = from}).next, 1U);
  }
  EXPECT_TRUE(log.answer({.from = 1, .count_max = 0}).events.empty());
}

TEST(EventLogLine, SaysWhoWhatWhyAndHowLongItHadBeen) {
  EventLog log = log_with_one();
  log.observe(kEntry, kUri, facts(EffectiveState::kProbing),
              by(EventCause::kProbe, kStart + 5min, "3 of 3 unanswered"));

  EXPECT_EQ(log_line(events(log).front()),
            "1/sip:192.0.2.1 active -> probing by probe: 3 of 3 unanswered; it had been active "
            "for 5m");
  EXPECT_TRUE(is_loss(events(log).front()));
}

TEST(EventLogLine, ANewOneHadNotBeenAnything) {
  EventLog log;
  log.observe(kEntry, kUri, facts(EffectiveState::kActive), by(EventCause::kReload, kStart, ""));

  EXPECT_EQ(log_line(events(log).front()), "1/sip:192.0.2.1 absent -> active by reload");
  EXPECT_FALSE(is_loss(events(log).front()));
}

}  // namespace
}  // namespace steer
