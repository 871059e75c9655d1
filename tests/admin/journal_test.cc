#include "admin/journal.h"

#include <chrono>

#include <gtest/gtest.h>

#include "core/base/limits.h"

namespace steer::admin {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kThen{1'790'000'000'123ms};

Journal full_journal() {
  Journal journal;
  journal.entries.push_back({.set = 1,
                             .identity = "as1",
                             .uri = "sip:192.0.2.1:5060",
                             .state = StateWord{.intent = dispatch::Intent::kDraining,
                                                .reason = "new \"disk\" \\ Größe",
                                                .since = kThen,
                                                .until = kThen + 2h},
                             .weight = WeightWord{.weight = kWeightMax, .since = kThen},
                             .listed = kThen});
  journal.entries.push_back(
      {.set = 4'294'967'295,
       .identity = "sip:192.0.2.2",
       .uri = "sip:192.0.2.2",
       .state = StateWord{.intent = dispatch::Intent::kDisabled, .since = kThen},
       .listed = kThen});
  journal.entries.push_back({.set = 2,
                             .identity = "sip:192.0.2.3",
                             .uri = "sip:192.0.2.3",
                             .weight = WeightWord{.weight = 0, .since = kThen, .until = kThen + 1s},
                             .listed = kThen});
  journal.additions.push_back({.set = 1,
                               .uri = "sip:192.0.2.9",
                               .flags = 8,
                               .priority = -5,
                               .attributes = "duid=as9;weight=3"});
  return journal;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

std::string mistake_in(std::string_view text) {
  const Result<Journal> read = read_journal(text);
  return read ? "" : read.error().what;
}

TEST(Journal, ComesBackAsItWasWritten) {
  const Result<Journal> read = read_journal(write_journal(full_journal()));

  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, full_journal());
}

// Lists come in Latin-1, too, and a duid is whatever they say.
TEST(Journal, OctetsThatAreNoUtf8ComeBackAsTheyWere) {
  Journal journal;
  std::string every;
  for (int octet = 1; octet < 256; ++octet) {
    every += static_cast<char>(octet);
  }
  for (const std::string& identity : {std::string{"M\xfcnchen"}, std::string{"M\xfc\xff"}, every}) {
    journal.entries.push_back({.set = 1,
                               .identity = identity,
                               .uri = "sip:\xe9",
                               .weight = WeightWord{.reason = "\xc3", .since = kThen},
                               .listed = kThen});
  }
  journal.additions.push_back({.set = 1, .uri = "sip:\xe9", .attributes = "duid=\xe9"});

  const Result<Journal> read = read_journal(write_journal(journal));

  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, journal);
}

TEST(Journal, TextThatIsUtf8IsWrittenAsBefore) {
  const std::string text = write_journal(full_journal());

  EXPECT_EQ(text.find("base64"), std::string::npos);
  EXPECT_NE(text.find("Größe"), std::string::npos);
}

TEST(Journal, NothingSaidComesBackAsNothing) {
  const Result<Journal> read = read_journal(write_journal({}));

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, Journal{});
}

TEST(Journal, EveryPrefixOfAGoodFileIsRefused) {
  const std::string text = write_journal(full_journal());

  // Without the line end alone nothing is missing.
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_FALSE(read_journal(std::string_view{text}.substr(0, size)).has_value()) << size;
  }
}

TEST(Journal, EveryChangedOctetIsRefused) {
  const std::string text = write_journal(full_journal());

  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = damaged[at] == '0' ? '1' : '0';
    if (damaged == text) continue;
    EXPECT_FALSE(read_journal(damaged).has_value()) << at << ": " << damaged.substr(at, 20);
  }
}

TEST(Journal, ANewerVersionSaysSo) {
  const std::string text =
      replaced(write_journal(full_journal()), "\"version\": 1", "\"version\": 2");

  EXPECT_NE(mistake_in(text).find("newer sipsteer"), std::string::npos) << mistake_in(text);
}

TEST(Journal, AbsurdNumbersAreRefused) {
  for (const char* number : {"-1", "0", "1.5", "1e99", "18446744073709551615",
                             "99999999999999999999999", "\"1\"", "null", "[]"}) {
    const std::string text = replaced(write_journal(full_journal()), "\"version\": 1",
                                      std::string{"\"version\": "} + number);
    EXPECT_FALSE(read_journal(text).has_value()) << number;
  }
}

TEST(Journal, AWeightBeyondTheLimitIsRefusedEvenWithARightChecksum) {
  Journal journal = full_journal();
  journal.entries[0].weight->weight = kWeightMax + 1;

  EXPECT_NE(mistake_in(write_journal(journal)).find("\"value\""), std::string::npos);
}

TEST(Journal, AnEntryWithoutAWordIsRefused) {
  Journal journal;
  journal.entries.push_back({.set = 1, .identity = "a", .uri = "a", .listed = kThen});

  EXPECT_FALSE(read_journal(write_journal(journal)).has_value());
}

TEST(Journal, MoreThanTheLimitIsRefused) {
  Journal journal;
  journal.additions.assign(kAdditionCountMax, {.set = 1, .uri = "sip:192.0.2.9"});
  EXPECT_TRUE(read_journal(write_journal(journal)).has_value());

  journal.additions.push_back({.set = 1, .uri = "sip:192.0.2.9"});

  EXPECT_FALSE(read_journal(write_journal(journal)).has_value());
}

TEST(Journal, OtherFilesAreRefused) {
  for (const char* text : {"", "\n", "{}", "[]", "null", "1", "\"version\"", "{\"version\":1}",
                           "[[[[[[[[", "{\"version\":1,\"checksum\":[],\"intents\":3}"}) {
    EXPECT_FALSE(read_journal(text).has_value()) << text;
  }
}

TEST(Journal, WordsThatAreNotUtf8StayReadable) {
  Journal journal = full_journal();
  journal.entries[0].state->reason = "caf\xe9";

  const Result<Journal> read = read_journal(write_journal(journal));

  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->entries[0].state->intent, dispatch::Intent::kDraining);
}

}  // namespace
}  // namespace steer::admin
