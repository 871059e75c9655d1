#include "config/sql_table.h"

#include <gtest/gtest.h>

#include "config/db_text.h"
#include "tests/config/db_text_fixture.h"
#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

constexpr std::string_view kText =
    "id(int,auto) setid(int) q(double,null) attrs(string) note(string,null)\n"
    "3:1:0.125:it's \\\\:\n7:2::x\\:y:\\n\n";

// A db_text table written to an SQLite file.
class SqlTableTest : public testing::Test {
 protected:
  void SetUp() override {
    if (sqlite_version().empty()) GTEST_SKIP() << "built without SQLite";
    client = open_sqlite(address, {.may_write = true});
    ASSERT_TRUE(client);
  }
  Table table = *std::move(test::ReadTable{kText}.table);
  test::TemporaryFolder folder;
  SourceAddress address{.kind = SourceKind::kSqlite, .path = folder.file("d.sqlite")};
  SqlTarget target{.kind = SourceKind::kSqlite, .table = "t"};
  Result<SqlClient> client = std::unexpected{Error{}};
};

TEST_F(SqlTableTest, ComesBackAsItWasWithItsDeclarations) {
  const Result<void> written = write_table(*client, target, table, 9);
  ASSERT_TRUE(written) << written.error().what;

  Result<Table> back = client->run("SELECT * FROM t");
  ASSERT_TRUE(back && declare_columns(*client, target, *back));

  EXPECT_EQ(write_db_text(*back), kText);
  const Result<Table> version = client->run("SELECT table_version FROM version");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->row(0)[0].text, "9");
}

TEST_F(SqlTableTest, RowsThatAreThereStayUnlessTheyAreToGo) {
  ASSERT_TRUE(write_table(*client, target, table, 0));

  const Result<void> again = write_table(*client, target, table, 0);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().what.find("has 2 rows already; --force"), std::string::npos);
  target.replace = true;
  EXPECT_TRUE(write_table(*client, target, table, 0));
  EXPECT_EQ(client->run("SELECT * FROM t")->row_count(), 2U);
}

TEST_F(SqlTableTest, AMistakeOnTheWayLeavesWhatWasThere) {
  ASSERT_TRUE(write_table(*client, target, table, 0));
  Table other = *std::move(test::ReadTable{"id(int,auto) nobody(int)\n1:2\n"}.table);
  target.replace = true;

  EXPECT_FALSE(write_table(*client, target, other, 0));

  EXPECT_EQ(client->run("SELECT * FROM t")->row_count(), 2U);
}

TEST_F(SqlTableTest, ManyRowsGoInSeveralStatements) {
  std::string text = "id(int,auto) a(string)\n";
  for (int i = 1; i <= 450; ++i) {
    text += std::to_string(i) + ":x\n";
  }
  const Table many = *std::move(test::ReadTable{text}.table);

  ASSERT_TRUE(write_table(*client, target, many, 0));

  EXPECT_EQ(client->run("SELECT * FROM t")->row_count(), 450U);
}

}  // namespace
}  // namespace steer::config
