#include "config/source_content.h"

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"
#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

constexpr std::string_view kHead =
    "id(int,auto) setid(int) destination(string) flags(int) priority(int) attrs(string,null)\n";

// A source read, and its rows.
struct ReadSource {
  test::TemporaryFolder folder;
  TableSettings table;
  Diagnostics diagnostics;
  std::optional<SourceContent> content;
  std::optional<SourceRows> rows;

  void read(SourceKind kind, const std::string& path) {
    const SourceAddress address{.kind = kind, .path = path, .shown = path};
    const SourceInputs inputs{address, table};
    content = read_source(inputs, {"s.toml", 3, 1}, diagnostics);
    if (content) rows = rows_of(*content, inputs, Dialect::kKamailio, diagnostics);
  }
  bool said(std::string_view words) const {
    return test::joined(diagnostics).find(words) != std::string::npos;
  }
};

TEST(SourceContent, AListAndATableGiveTheSameRows) {
  ReadSource list;
  list.read(SourceKind::kList, list.folder.write("d.list", "1 sip:192.0.2.1 0 5 weight=2\n"));
  ReadSource table;
  table.folder.write("dispatcher", std::string{kHead} + "1:1:sip\\:192.0.2.1:0:5:weight=2\n");
  table.read(SourceKind::kDbText, table.folder.path());

  ASSERT_TRUE(list.rows && table.rows) << test::joined(table.diagnostics);
  const ListRow& a = list.rows->rows.at(0);
  const ListRow& b = table.rows->rows.at(0);
  EXPECT_EQ(a.uri.text, b.uri.text);
  EXPECT_EQ(a.priority, b.priority);
  EXPECT_EQ(a.attributes.text, b.attributes.text);
  EXPECT_FALSE(list.rows->may_lose_rows);
  EXPECT_TRUE(table.rows->may_lose_rows);
}

TEST(SourceContent, ColumnsMayHaveOtherNames) {
  ReadSource source;
  source.table = {.table = "ds", .columns = {{"setid", "grp"}, {"destination", "uri"}}};
  source.folder.write("ds", "grp(int) uri(string)\n3:sip\\:192.0.2.1\n");
  source.read(SourceKind::kDbText, source.folder.path());

  ASSERT_TRUE(source.rows) << test::joined(source.diagnostics);
  EXPECT_EQ(source.rows->rows.at(0).set.value, 3U);
}

TEST(SourceContent, TheVersionBesideIsHeldAgainstTheColumns) {
  ReadSource source;
  source.folder.write("dispatcher", std::string{kHead} + "1:1:sip\\:192.0.2.1:0:5:\n");
  source.folder.write("version", "table_name(string) table_version(int)\ndispatcher:9\n");
  source.read(SourceKind::kDbText, source.folder.path());

  EXPECT_TRUE(source.rows);
  EXPECT_TRUE(source.said("warning: the version table says that 'dispatcher' is version 9"));
}

TEST(SourceContent, WhatIsNoTableOfDestinationsIsRefused) {
  for (const std::string_view text :
       {"", "a(int)\n1\n", "setid(int) destination(string)\n",
        "group_id(int) dst_uri(string) resources(string)\n1:sip\\:a:b\n"}) {
    ReadSource source;
    source.folder.write("dispatcher", text);
    source.read(SourceKind::kDbText, source.folder.path());
    EXPECT_FALSE(source.rows) << text;
    EXPECT_EQ(source.diagnostics.error_count(), 1U) << text << test::joined(source.diagnostics);
  }
}

TEST(SourceContent, WhatCannotBeReadIsToldAtTheKey) {
  ReadSource source;
  source.read(SourceKind::kDbText, source.folder.path());
  EXPECT_TRUE(source.said("s.toml:3:1: error: the db_text table"));
  source.folder.write("f", "");
  source.read(SourceKind::kDbText, source.folder.file("f"));
  EXPECT_EQ(source.diagnostics.error_count(), 2U) << test::joined(source.diagnostics);
}

}  // namespace
}  // namespace steer::config
