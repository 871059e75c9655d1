#include "config/cluster_key.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/config/config_fixture.h"
#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

const std::string kOne(64, '1');
const std::string kTwo(64, 'a');

Settings settings_in(const test::TemporaryFolder& folder) {
  Settings settings = default_settings("s.toml");
  settings.state_directory = folder.path();
  return settings;
}

TEST(ClusterKey, OneLineSignsTheSecondVerifies) {
  const auto keys = parse_cluster_keys("# new, then old\n" + kOne + "\r\n\n  " + kTwo + "\n");

  ASSERT_TRUE(keys.has_value()) << keys.error().text();
  EXPECT_EQ(keys->signing.octets[0], 0x11);
  ASSERT_TRUE(keys->verifying.has_value());
  EXPECT_EQ(keys->verifying->octets[31], 0xaa);
  EXPECT_FALSE(parse_cluster_keys(kOne).value().verifying.has_value());
}

TEST(ClusterKey, AWrongFileIsRefusedWithTheCureAndWithoutShowingIt) {
  for (const std::string& text :
       {std::string{}, std::string{"# only\n"}, kOne.substr(1), kOne + "1",
        std::string(63, '1') + "g", kOne + "\n" + kTwo + "\n" + kOne}) {
    const auto keys = parse_cluster_keys(text);
    ASSERT_FALSE(keys.has_value()) << text;
    EXPECT_NE(keys.error().what.find("openssl rand -hex 32"), std::string::npos);
    EXPECT_EQ(keys.error().what.find("1111"), std::string::npos);
  }
  EXPECT_EQ(parse_cluster_keys(kOne + "\n  x").error().where, "2:3");
}

TEST(ClusterKey, AMissingOneIsMadeOnceAndKept) {
  const test::TemporaryFolder folder;
  const Settings settings = settings_in(folder);
  Diagnostics diagnostics;

  const auto first = load_cluster_keys(settings, {}, diagnostics);
  const auto second = load_cluster_keys(settings, {}, diagnostics);

  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->signing, second->signing);
  struct stat status{};
  ASSERT_EQ(stat(folder.file("cluster.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder.path()}, {}), 1)
      << "no temporary file stays";
  EXPECT_EQ(diagnostics.warning_count(), 0U) << test::joined(diagnostics);
}

TEST(ClusterKey, ACheckWritesNothing) {
  const test::TemporaryFolder folder;
  Diagnostics diagnostics;

  EXPECT_TRUE(
      load_cluster_keys(settings_in(folder), {.may_write = false, .process_key = {}}, diagnostics)
          .has_value());

  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ClusterKey, ADirectoryThatIsNotThereCostsAWarningAndTheProcessKeepsItsKey) {
  const test::TemporaryFolder folder;
  Settings settings = settings_in(folder);
  settings.state_directory += "/none";
  Diagnostics diagnostics;

  const auto first = load_cluster_keys(settings, {}, diagnostics);
  ASSERT_TRUE(first.has_value());
  const auto again =
      load_cluster_keys(settings, {.may_write = true, .process_key = first->signing}, diagnostics);

  EXPECT_EQ(again->signing, first->signing) << "a reload moves no calls";
  EXPECT_EQ(diagnostics.warning_count(), 2U);
  EXPECT_NE(test::joined(diagnostics).find("calls will move"), std::string::npos);
}

TEST(ClusterKey, AFileThatAllCanReadIsWarnedOf) {
  const test::TemporaryFolder folder;
  Settings settings = settings_in(folder);
  settings.cluster_key_file = folder.write("key", kOne);
  Diagnostics diagnostics;
  chmod(settings.cluster_key_file.c_str(), 0644);

  EXPECT_TRUE(load_cluster_keys(settings, {}, diagnostics).has_value());

  EXPECT_NE(test::joined(diagnostics).find("warning: everybody"), std::string::npos);
}

TEST(ClusterKey, AWrongOrMissingFileIsAnErrorWithItsPlace) {
  const test::TemporaryFolder folder;
  Settings settings = settings_in(folder);
  Diagnostics diagnostics;

  settings.cluster_key_file = folder.write("key", "\nhello\n");
  EXPECT_FALSE(load_cluster_keys(settings, {}, diagnostics).has_value());
  EXPECT_EQ(test::joined(diagnostics).find(settings.cluster_key_file + ":2:1: error: "), 0U)
      << test::joined(diagnostics);
  settings.cluster_key_file = folder.file("none");
  EXPECT_FALSE(load_cluster_keys(settings, {}, diagnostics).has_value());
  EXPECT_EQ(diagnostics.error_count(), 2U);
}

}  // namespace
}  // namespace steer::config
