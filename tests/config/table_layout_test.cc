#include "config/table_layout.h"

#include <gtest/gtest.h>

#include "tests/config/db_text_fixture.h"

namespace steer::config {
namespace {

using test::ReadTable;
using Versions = std::vector<std::uint32_t>;

Table table_of(std::string_view text) {
  ReadTable read{text};
  EXPECT_TRUE(read.table) << read.all();
  return *std::move(read.table);
}

TEST(TableLayout, IsToldFromTheColumns) {
  EXPECT_EQ(kind_of(table_of("destination(string) setid(int)")), TableKind::kDispatcher);
  EXPECT_EQ(kind_of(table_of("group_id(int) dst_uri(string) resources(string)")),
            TableKind::kLoadBalancer);
  EXPECT_EQ(kind_of(table_of("table_name(str) table_version(int)")), TableKind::kVersion);
  EXPECT_EQ(kind_of(table_of("username(str) contact(str) callid(str)")), TableKind::kLocation);
  EXPECT_EQ(kind_of(table_of("username(str) password(str) ha1(str)")), TableKind::kSubscriber);
  EXPECT_EQ(kind_of(table_of("a(int)")), TableKind::kUnknown);
}

TEST(TableLayout, EachVersionOfEachProgram) {
  const std::string base = "id(int,auto) setid(int) destination(string) ";
  const std::tuple<const char*, Dialect, Versions> cases[] = {
      {"", Dialect::kKamailio, {1}},
      {"", Dialect::kOpensips, {1}},
      {"flags(int)", Dialect::kKamailio, {2}},
      {"flags(int)", Dialect::kOpensips, {2, 3}},
      {"flags(int) priority(int)", Dialect::kKamailio, {3}},
      {"flags(int) priority(int) attrs(string)", Dialect::kKamailio, {4}},
      {"flags(int) weight(int) attrs(string)", Dialect::kOpensips, {4}},
      {"socket(string,null) flags(int) weight(int) attrs(string)", Dialect::kOpensips, {5}},
      {"socket(string,null) state(int) weight(int) attrs(string)", Dialect::kOpensips, {6}},
      {"socket(string,null) state(int) weight(int) priority(int) attrs(string)",
       Dialect::kOpensips,
       {7}},
      {"socket(string,null) state(int) weight(string) priority(int) attrs(string)",
       Dialect::kOpensips,
       {8}},
      {"socket(string,null) state(int) probe_mode(int) weight(string) priority(int) "
       "attrs(string,null)",
       Dialect::kOpensips,
       {9}},
  };
  for (const auto& [columns, dialect, versions] : cases) {
    const Table table = table_of(base + columns);
    EXPECT_EQ(dialect_of(table, dialect), dialect) << columns;
    EXPECT_EQ(versions_of(table, dialect), versions) << columns;
  }
}

TEST(TableLayout, TheVersionTableIsHeldAgainstTheColumns) {
  const Table versions = table_of("table_name(string) table_version(int)\nDispatcher:4\nother:9\n");
  const Table table = table_of("setid(int) destination(string) flags(int) priority(int)");

  EXPECT_EQ(version_of(versions, "dispatcher"), 4U);
  EXPECT_EQ(version_of(versions, "none"), std::nullopt);
  EXPECT_EQ(version_mismatch(table, Dialect::kKamailio, 3), "");
  EXPECT_NE(version_mismatch(table, Dialect::kKamailio, 4).find("those of version 3"),
            std::string::npos);
}

}  // namespace
}  // namespace steer::config
