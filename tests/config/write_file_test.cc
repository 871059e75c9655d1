#include "config/write_file.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "config/read_file.h"
#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 0777;
}

TEST(WriteFile, MakesAFileWithItsModeAndNothingBesideIt) {
  const test::TemporaryFolder folder;

  ASSERT_TRUE(write_file(folder.file("a"), "text", 0600));

  EXPECT_EQ(read_text_file(folder.file("a"), 10).value(), "text");
  EXPECT_EQ(mode_of(folder.file("a")), 0600U);
  EXPECT_EQ(std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}), 1);
}

TEST(WriteFile, KeepsTheModeAndAnOlderReaderItsText) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("a", "old");
  fs::permissions(path, fs::perms{0640});
  std::ifstream reader{path};

  ASSERT_TRUE(write_file(path, "new", 0600));

  std::string text;
  reader >> text;
  EXPECT_EQ(text, "old");
  EXPECT_EQ(mode_of(path), 0640U);
}

TEST(WriteFile, WhatASymbolicLinkNamesIsReplaced) {
  const test::TemporaryFolder folder;
  folder.write("a", "old");
  fs::create_symlink("a", folder.file("link"));

  ASSERT_TRUE(write_file(folder.file("link"), "new", 0600));

  EXPECT_TRUE(fs::is_symlink(folder.file("link")));
  EXPECT_EQ(read_text_file(folder.file("a"), 10).value(), "new");
}

TEST(WriteFile, AFolderAndAMissingFolderAreRefused) {
  const test::TemporaryFolder folder;

  EXPECT_FALSE(write_file(folder.path(), "x", 0600));
  EXPECT_FALSE(write_file(folder.file("no/a"), "x", 0600));
}

}  // namespace
}  // namespace steer::config
