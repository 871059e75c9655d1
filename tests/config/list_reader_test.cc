#include "config/list_reader.h"

#include <chrono>
#include <cstdio>

#include <gtest/gtest.h>

#include "tests/config/list_fixture.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/seed.h"

namespace steer::config {
namespace {

using test::CheckedList;

TEST(ListReader, ASetIdIsANumber) {
  const CheckedList list{
      "a sip:192.0.2.1\n2sip:192.0.2.1\nsip:192.0.2.1 0\n-1 sip:192.0.2.1\n"
      "2147483648 sip:192.0.2.1\n2147483647 sip:192.0.2.1\n"};

  EXPECT_EQ(list.diagnostics.error_count(), 5U) << list.all();
  EXPECT_EQ(list.said("'a'").find("d.list:1:1: error: set id 'a' is not a number"), 0U);
  EXPECT_NE(list.said("'2sip:").find("put a blank after '2'"), std::string::npos);
  EXPECT_NE(list.said("d.list:3:1").find("the set id is missing"), std::string::npos);
  EXPECT_NE(list.said("d.list:5:1").find("too large"), std::string::npos);
}

TEST(ListReader, ALineNeedsAUri) {
  EXPECT_EQ(CheckedList{"12\n"}.all(),
            "d.list:1:3: error: the line has no URI; write: 12 sip:host:port\n");
}

TEST(ListReader, TheSampleWhoseHostsWereLostIsToldLineByLine) {
  for (const Dialect dialect : {Dialect::kKamailio, Dialect::kOpensips}) {
    const CheckedList list{"2 sip:\n2 sip:\n1 sip:\n1 sip:\n1 sip:\n", dialect};

    EXPECT_EQ(list.diagnostics.error_count(), 5U);
    for (int line = 1; line <= 5; ++line) {
      EXPECT_EQ(list.said("d.list:" + std::to_string(line))
                    .find("d.list:" + std::to_string(line) + ":7: error: URI has no host"),
                0U)
          << list.all();
    }
    EXPECT_TRUE(list.sets.empty());
  }
}

TEST(ListReader, AllBadLinesAreReportedAtOnce) {
  const CheckedList list{
      "1 sip:192.0.2.1:99999 weight=50\nx sip:192.0.2.2\n1 sip:192.0.2.3 0 0 a=1,b=2\n"};

  EXPECT_EQ(list.diagnostics.error_count(), 4U) << list.all();
}

TEST(ListReader, EveryPrefixOfAListIsReadWithinItsBounds) {
  const std::string text =
      "\xef\xbb\xbf# c\r\n1 sip:u@[2001:db8::7]:5060;lr 0x8 20 duid=a;weight=5;q=\"x;y\"\r\n"
      "2\tas:5060\t1 1\n";
  steer::test::GuardedBuffer buffer{text.size()};
  for (std::size_t size = 0; size <= text.size(); ++size) {
    for (const Dialect dialect : {Dialect::kKamailio, Dialect::kOpensips}) {
      const std::string file = "d.list";
      Diagnostics diagnostics;
      const auto rows = read_list(buffer.hold(text.substr(0, size)), file, dialect, diagnostics);
      const Resolver resolver = test::fake_resolver();
      check_destinations(rows, {file, dialect, {}, resolver}, diagnostics);
    }
  }
}

TEST(ListReader, MutatedListsNeverStopTheProcess) {
  const std::string good =
      "1 sip:u@192.0.2.1:5060;lr 0x8 20 duid=a;weight=5;q=\"x;y\"\n"
      "2 [2001:db8::7]:5060 9 0 socket=udp:203.0.113.9:5060,a=b\n";
  const Seed seed = steer::test::run_seed();
  SCOPED_TRACE("--seed=" + std::to_string(seed.value));
  steer::test::Random random{seed.value};
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (std::size_t change = 0; change <= random() % 5; ++change) {
      const std::size_t at = random() % (text.size() + 1);
      if (random() % 2 == 0) {
        text.insert(at, 1, static_cast<char>(random()));
      } else {
        text.erase(std::min(at, text.size() - 1), random() % 4);
      }
      if (text.empty()) text = "1";
    }
    const CheckedList list{text, round % 2 == 0 ? Dialect::kKamailio : Dialect::kOpensips};
    refused += list.diagnostics.has_errors() ? 1 : 0;
  }
  EXPECT_GT(refused, 10'000U);
}

// Work is counted by what comes out; the time is printed for people and gates nothing.
TEST(ListReader, TenThousandAndAHundredThousandLinesAreReadWhole) {
  for (const std::size_t count : {10'000U, 100'000U}) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += std::to_string(1 + i % 7) + " sip:10." + std::to_string(i / 65'536) + "." +
              std::to_string(i / 256 % 256) + "." + std::to_string(i % 256) + ":5060 8 0 duid=as" +
              std::to_string(i) + ";weight=" + std::to_string(i % 100 + 1) + "\n";
    }
    const auto before = std::chrono::steady_clock::now();
    const CheckedList list{text};
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - before;
    std::printf("%zu lines: %.0f ms\n", count, took.count());

    std::size_t destinations = 0;
    for (const dispatch::SetDefinition& set : list.sets) {
      destinations += set.destinations.size();
    }
    EXPECT_EQ(destinations, count) << list.all().substr(0, 500);
    EXPECT_EQ(list.sets.size(), 7U);
  }
}

}  // namespace
}  // namespace steer::config
