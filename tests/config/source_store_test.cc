#include "config/source_store.h"

#include <gtest/gtest.h>

#include "config/print_config.h"
#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

using test::Read;

TEST(SourceStore, TakesTheKeysOfATable) {
  const Read read{
      "[destinations]\nsource=\"text:///t\"\ntable=\"ds\"\nwatch=true\nstrict=true\n"
      "dialect=\"opensips\"\n"
      "columns=[\"setid=grp\",\"destination=uri\"]\n"};

  EXPECT_FALSE(read.diagnostics.has_errors()) << test::joined(read.diagnostics);
  EXPECT_EQ(read.settings->source, "text:///t");
  EXPECT_EQ(read.settings->origin.path, "/t");
  EXPECT_EQ(read.settings->table.table, "ds");
  EXPECT_TRUE(read.settings->table.strict);
  EXPECT_TRUE(read.settings->watch);
  EXPECT_EQ(read.settings->dialect, Dialect::kOpensips);
  EXPECT_EQ(read.settings->table.columns.at("setid"), "grp");
}

TEST(SourceStore, ATableHasANameAndNoPath) {
  for (const char* const name : {"", "../x", "a/b", "."}) {
    const Read read{std::string{"[destinations]\ntable=\""} + name + "\"\n"};
    EXPECT_EQ(read.diagnostics.error_count(), 1U) << name;
  }
}

TEST(SourceStore, ColumnsAreOnesThatWeKnow) {
  const Read read{"[destinations]\ncolumns=[\"set=grp\",\"setid\",\"setid=\",\"id=a\",\"id=b\"]\n"};

  EXPECT_EQ(read.diagnostics.error_count(), 4U) << test::joined(read.diagnostics);
}

TEST(SourceStore, APasswordIsNeitherPrintedNorTold) {
  const Read read{"[destinations]\nsource=\"mysql://u:geheim@h/d\"\n"};
  const Read wrong{"[destinations]\nsource=\"mysql://u:geheim@h:x/d\"\n"};

  EXPECT_EQ(read.settings->origin.password, "geheim");
  const std::string printed = print_config(*read.settings);
  EXPECT_NE(printed.find("source = \"mysql://u:***@h/d\""), std::string::npos) << printed;
  EXPECT_EQ(printed.find("geheim"), std::string::npos);
  EXPECT_TRUE(wrong.diagnostics.has_errors());
  EXPECT_EQ(test::joined(wrong.diagnostics).find("geheim"), std::string::npos);
}

}  // namespace
}  // namespace steer::config
