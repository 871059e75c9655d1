#include "tools/sipsteer/journal_file.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/admin/temporary_folder.h"

namespace steer {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kThen{1'790'000'000'000ms};

admin::Journal some_journal(std::uint32_t set = 1) {
  admin::Journal journal;
  journal.entries.push_back({.set = set,
                             .identity = "sip:192.0.2.1",
                             .uri = "sip:192.0.2.1",
                             .state = admin::StateWord{.intent = dispatch::Intent::kDisabled,
                                                       .reason = "new disk",
                                                       .since = kThen},
                             .listed = kThen});
  return journal;
}

struct JournalFiles {
  admin::test::TemporaryFolder folder;

  JournalFile open() { return {folder.path(), "intents.json"}; }
  std::string path() { return folder.file("intents.json"); }
  void put(const std::string& text) { std::ofstream{path()} << text; }
  std::string text() {
    std::ostringstream text;
    text << std::ifstream{path()}.rdbuf();
    return text.str();
  }
};

TEST(JournalFile, NothingThereIsNothingSaidAndNoMistake) {
  JournalFiles files;

  const JournalFile::Found found = files.open().read();

  EXPECT_FALSE(found.journal.has_value());
  EXPECT_EQ(found.warning, "");
  EXPECT_TRUE(std::filesystem::is_empty(files.folder.path()));
}

TEST(JournalFile, WhatOneProcessWroteTheNextOneReads) {
  JournalFiles files;
  ASSERT_TRUE(files.open().write(some_journal()).has_value());

  const JournalFile::Found found = files.open().read();

  ASSERT_TRUE(found.journal.has_value()) << found.warning;
  EXPECT_EQ(*found.journal, some_journal());
}

TEST(JournalFile, IsReplacedAndForItsOwnerAlone) {
  JournalFiles files;
  JournalFile file = files.open();
  ASSERT_TRUE(file.write(some_journal(1)).has_value());
  ASSERT_TRUE(file.write(some_journal(2)).has_value());

  struct stat status{};
  ASSERT_EQ(stat(files.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(*admin::read_journal(files.text()), some_journal(2));
  EXPECT_FALSE(std::filesystem::exists(files.path() + ".new"));
}

TEST(JournalFile, WithNothingToSayThereIsNoFile) {
  JournalFiles files;
  JournalFile file = files.open();
  ASSERT_TRUE(file.write({}).has_value());
  EXPECT_TRUE(std::filesystem::is_empty(files.folder.path()));
  ASSERT_TRUE(file.write(some_journal()).has_value());

  ASSERT_TRUE(file.write({}).has_value());

  EXPECT_FALSE(std::filesystem::exists(files.path()));
}

TEST(JournalFile, ADamagedOneIsKeptAsideAndNamed) {
  JournalFiles files;
  const std::string good = admin::write_journal(some_journal());
  for (const std::string& text : {good.substr(0, good.size() / 2), std::string{"rubbish"},
                                  std::string{"{\"version\": 99}"}, std::string{}}) {
    files.put(text);

    const JournalFile::Found found = files.open().read();

    EXPECT_FALSE(found.journal.has_value()) << text;
    EXPECT_NE(found.warning.find(files.path() + " cannot be used"), std::string::npos);
    EXPECT_NE(found.warning.find("kept as " + files.path() + ".kept-"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(files.path())) << text;
  }
  EXPECT_TRUE(std::filesystem::exists(files.path() + ".kept-4"));
}

TEST(JournalFile, OneThatIsNoFileIsKeptAsideToo) {
  JournalFiles files;
  std::filesystem::create_directory(files.path());

  const JournalFile::Found found = files.open().read();

  EXPECT_NE(found.warning.find("directory"), std::string::npos) << found.warning;
  EXPECT_TRUE(files.open().write(some_journal()).has_value());
}

TEST(JournalFile, WhatACrashLeftBehindDoesNotMatter) {
  JournalFiles files;
  std::ofstream{files.path() + ".new"} << "half of a jour";

  ASSERT_TRUE(files.open().write(some_journal()).has_value());

  EXPECT_EQ(*files.open().read().journal, some_journal());
}

TEST(JournalFile, AFolderThatIsNotThereIsToldWithTheCure) {
  JournalFiles files;
  JournalFile file{files.folder.file("nowhere"), "intents.json"};

  const Result<void> written = file.write(some_journal());

  ASSERT_FALSE(written.has_value());
  EXPECT_NE(written.error().text().find("make " + files.folder.file("nowhere") + " writable"),
            std::string::npos)
      << written.error().text();
}

TEST(JournalFile, TwoDaemonsDoNotShareOne) {
  JournalFiles files;
  JournalFile first = files.open();
  ASSERT_TRUE(first.write(some_journal(1)).has_value());

  JournalFile second = files.open();
  const JournalFile::Found found = second.read();
  const Result<void> written = second.write(some_journal(2));

  EXPECT_FALSE(found.journal.has_value());
  EXPECT_NE(found.warning.find("another sipsteer holds it"), std::string::npos) << found.warning;
  EXPECT_FALSE(written.has_value());
  EXPECT_EQ(*admin::read_journal(files.text()), some_journal(1));
}

TEST(JournalName, EveryListWithoutAConfigurationHasItsOwn) {
  EXPECT_EQ(journal_name(""), "intents.json");
  EXPECT_NE(journal_name("/a/dispatcher.list"), journal_name("/b/dispatcher.list"));
  EXPECT_EQ(journal_name("/a/dispatcher.list"), journal_name("/a/dispatcher.list"));
}

}  // namespace
}  // namespace steer
