#include "tools/sipsteer/operator_desk.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/admin/temporary_folder.h"
#include "tests/dispatch/world.h"

namespace steer {
namespace {

using namespace std::chrono_literals;
using admin::RefusalKind;
using dispatch::Intent;

constexpr WallTime kNow{1'790'000'000'000ms};
constexpr Instant kInstant{1'000s};
const std::string kFirst = "1/sip:10.0.0.1:5060";

// A desk over a list of `count` destinations, with its journal in a folder of its own.
struct Office {
  explicit Office(std::size_t count = 2) { open(count); }

  // As a new process would.
  void open(std::size_t count) {
    desk.reset();
    routing.emplace(RoutingState::Options{.shard_count = 1,
                                          .random_salt = {3},
                                          .probe_sources = {3, test::address_of("192.0.2.1:1")}});
    desk.emplace(*routing, JournalFile{path, "intents.json"});
    restored = desk->restore(kNow);
    routing->take(test::simple_definition(count), kInstant);
  }

  const dispatch::Destination& first() { return routing->snapshot().sets[0].destinations[0]; }

  admin::test::TemporaryFolder folder;
  std::string path = folder.path();
  std::optional<RoutingState> routing;
  std::optional<OperatorDesk> desk;
  OperatorDesk::Restored restored;
};

TEST(OperatorDesk, DrainingKeepsNewCallsAwayAndNotDialogs) {
  Office office;

  const auto done = office.desk->set_state({.destination = kFirst, .state = "draining"}, kNow);

  ASSERT_TRUE(done.has_value()) << done.error().text;
  EXPECT_EQ(done->text, kFirst + " is draining");
  EXPECT_FALSE(office.first().takes_new_requests());
  EXPECT_TRUE(office.first().takes_in_dialog());
}

TEST(OperatorDesk, DisablingKeepsEverythingAway) {
  Office office;

  const auto done =
      office.desk->set_state({.destination = kFirst, .state = "disabled", .lasts = 90min}, kNow);

  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->text, kFirst + " is disabled for 1h30m");
  EXPECT_FALSE(office.first().takes_in_dialog());
}

TEST(OperatorDesk, EnablingTakesTheWordBack) {
  Office office;
  ASSERT_TRUE(office.desk->set_state({.destination = kFirst, .state = "disabled"}, kNow));

  const auto done = office.desk->set_state({.destination = kFirst, .state = "active"}, kNow);

  EXPECT_EQ(done->text, kFirst + " is enabled");
  EXPECT_TRUE(office.first().takes_new_requests());
  EXPECT_TRUE(office.desk->book().all().empty());
}

TEST(OperatorDesk, EnablingWhoIsKeptOutByOthersSaysSo) {
  Office office;
  office.routing->registry()
      .target({Transport::kUdp, test::destination_address(1)}, dispatch::Health::kUp)
      .health.store(dispatch::Health::kDown, std::memory_order_release);

  const auto done = office.desk->set_state({.destination = kFirst, .state = "active"}, kNow);

  EXPECT_NE(done->text.find("its probes fail"), std::string::npos) << done->text;
}

TEST(OperatorDesk, AWeightCountsFromTheNextSnapshotOnAndGoesBack) {
  Office office;
  const auto done = office.desk->set_weight({.destination = kFirst, .weight = 5}, kNow);
  ASSERT_TRUE(done.has_value());
  EXPECT_TRUE(done->new_weight);
  office.routing->renew();
  EXPECT_EQ(office.first().weight, 5U);

  const auto undone = office.desk->set_weight({.destination = kFirst}, kNow);
  EXPECT_EQ(undone->text, kFirst + " has weight 1, as listed");
  office.routing->renew();

  EXPECT_EQ(office.first().weight, 1U);
}

TEST(OperatorDesk, TheLastOneIsProtectedUnlessForced) {
  Office office{1};
  for (const std::string state : {"draining", "disabled"}) {
    const auto refused = office.desk->set_state({.destination = kFirst, .state = state}, kNow);
    ASSERT_FALSE(refused.has_value()) << state;
    EXPECT_EQ(refused.error().kind, RefusalKind::kUnsafe);
  }
  const auto weightless = office.desk->set_weight({.destination = kFirst, .weight = 0}, kNow);
  ASSERT_FALSE(weightless.has_value());
  EXPECT_EQ(weightless.error().kind, RefusalKind::kUnsafe);
  EXPECT_TRUE(office.desk->book().all().empty());

  EXPECT_TRUE(office.desk->set_weight({.destination = kFirst, .weight = 0, .force = true}, kNow));
  EXPECT_TRUE(
      office.desk->set_state({.destination = kFirst, .state = "draining", .force = true}, kNow));
}

TEST(OperatorDesk, WhatMakesNoSenseIsRefusedAndChangesNothing) {
  Office office;

  for (const admin::StateChange& change :
       {admin::StateChange{.destination = kFirst, .state = "off"},
        admin::StateChange{.destination = kFirst, .state = "disabled", .lasts = -1s},
        admin::StateChange{.destination = kFirst, .state = "disabled", .lasts = Duration::max()},
        admin::StateChange{.destination = "9/sip:nobody", .state = "disabled"}}) {
    EXPECT_FALSE(office.desk->set_state(change, kNow).has_value()) << change.state;
  }
  EXPECT_FALSE(
      office.desk->set_weight({.destination = kFirst, .weight = kWeightMax + 1}, kNow).has_value());
  EXPECT_TRUE(office.desk->book().all().empty());
  EXPECT_TRUE(office.first().takes_new_requests());
}

TEST(OperatorDesk, AWordThatIsOverBringsTheDestinationBack) {
  Office office;
  ASSERT_TRUE(
      office.desk->set_state({.destination = kFirst, .state = "disabled", .lasts = 2h}, kNow));
  EXPECT_TRUE(office.desk->expire(kNow + 2h - 1ms).empty());

  const std::vector<OperatorDesk::Done> over = office.desk->expire(kNow + 2h);

  ASSERT_EQ(over.size(), 1U);
  EXPECT_NE(over.front().text.find(kFirst + " is enabled"), std::string::npos);
  EXPECT_TRUE(office.first().takes_new_requests());
}

TEST(OperatorDesk, WordsSurviveARestart) {
  Office office;
  ASSERT_TRUE(office.desk->set_state(
      {.destination = kFirst, .state = "draining", .reason = "new disk"}, kNow));
  ASSERT_TRUE(office.desk->set_weight({.destination = kFirst, .weight = 3}, kNow));

  office.open(2);

  EXPECT_NE(office.restored.text.find("1 destinations"), std::string::npos);
  EXPECT_EQ(office.restored.warning, "");
  EXPECT_FALSE(office.first().takes_new_requests());
  EXPECT_EQ(office.first().weight, 3U);
  EXPECT_EQ(office.desk->book().all().begin()->second.state->reason, "new disk");
}

TEST(OperatorDesk, AWordThatEndedWhileNobodyRanIsNotInForce) {
  Office office;
  ASSERT_TRUE(
      office.desk->set_state({.destination = kFirst, .state = "disabled", .lasts = 1s}, kNow - 1h));

  office.open(2);

  EXPECT_TRUE(office.first().takes_new_requests());
  EXPECT_NE(office.restored.text.find("1 ended meanwhile"), std::string::npos);
}

TEST(OperatorDesk, AWordWaitsForADestinationThatIsNotListed) {
  Office office;
  ASSERT_TRUE(office.desk->set_state({.destination = kFirst, .state = "disabled"}, kNow));
  dispatch::Definition without = test::simple_definition(2);
  without.sets[0].destinations.erase(without.sets[0].destinations.begin());
  office.routing->take(std::move(without), kInstant);
  EXPECT_EQ(office.desk->note_listed(kNow), "");

  office.routing->take(test::simple_definition(2), kInstant);

  EXPECT_TRUE(office.first().entry->is_disabled());
}

TEST(OperatorDesk, WordsForWhoIsGoneForGoodAreForgottenAndSaid) {
  Office office;
  ASSERT_TRUE(office.desk->set_state({.destination = kFirst, .state = "disabled"}, kNow));
  dispatch::Definition other = test::simple_definition(2);
  other.sets[0].destinations.erase(other.sets[0].destinations.begin());
  office.routing->take(std::move(other), kInstant);

  const std::string said = office.desk->note_listed(kNow + IntentBook::kAbsentMax);

  EXPECT_NE(said.find("1 destinations"), std::string::npos);
  EXPECT_TRUE(office.desk->book().all().empty());
}

TEST(OperatorDesk, WithoutAPlaceToWriteTheWordCountsAndTheAnswerSaysSo) {
  Office office;
  std::filesystem::remove_all(office.path);

  const auto done = office.desk->set_state({.destination = kFirst, .state = "disabled"}, kNow);

  ASSERT_TRUE(done.has_value());
  EXPECT_NE(done->text.find("will not survive a restart"), std::string::npos) << done->text;
  EXPECT_NE(done->text.find("make " + office.path + " writable"), std::string::npos);
  EXPECT_TRUE(office.first().entry->is_disabled());
  EXPECT_NE(office.desk->journal_problem(), "");
}

TEST(OperatorDesk, OnlyWhatWasAddedByHandIsRemoved) {
  Office office;
  ASSERT_TRUE(office.desk->add({.set = 1, .uri = "sip:192.0.2.9"}).has_value());

  EXPECT_FALSE(office.desk->remove(1, "sip:10.0.0.1:5060").has_value());
  EXPECT_TRUE(office.desk->remove(1, "sip:192.0.2.9").has_value());
  EXPECT_FALSE(office.desk->remove(1, "sip:192.0.2.9").has_value());
}

TEST(OperatorDesk, AWordFollowsADestinationThatGetsAUniqueId) {
  Office office;
  ASSERT_TRUE(office.desk->set_state({.destination = kFirst, .state = "disabled"}, kNow));
  ASSERT_TRUE(office.desk->set_weight({.destination = kFirst, .weight = 9}, kNow));
  dispatch::Definition named = test::simple_definition(2);
  named.sets[0].destinations[0].unique_id = "as1";

  EXPECT_NE(office.desk->follow(named).find("1 destinations"), std::string::npos);
  office.routing->take(named, kInstant);

  EXPECT_TRUE(office.first().entry->is_disabled());
  EXPECT_EQ(office.first().weight, 9U);
  EXPECT_TRUE(office.desk->set_state({.destination = kFirst, .state = "active"}, kNow));
  EXPECT_TRUE(office.first().takes_new_requests());
}

TEST(OperatorDesk, AWordFollowsADestinationThatGotAUniqueIdWhileNobodyRan) {
  Office office;
  ASSERT_TRUE(office.desk->set_state({.destination = kFirst, .state = "disabled"}, kNow));
  office.open(2);  // The same journal, and then a list with a name in it.
  dispatch::Definition named = test::simple_definition(2);
  named.sets[0].destinations[0].unique_id = "as1";
  RoutingState fresh{{.shard_count = 1,
                      .random_salt = {3},
                      .probe_sources = {3, test::address_of("192.0.2.1:1")}}};
  office.desk.reset();
  OperatorDesk desk{fresh, JournalFile{office.path, "intents.json"}};
  desk.restore(kNow);

  desk.follow(named);
  fresh.take(named, kInstant);

  EXPECT_TRUE(fresh.snapshot().sets[0].destinations[0].entry->is_disabled());
}

// --- plan ---

IntentBook book_of_three() {
  IntentBook book;
  EXPECT_TRUE(book.set_state(
      {{1}, "as1"}, "sip:a",
      {.intent = Intent::kDraining, .reason = "disk", .since = kNow, .until = kNow + 2h}));
  EXPECT_TRUE(book.set_weight({{1}, "as1"}, "sip:a", {.weight = 5, .since = kNow}));
  EXPECT_TRUE(
      book.set_state({{1}, "sip:b"}, "sip:b", {.intent = Intent::kDisabled, .since = kNow}));
  return book;
}

std::vector<dispatch::SetDefinition> listed(
    const std::vector<std::pair<std::string, std::string>>& entries) {
  std::vector<dispatch::SetDefinition> sets{{.id = {1}, .destinations = {}}};
  for (const auto& [uri, id] : entries) {
    sets[0].destinations.emplace_back().uri = uri;
    sets[0].destinations.back().unique_id = id;
  }
  return sets;
}

TEST(WordLines, SayTheWordHowLongAndWhy) {
  const WordLines lines =
      word_lines(book_of_three(), listed({{"sip:a", "as1"}, {"sip:b", ""}}), kNow);

  EXPECT_EQ(lines.kept, (std::vector<std::string>{"1/sip:a: draining for another 2h: disk",
                                                  "1/sip:a: weight 5", "1/sip:b: disabled"}));
  EXPECT_TRUE(lines.waiting.empty());
}

TEST(WordLines, SayWhoIsCalledOtherwiseAndWhoWouldBeGone) {
  const WordLines lines = word_lines(book_of_three(), listed({{"sip:b", "as2"}}), kNow);

  EXPECT_EQ(lines.kept, std::vector<std::string>{"1/sip:b (no duid -> duid as2): disabled"});
  EXPECT_EQ(lines.waiting, (std::vector<std::string>{"1/sip:a: draining for another 2h: disk",
                                                     "1/sip:a: weight 5"}));
  EXPECT_EQ(word_lines(book_of_three(), listed({{"sip:c", "as1"}}), kNow).kept.front(),
            "1/sip:a (now sip:c): draining for another 2h: disk");
}

}  // namespace
}  // namespace steer
