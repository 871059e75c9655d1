#include "config/read_file.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

TEST(ReadFile, ReadsTheOctets) {
  const test::TemporaryFolder folder;
  const std::string text = std::string(300'000, 'x') + std::string{"\0y", 2};

  EXPECT_EQ(read_text_file(folder.write("f", text), text.size()).value(), text);
  EXPECT_EQ(read_text_file(folder.write("empty", ""), 10).value(), "");
}

TEST(ReadFile, OneOctetPastTheLimitIsRefused) {
  const test::TemporaryFolder folder;

  const Result<std::string> text = read_text_file(folder.write("f", "12345"), 4);

  ASSERT_FALSE(text.has_value());
  EXPECT_NE(text.error().what.find("larger than 4 octets"), std::string::npos);
}

TEST(ReadFile, SaysWhatIsThereInsteadOfAFile) {
  const test::TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0600), 0);

  EXPECT_NE(read_text_file(folder.file("none"), 9).error().what.find("create it"),
            std::string::npos);
  EXPECT_NE(read_text_file(folder.path(), 9).error().what.find("directory"), std::string::npos);
  EXPECT_NE(read_text_file(folder.file("pipe"), 9).error().what.find("no regular file"),
            std::string::npos);
  EXPECT_EQ(read_text_file(folder.file("none"), 9).error().where, folder.file("none"));
}

TEST(ReadFile, MissingRightsAreNamedWithTheCure) {
  EXPECT_NE(file_problem(EACCES).find("give the user that runs sipsteer the right"),
            std::string::npos);
}

}  // namespace
}  // namespace steer::config
