#include "tools/sipsteer/intent_book.h"

#include <gtest/gtest.h>

namespace steer {
namespace {

using namespace std::chrono_literals;
using dispatch::Intent;

constexpr WallTime kNow{1'790'000'000'000ms};
const std::string kUri = "sip:192.0.2.1";
const EntryName kFirst{{1}, "sip:192.0.2.1"};
const EntryName kSecond{{2}, "sip:192.0.2.1"};

admin::StateWord disabled(std::optional<WallTime> until = std::nullopt) {
  return {.intent = Intent::kDisabled, .reason = "why", .since = kNow, .until = until};
}

EntryName numbered(std::size_t n) {
  return {{1}, "sip:" + std::to_string(n)};
}

TEST(IntentBook, AWordIsHeldPerEntry) {
  IntentBook book;

  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled()));

  ASSERT_NE(book.find(kFirst), nullptr);
  EXPECT_EQ(book.find(kFirst)->state->intent, Intent::kDisabled);
  EXPECT_EQ(book.find(kSecond), nullptr);
}

TEST(IntentBook, StateAndWeightAreWordsOfTheirOwn) {
  IntentBook book;
  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled()));
  EXPECT_TRUE(book.set_weight(kFirst, kUri, {.weight = 5, .since = kNow}));

  EXPECT_TRUE(book.take_back_state(kFirst));
  ASSERT_NE(book.find(kFirst), nullptr);
  EXPECT_EQ(book.find(kFirst)->weight->weight, 5U);

  EXPECT_TRUE(book.take_back_weight(kFirst));
  EXPECT_EQ(book.find(kFirst), nullptr);
}

TEST(IntentBook, WhatWasNotSaidCannotBeTakenBack) {
  IntentBook book;
  EXPECT_TRUE(book.set_weight(kFirst, kUri, {.weight = 5, .since = kNow}));

  EXPECT_FALSE(book.take_back_state(kFirst));
  EXPECT_FALSE(book.take_back_weight(kSecond));
  EXPECT_FALSE(book.remove(1, kUri));
}

TEST(IntentBook, EveryChangeIsARevision) {
  IntentBook book;
  std::uint64_t last = book.revision();
  const auto grew = [&] { return std::exchange(last, book.revision()) < book.revision(); };

  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled()));
  EXPECT_TRUE(grew());
  EXPECT_TRUE(book.set_weight(kFirst, kUri, {.weight = 5, .since = kNow}));
  EXPECT_TRUE(grew());
  book.take_back_state(kFirst);
  EXPECT_TRUE(grew());
  EXPECT_FALSE(book.take_back_state(kFirst));
  EXPECT_FALSE(grew());
  EXPECT_TRUE(book.add({.set = 1, .uri = kUri}));
  EXPECT_TRUE(grew());
  EXPECT_TRUE(book.remove(1, kUri));
  EXPECT_TRUE(grew());
}

TEST(IntentBook, AWordEndsAtItsInstantAndNotBefore) {
  IntentBook book;
  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled(kNow + 2h)));

  EXPECT_TRUE(book.expire(kNow + 2h - 1ms).empty());
  const std::vector<ExpiredWord> expired = book.expire(kNow + 2h);

  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired.front().name, kFirst);
  EXPECT_TRUE(expired.front().was_state);
  EXPECT_EQ(book.find(kFirst), nullptr);
}

TEST(IntentBook, AWordWithoutAnEndStays) {
  IntentBook book;
  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled()));

  EXPECT_TRUE(book.expire(kNow + 24h * 3'650).empty());
}

TEST(IntentBook, WordsForWhoIsNotListedStayForAWhile) {
  IntentBook book;
  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled()));

  EXPECT_TRUE(book.note_listed({}, kNow + IntentBook::kAbsentMax - 1ms).empty());
  EXPECT_NE(book.find(kFirst), nullptr);
  EXPECT_EQ(book.note_listed({}, kNow + IntentBook::kAbsentMax).size(), 1U);
  EXPECT_EQ(book.find(kFirst), nullptr);
}

TEST(IntentBook, WhoIsListedKeepsItsWordForEver) {
  IntentBook book;
  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled()));

  EXPECT_TRUE(book.note_listed({{kFirst, kUri}}, kNow + 10 * IntentBook::kAbsentMax).empty());
  EXPECT_TRUE(book.note_listed({}, kNow + 10 * IntentBook::kAbsentMax + 1h).empty());
}

