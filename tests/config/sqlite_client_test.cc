#include <gtest/gtest.h>

#include "config/sql_client.h"
#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

// An SQLite file, written and read by the client under test.
class SqliteClientTest : public testing::Test {
 protected:
  void SetUp() override {
    if (sqlite_version().empty()) GTEST_SKIP() << "built without SQLite";
  }
  Table run(const std::string& statement) {
    Result<SqlClient> client = open_sqlite(address, {.may_write = true});
    EXPECT_TRUE(client) << client.error().text();
    Result<Table> table = client->run(statement);
    EXPECT_TRUE(table) << statement << ": " << (table ? "" : table.error().what);
    return table ? std::move(*table) : Table{};
  }

  test::TemporaryFolder folder;
  SourceAddress address{.kind = SourceKind::kSqlite, .path = folder.file("d.sqlite")};
};

TEST_F(SqliteClientTest, ValuesComeAsTheyWereWritten) {
  run("CREATE TABLE t (i INTEGER, t VARCHAR(10), d DOUBLE, b BLOB)");
  run("INSERT INTO t VALUES (7, 'it''s', 0.1, x'00ff'), (NULL, '', 1e300, NULL)");

  const Table table = run("SELECT * FROM \"t\"");

  ASSERT_EQ(table.row_count(), 2U);
  EXPECT_EQ(table.columns[0].type, ColumnType::kInteger);
  EXPECT_EQ(table.columns[1].type, ColumnType::kText);
  EXPECT_EQ(table.columns[2].type, ColumnType::kDouble);
  EXPECT_EQ(table.row(0)[0].text, "7");
  EXPECT_EQ(table.row(0)[1].text, "it's");
  EXPECT_EQ(table.row(0)[2].text, "0.1");
  EXPECT_EQ(table.row(0)[3].text, std::string_view("\0\xff", 2));
  EXPECT_TRUE(table.row(1)[0].is_null);
  EXPECT_FALSE(table.row(1)[1].is_null);
  EXPECT_EQ(table.row(1)[2].text, "1e+300");
}

TEST_F(SqliteClientTest, AMissingFileAFolderAndAnotherFileAreRefused) {
  EXPECT_FALSE(open_sqlite(address, {}));
  const SourceAddress not_a_file{.kind = SourceKind::kSqlite, .path = folder.path()};
  EXPECT_FALSE(open_sqlite(not_a_file, {}));
  folder.write("d.sqlite", std::string(2'000, 'x'));
  Result<SqlClient> client = open_sqlite(address, {});
  EXPECT_FALSE(client && client->run("SELECT * FROM t"));
}

TEST_F(SqliteClientTest, AReaderDoesNotWrite) {
  run("CREATE TABLE t (i INTEGER)");
  Result<SqlClient> client = open_sqlite(address, {});

  ASSERT_TRUE(client);
  EXPECT_FALSE(client->run("INSERT INTO t VALUES (1)"));
}

TEST_F(SqliteClientTest, AWrongStatementIsToldInTheEnginesWords) {
  run("CREATE TABLE t (i INTEGER)");
  Result<SqlClient> client = open_sqlite(address, {});

  ASSERT_TRUE(client);
  const Result<Table> table = client->run("SELECT * FROM \"nobody\"");
  ASSERT_FALSE(table);
  EXPECT_NE(table.error().what.find("no such table"), std::string::npos);
}

}  // namespace
}  // namespace steer::config
