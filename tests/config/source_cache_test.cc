#include "config/source_cache.h"

#include <gtest/gtest.h>

#include "tests/config/db_text_fixture.h"
#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

// A content of one row, and the source that it came from.
struct Cached {
  test::TemporaryFolder folder;
  SourceAddress address{
      .kind = SourceKind::kMysql, .password = "geheim", .shown = "mysql://u:***@h/d"};
  TableSettings table;
  SourceContent content;

  Cached() {
    content.table =
        *std::move(test::ReadTable{"id(int) destination(string,null)\n1:sip\\:a\n"}.table);
  }
  SourceInputs inputs() const { return {address, table}; }
  Result<SourceContent> read() const { return read_source_cache(folder.path(), inputs()); }
};

TEST(SourceCache, GivesBackWhatWasWrittenAndHoldsNoPassword) {
  const Cached cached;
  ASSERT_TRUE(write_source_cache(cached.folder.path(), cached.inputs(), cached.content));

  const Result<SourceContent> read = cached.read();

  ASSERT_TRUE(read);
  EXPECT_EQ(read->table->row(0)[1].text, "sip:a");
  EXPECT_EQ(digest_of(*read), digest_of(cached.content));
  std::ifstream file{source_cache_path(cached.folder.path())};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(text.find("geheim"), std::string::npos);
}

TEST(SourceCache, ACopyOfAnotherSourceOrTableIsNotTaken) {
  Cached cached;
  ASSERT_TRUE(write_source_cache(cached.folder.path(), cached.inputs(), cached.content));

  cached.table.table = "other";
  EXPECT_FALSE(cached.read());
  cached.table.table = "dispatcher";
  cached.address.shown = "mysql://u:***@h/other";
  EXPECT_FALSE(cached.read());
}

TEST(SourceCache, AMissingOrCutCopyIsNotTaken) {
  const Cached cached;
  EXPECT_FALSE(cached.read());
  cached.folder.write("destinations.cache",
                      "# mysql://u:***@h/d dispatcher\nid(int) destination(string,null)\n1:si");
  EXPECT_FALSE(cached.read());
}

}  // namespace
}  // namespace steer::config
