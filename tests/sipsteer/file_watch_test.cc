#include "tools/sipsteer/file_watch.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/config/temporary_folder.h"

namespace steer {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// A file "d.list" in a folder that is watched; time is what the test says.
class FileWatchTest : public testing::Test {
 protected:
  void open() {
    Result<FileWatch> opened = FileWatch::open(folder.file("d.list"));
    ASSERT_TRUE(opened) << opened.error().text();
    watch.emplace(std::move(*opened));
  }
  // Whether a change is told when the burst is over.
  bool told() {
    if (watch->changed(now)) return true;
    now += FileWatch::kQuiet;
    const bool changed = watch->changed(now);
    if (changed) watch->note_reading();
    return changed;
  }

  config::test::TemporaryFolder folder;
  std::optional<FileWatch> watch;
  Instant now{std::chrono::hours{1}};
};

TEST_F(FileWatchTest, NothingIsToldOfAFileThatStays) {
  folder.write("d.list", "a");
  open();

  EXPECT_FALSE(told());
  folder.write("other", "b");
  EXPECT_FALSE(told());
}

TEST_F(FileWatchTest, AFileWrittenInPlace) {
  folder.write("d.list", "a");
  open();
  folder.write("d.list", "b");

  EXPECT_TRUE(told());
  EXPECT_FALSE(told());
}

TEST_F(FileWatchTest, AnotherFileRenamedIntoItsPlaceWithTheSameTimeAndSize) {
  folder.write("d.list", "a");
  open();
  folder.write("new", "b");
  fs::last_write_time(folder.file("new"), fs::last_write_time(folder.file("d.list")));
  fs::rename(folder.file("new"), folder.file("d.list"));

  EXPECT_TRUE(told());
}

TEST_F(FileWatchTest, ASymbolicLinkThatPointsElsewhereNow) {
  fs::create_directory(folder.file("v1"));
  fs::create_directory(folder.file("v2"));
  folder.write("v1/d.list", "a");
  folder.write("v2/d.list", "b");
  fs::create_directory_symlink("v1", folder.file("data"));
  fs::create_symlink("data/d.list", folder.file("d.list"));
  open();
  fs::create_directory_symlink("v2", folder.file("data.new"));
  fs::rename(folder.file("data.new"), folder.file("data"));

  EXPECT_TRUE(told());
  folder.write("v2/d.list", "c");
  EXPECT_TRUE(told());
}

TEST_F(FileWatchTest, AFileThatIsGoneForAWhileIsNoNewsAndItsReturnIs) {
  folder.write("d.list", "a");
  open();
  fs::remove(folder.file("d.list"));
  EXPECT_FALSE(told());
  folder.write("d.list", "a");

  EXPECT_TRUE(told());
}

TEST_F(FileWatchTest, ABurstIsToldOnceAndEndsAfterASecond) {
  folder.write("d.list", "a");
  open();
  int told_count = 0;
  for (int i = 0; i < 20; ++i) {
    folder.write("d.list", std::string(static_cast<std::size_t>(i), 'x'));
    told_count += watch->changed(now) ? 1 : 0;
    now += milliseconds{100};
  }

  EXPECT_EQ(told_count, 1);
}

TEST_F(FileWatchTest, WhatChangedBeforeItWasReadIsNoNews) {
  folder.write("d.list", "a");
  open();
  folder.write("d.list", "b");
  watch->note_reading();

  EXPECT_FALSE(told());
}

TEST(FoldersOnTheWay, AreThoseThatExist) {
  const config::test::TemporaryFolder folder;

  const std::vector<std::string> folders = folders_on_the_way(folder.file("not/there/d.list"));

  EXPECT_EQ(folders, std::vector<std::string>{folder.path()});
}

TEST(FoldersOnTheWay, ALoopOfLinksEnds) {
  const config::test::TemporaryFolder folder;
  fs::create_symlink("b", folder.file("a"));
  fs::create_symlink("a", folder.file("b"));

  EXPECT_FALSE(folders_on_the_way(folder.file("a")).empty());
}

}  // namespace
}  // namespace steer
