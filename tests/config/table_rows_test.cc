#include "config/table_rows.h"

#include <gtest/gtest.h>

#include "config/destination_check.h"
#include "config/table_layout.h"
#include "tests/config/db_text_fixture.h"

namespace steer::config {
namespace {

using dispatch::ConfiguredState;
using dispatch::DestinationDefinition;

// A table read and checked, as a reload does it.
struct CheckedTable {
  test::ReadTable read;
  Diagnostics diagnostics;
  std::vector<dispatch::SetDefinition> sets;

  explicit CheckedTable(std::string_view text, Dialect otherwise = Dialect::kKamailio)
      : read{text} {
    const Dialect dialect = dialect_of(*read.table, otherwise);
    const auto rows = rows_of_table(*read.table, dialect, diagnostics);
    const auto listeners = test::two_listeners();
    const Resolver resolver = test::fake_resolver();
    sets = check_destinations(rows, {read.table->place, dialect, listeners, resolver}, diagnostics);
  }
  std::string all() const { return test::joined(diagnostics); }
  const DestinationDefinition& at(std::size_t index) const {
    return sets.at(0).destinations.at(index);
  }
};

constexpr std::string_view kOpensipsHead =
    "id(int,auto) setid(int) destination(string) socket(string,null) state(int) probe_mode(int) "
    "weight(string) priority(int) attrs(string,null) description(string,null)\n";
constexpr std::string_view kKamailioHead =
    "id(int,auto) setid(int) destination(string) flags(int) priority(int) attrs(string,null)\n";

TEST(TableRows, OpensipsColumns) {
  const CheckedTable table{std::string{kOpensipsHead} +
                           "1:4:sip\\:192.0.2.1:udp\\:203.0.113.9\\:5060:0:1:50:7:trunk a, b:x\n"
                           "2:4:sip\\:192.0.2.2::1:0:0:0::\n3:4:sip\\:192.0.2.3::2:0:9:0:k=v:\n"};

  ASSERT_EQ(table.sets.size(), 1U) << table.all();
  EXPECT_EQ(table.all(), "");
  EXPECT_EQ(table.at(0).weight, 50U);
  EXPECT_EQ(table.at(0).priority, 7);
  EXPECT_EQ(table.at(0).socket, ListenerIndex{0});
  EXPECT_EQ(table.at(0).probe, dispatch::ProbeMode::kAll);
  EXPECT_EQ(table.at(0).attributes.at(0).second, "trunk a, b");
  EXPECT_EQ(table.at(1).state, ConfiguredState::kInactive);
  EXPECT_EQ(table.at(1).weight, 0U);
  EXPECT_EQ(table.at(1).probe, std::nullopt);
  EXPECT_EQ(table.at(2).state, ConfiguredState::kProbing);
  EXPECT_EQ(table.at(2).attributes.at(0).first, "k");
}

TEST(TableRows, FlagsOfOldOpensipsTablesAreBits) {
  const std::string head =
      "setid(int) destination(string) flags(int) weight(int) attrs(string,null)\n";
  const CheckedTable table{head + "1:sip\\:192.0.2.1:3:5:\n1:sip\\:192.0.2.2:2:5:\n"};

  EXPECT_EQ(table.at(0).state, ConfiguredState::kInactive) << table.all();
  EXPECT_EQ(table.at(1).state, ConfiguredState::kProbing);
  EXPECT_EQ(table.at(1).weight, 5U);
}

TEST(TableRows, KamailioColumns) {
  const CheckedTable table{std::string{kKamailioHead} +
                           "1:1:sip\\:192.0.2.1:4:7:duid=a;weight=30\n2:1:192.0.2.2:9:7:\n"};

  EXPECT_EQ(table.at(0).state, ConfiguredState::kDisabled) << table.all();
  EXPECT_EQ(table.at(0).weight, 30U);
  EXPECT_EQ(table.at(0).unique_id, "a");
  EXPECT_EQ(table.at(1).uri, "sip:192.0.2.2");
  EXPECT_EQ(table.at(1).state, ConfiguredState::kProbing);
}

TEST(TableRows, AreInTheOrderOfSetAndIdAndNeverOfTheTable) {
  const CheckedTable table{std::string{kKamailioHead} +
                           "10:1:sip\\:192.0.2.10:0:0:\n9:2:sip\\:192.0.2.9:0:0:\n"
                           "2:1:sip\\:192.0.2.2:0:0:\n"};

  ASSERT_EQ(table.sets.size(), 2U);
  EXPECT_EQ(table.at(0).uri, "sip:192.0.2.2");
  EXPECT_EQ(table.at(1).uri, "sip:192.0.2.10");
}

TEST(TableRows, WhatIsWrongIsToldAtItsField) {
  const CheckedTable table{
      std::string{kOpensipsHead} +
      "1:-1:sip\\:192.0.2.1::0:0:1:0::\n2:1:sip\\:\\:5060::0:0:1:0::\n3:1:sip\\:192.0.2.3::0:0:x:0:"
      ":\n"
      "4:1:sip\\:192.0.2.4::0:0:fs\\://a:0::\n5:1:sip\\:192.0.2.5::7:0:1:0::\n"
      "6:1:sip\\:192.0.2.6::0:0:1:-5::\n7:1:sip\\:192.0.2.7:nowhere:0:0:1:0::\n"};

  EXPECT_NE(table.all().find("d/t:2:3: error: set id '-1' is not a number"), std::string::npos)
      << table.all();
  EXPECT_NE(table.all().find("d/t:3:9: error: URI has no host"), std::string::npos) << table.all();
  EXPECT_NE(table.all().find("error: weight 'x' is not a number"), std::string::npos);
  EXPECT_NE(table.all().find("error: a weight that FreeSWITCH tells"), std::string::npos);
  EXPECT_NE(table.all().find("warning: state '7' is none of"), std::string::npos);
  EXPECT_NE(table.all().find("error: priority '-5' is not a number"), std::string::npos);
  EXPECT_NE(table.all().find("error: socket=nowhere is none of our listeners"), std::string::npos);
  ASSERT_EQ(table.sets.size(), 1U);
  EXPECT_EQ(table.sets[0].destinations.size(), 1U);
}

}  // namespace
}  // namespace steer::config
