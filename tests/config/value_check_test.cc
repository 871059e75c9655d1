#include "config/value_check.h"

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

using test::Read;

TEST(ValueCheck, AWrongTypeIsToldWithItsPlace) {
  const Read read{"[health]\nfall = \"3\"\n"};

  EXPECT_EQ(test::joined(read.diagnostics),
            "/etc/s/s.toml:2:8: error: health.fall cannot be a string; write a whole number, 1 to "
            "1000\n");
}

// `value` for the key of this row, where it may stand.
std::string text_with(const KeyRow& row, const std::string& value) {
  const std::size_t dot = row.path.find('.');
  const std::string name{row.path.substr(is_repeated(row) ? dot + 1 : 0)};
  const std::string head =
      is_repeated(row) ? "[[" + std::string{row.path.substr(0, dot)} + "]]\n" : "";
  const bool route = row.path.starts_with("route.") && row.id != KeyId::kRouteSet;
  const bool stateful = row.path.starts_with("route.failover.");
  return head + (route ? "set = 1\n" : "") + (stateful ? "mode = \"stateful\"\n" : "") + name +
         " = " + value + "\n";
}

TEST(ValueCheck, EveryTypeRefusesEveryOther) {
  for (const KeyRow& row : key_table()) {
    if (!row.not_built.empty() || row.path.starts_with("listen")) continue;
    const Read read{text_with(row, "2026-01-01")};
    EXPECT_GE(read.diagnostics.error_count(), 1U) << row.path;
    EXPECT_NE(test::joined(read.diagnostics).find(row.path), std::string::npos) << row.path;
  }
}

TEST(ValueCheck, TheLimitIsTakenAndOnePastItIsNot) {
  for (const KeyRow& row : key_table()) {
    if (row.type != KeyType::kInteger) continue;
    const auto errors = [&](std::int64_t number) {
      return Read{text_with(row, std::to_string(number))}.diagnostics.error_count();
    };
    EXPECT_EQ(errors(row.min), 0U) << row.path;
    EXPECT_EQ(errors(row.max), 0U) << row.path;
    EXPECT_EQ(errors(row.min - 1), 1U) << row.path;
    EXPECT_EQ(errors(row.max + 1), 1U) << row.path;
  }
}

TEST(ValueCheck, ADurationWantsAUnit) {
  const Read read{"drain_deadline = 10"};

  EXPECT_NE(test::joined(read.diagnostics).find("write \"10s\" or \"10ms\""), std::string::npos);
}

TEST(ValueCheck, SizesComeAsNumbersOrTexts) {
  EXPECT_EQ(Read{"limits.message_bytes = \"32KiB\""}.settings->limits.message_bytes, 32'768U);
  EXPECT_EQ(Read{"limits.message_bytes = 1400"}.settings->limits.message_bytes, 1'400U);
  EXPECT_TRUE(Read{"limits.message_bytes = \"64KiB\""}.diagnostics.has_errors()) << "65536 > 65507";
}

TEST(ValueCheck, AChoiceListsTheWordsAndTheNearest) {
  const Read read{"io = \"epol\""};

  EXPECT_EQ(test::joined(read.diagnostics),
            "/etc/s/s.toml:1:6: error: io cannot be 'epol'; did you mean 'epoll'? (there are: "
            "auto, io_uring, epoll)\n");
}

TEST(ValueCheck, AListItemOfTheWrongTypeIsPointedAt) {
  const Read read{"[[route]]\nset = 1\nmatch = { method = [\"INVITE\", 7] }\n"};

  EXPECT_EQ(
      test::joined(read.diagnostics).find("/etc/s/s.toml:3:31: error: an entry of route.match"), 0U)
      << test::joined(read.diagnostics);
}

}  // namespace
}  // namespace steer::config
