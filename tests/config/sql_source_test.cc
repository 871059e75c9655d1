#include "config/sql_source.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"
#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

// A table in an SQLite file, and another connection that changes it.
class SqlSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (sqlite_version().empty()) GTEST_SKIP() << "built without SQLite";
    writer = open_sqlite(address, {.may_write = true});
    ASSERT_TRUE(writer);
    run("CREATE TABLE dispatcher (id INTEGER PRIMARY KEY, grp INTEGER, destination VARCHAR(192), "
        "flags INTEGER, priority INTEGER, attrs VARCHAR(128))");
    run("INSERT INTO dispatcher VALUES (7, 2, 'sip:192.0.2.2', 0, 0, NULL), "
        "(3, 1, 'sip:192.0.2.1', 0, 0, 'weight=5')");
  }
  void run(const std::string& statement) {
    const Result<Table> done = writer->run(statement);
    ASSERT_TRUE(done) << done.error().what;
  }

  test::TemporaryFolder folder;
  SourceAddress address{
      .kind = SourceKind::kSqlite, .path = folder.file("d.sqlite"), .shown = "sqlite://d.sqlite"};
  TableSettings table{.columns = {{"setid", "grp"}}};
  SourceInputs inputs{address, table};
  Result<SqlClient> writer = std::unexpected{Error{}};
  Diagnostics diagnostics;
};

TEST_F(SqlSourceTest, RowsAreKnownByTheirIdAndOrderedByUs) {
  const auto content = read_database(inputs, {"s.toml", 1, 1}, diagnostics);

  ASSERT_TRUE(content) << test::joined(diagnostics);
  const auto rows = rows_of(*content, inputs, Dialect::kOpensips, diagnostics);
  ASSERT_TRUE(rows) << test::joined(diagnostics);
  EXPECT_EQ(rows->dialect, Dialect::kKamailio);
  EXPECT_EQ(rows->place, "sqlite://d.sqlite#dispatcher");
  ASSERT_EQ(rows->rows.size(), 2U);
  EXPECT_EQ(rows->rows[0].line, 3U);
  EXPECT_EQ(rows->rows[1].line, 7U);
  EXPECT_EQ(rows->rows[0].uri.text, "sip:192.0.2.1");
}

TEST_F(SqlSourceTest, TheVersionTableIsReadIfItIsThere) {
  run("CREATE TABLE version (table_name VARCHAR(32), table_version INTEGER)");
  run("INSERT INTO version VALUES ('dispatcher', 9)");

  const auto content = read_database(inputs, {"s.toml", 1, 1}, diagnostics);

  ASSERT_TRUE(content);
  EXPECT_EQ(content->version, 9U);
}

TEST_F(SqlSourceTest, AMissingTableIsToldAtTheKey) {
  table.table = "nobody";

  EXPECT_FALSE(read_database(inputs, {"s.toml", 4, 10}, diagnostics));
  EXPECT_EQ(test::joined(diagnostics)
                .find("s.toml:4:10: error: SQLite at sqlite://d.sqlite says: "
                      "no such table"),
            0U)
      << test::joined(diagnostics);
}

TEST_F(SqlSourceTest, TheGenerationIsAnotherOneAfterEachChangeAndOnlyThen) {
  Result<SqlClient> reader = open_sqlite(address, {});
  ASSERT_TRUE(reader);
  const std::string first = generation_of(*reader, inputs).value();
  EXPECT_EQ(generation_of(*reader, inputs).value(), first);

  run("UPDATE dispatcher SET priority = 1 WHERE id = 3");

  EXPECT_NE(generation_of(*reader, inputs).value(), first);
}

TEST_F(SqlSourceTest, AnotherFileInItsPlaceIsAnotherGeneration) {
  Result<SqlClient> reader = open_sqlite(address, {});
  const std::string first = generation_of(*reader, inputs).value();

  std::filesystem::copy_file(address.path, address.path + ".new");
  std::filesystem::rename(address.path + ".new", address.path);

  EXPECT_NE(generation_of(*reader, inputs).value(), first);
}

TEST_F(SqlSourceTest, TheDigestKnowsValuesAndNotTheirOrder) {
  const auto digest = [this] {
    return digest_of(*read_database(inputs, {"s.toml", 1, 1}, diagnostics));
  };
  const std::uint64_t first = digest();
  run("CREATE TABLE copy AS SELECT * FROM dispatcher ORDER BY id DESC");
  run("DELETE FROM dispatcher");
  run("INSERT INTO dispatcher SELECT * FROM copy ORDER BY id DESC");
  EXPECT_EQ(digest(), first);
  run("UPDATE dispatcher SET priority = 1 WHERE id = 3");
  EXPECT_NE(digest(), first);
}

}  // namespace
}  // namespace steer::config