std::vector<dispatch::SetDefinition> one_entry(const std::string& uri, const std::string& id) {
  dispatch::DestinationDefinition definition;
  definition.uri = uri;
  definition.unique_id = id;
  return {{.id = {1}, .destinations = {definition}}};
}

TEST(IntentBook, AWordFollowsItsEntryToAnotherUniqueId) {
  IntentBook book;
  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled()));
  const EntryName named{{1}, "as1"};

  book.follow(book.followers(one_entry(kUri, "as1")));

  EXPECT_EQ(book.find(kFirst), nullptr);
  ASSERT_NE(book.find(named), nullptr);
  EXPECT_EQ(book.find(named)->identity, "as1");
  // And away from it, also after a restart.
  IntentBook other;
  other.restore(book.journal());
  other.follow(other.followers(one_entry(kUri, "")));
  EXPECT_NE(other.find(kFirst), nullptr);
}

TEST(IntentBook, AWordDoesNotFollowWhereItsNameOrAnotherWordStands) {
  IntentBook book;
  const EntryName named{{1}, "as1"};
  EXPECT_TRUE(book.set_state(named, kUri, disabled()));
  // The name went to another URI: the word stays with the name.
  EXPECT_TRUE(book.followers(one_entry("sip:192.0.2.9", "as1")).empty());
  // Two words, and the list has one entry with this URI.
  EXPECT_TRUE(book.set_state({{1}, "as2"}, kUri, disabled()));
  EXPECT_TRUE(book.followers(one_entry(kUri, "as3")).empty());
  // Somebody has spoken about the new name already.
  EXPECT_TRUE(book.take_back_state({{1}, "as2"}));
  EXPECT_TRUE(book.set_weight({{1}, "as3"}, "sip:192.0.2.8", {.weight = 2, .since = kNow}));
  EXPECT_TRUE(book.followers(one_entry(kUri, "as3")).empty());
}

TEST(IntentBook, AWordKnowsTheUriThatWasLastListed) {
  IntentBook book;
  const EntryName named{{1}, "as1"};
  EXPECT_TRUE(book.set_state(named, kUri, disabled()));

  EXPECT_TRUE(book.note_listed({{named, "sip:192.0.2.9"}}, kNow).empty());

  EXPECT_EQ(book.find(named)->uri, "sip:192.0.2.9");
}

TEST(IntentBook, OfTooManyAbsentOnesTheOldestGoFirst) {
  IntentBook book;
  for (std::size_t i = 0; i <= IntentBook::kAbsentCountMax; ++i) {
    admin::StateWord word = disabled();
    word.since = kNow + std::chrono::seconds{i};
    EXPECT_TRUE(book.set_state(numbered(i), kUri, word));
  }

  EXPECT_EQ(book.note_listed({}, kNow + 1h).size(), 1U);

  EXPECT_EQ(book.find(numbered(0)), nullptr);
  EXPECT_NE(book.find(numbered(1)), nullptr);
}

TEST(IntentBook, HasRoomForSoManyEntriesAndNoMore) {
  IntentBook book;
  for (std::size_t i = 0; i < admin::kOperatorEntryCountMax; ++i) {
    ASSERT_TRUE(book.set_state(numbered(i), kUri, disabled()));
  }

  EXPECT_FALSE(book.set_state(kSecond, kUri, disabled()));
  EXPECT_FALSE(book.set_weight(kSecond, kUri, {.weight = 1, .since = kNow}));
  EXPECT_TRUE(book.set_weight(numbered(0), kUri, {.weight = 1, .since = kNow}));
}

TEST(IntentBook, ComesBackFromItsJournal) {
  IntentBook book;
  EXPECT_TRUE(book.set_state(kFirst, kUri, disabled(kNow + 1h)));
  EXPECT_TRUE(book.set_weight(kSecond, kUri, {.weight = 7, .since = kNow}));
  EXPECT_TRUE(book.add({.set = 1, .uri = "sip:192.0.2.9"}));

  IntentBook other;
  other.restore(book.journal());

  EXPECT_EQ(other.all(), book.all());
  EXPECT_EQ(other.additions(), book.additions());
}

}  // namespace
}  // namespace steer
