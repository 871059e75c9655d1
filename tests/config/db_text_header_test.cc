#include "config/db_text_header.h"

#include <gtest/gtest.h>

#include "tests/config/db_text_fixture.h"

namespace steer::config {
namespace {

using test::ReadTable;

TEST(DbTextHeader, NamesTypesAndAttributes) {
  const ReadTable read{"id(int,auto) a(string) b(STR,null) c(double) d(long) e(blob) f(time)\n",
                       DbTextMode::kStrict};

  ASSERT_TRUE(read.table) << read.all();
  const std::vector<TableColumn>& columns = read.table->columns;
  ASSERT_EQ(columns.size(), 7U);
  EXPECT_TRUE(columns[0].automatic);
  EXPECT_EQ(columns[0].type, ColumnType::kInteger);
  EXPECT_EQ(columns[1].type, ColumnType::kText);
  EXPECT_TRUE(columns[2].nullable);
  EXPECT_EQ(columns[3].type, ColumnType::kDouble);
  EXPECT_EQ(columns[4].type, ColumnType::kBigInteger);
  EXPECT_EQ(columns[5].type, ColumnType::kBlob);
  EXPECT_EQ(columns[6].type, ColumnType::kTime);
}

TEST(DbTextHeader, OfTwoAttributesTheFirstCounts) {
  const ReadTable read{"id(int,null,auto)\n", DbTextMode::kStrict};

  ASSERT_TRUE(read.table);
  EXPECT_TRUE(read.table->columns[0].nullable);
  EXPECT_FALSE(read.table->columns[0].automatic);
}

TEST(DbTextHeader, BlanksWithinTheParenthesesAreAllowed) {
  EXPECT_TRUE((ReadTable{"  id( int , auto )   a(string) ", DbTextMode::kStrict}.table));
}

TEST(DbTextHeader, WhatCannotBeReadIsToldWithItsPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"id(int) b(varchar)", "d/t:1:11: error: type 'varchar' is not known"},
      {"id(int(11))", "d/t:1:4: error: type 'int(11' is not known"},
      {"id", "d/t:1:1: error: a column without its type"},
      {"id (int)", "d/t:1:1: error: a column without its type"},
      {"id(int", "d/t:1:3: error: ')' is missing"},
      {"(int)", "d/t:1:1: error: a type without the name"},
      {"a(int)b(int)", "d/t:1:7: error: something follows ')'"},
      {"a(int,key)", "d/t:1:7: error: 'key' after the type is not known"},
      {"a(string,auto)", "d/t:1:1: error: column 'a' is 'auto', but no int"},
      {"a(int,auto) b(int,auto)", "d/t:1:13: error: two columns are 'auto'"},
      {"a(int) A(int)", "d/t:1:8: error: column 'A' is declared twice"},
      {"\n1", "d/t:1:1: error: the first line is blank"},
      {"  \n1", "d/t:1:1: error: the first line is blank"},
  };
  for (const auto& [text, said] : cases) {
    const ReadTable read{text, DbTextMode::kStrict};
    EXPECT_FALSE(read.table) << text;
    EXPECT_EQ(read.all().find(said), 0U) << text << "\n" << read.all();
  }
}

TEST(DbTextHeader, TabsAndCarriageReturnsAreForTheTolerantModeAlone) {
  const std::string_view text = "id(int)\ta(string)\r\n1:x\r\n";

  EXPECT_FALSE((ReadTable{text, DbTextMode::kStrict}.table));
  const ReadTable read{text};
  ASSERT_TRUE(read.table) << read.all();
  EXPECT_EQ(read.cells(), "[1][x]\n");
  EXPECT_NE(read.all().find("d/t:1:8: note: a tab"), std::string::npos) << read.all();
  EXPECT_NE(read.all().find("d/t:2:4: note: lines end with CR LF"), std::string::npos);
}

}  // namespace
}  // namespace steer::config
