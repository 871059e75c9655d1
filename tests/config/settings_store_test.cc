#include "config/settings_store.h"

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

using test::Read;

TEST(SettingsStore, PathsBeginAtTheFolderOfTheFile) {
  EXPECT_EQ(path_beside("/etc/s/s.toml", "d.list"), "/etc/s/d.list");
  EXPECT_EQ(path_beside("/etc/s/s.toml", "../d.list"), "/etc/d.list");
  EXPECT_EQ(path_beside("/etc/s/s.toml", "/srv/d.list"), "/srv/d.list");
  EXPECT_EQ(path_beside("s.toml", "d.list"), "d.list");
}

TEST(SettingsStore, MethodsAreCaseSensitive) {
  const Read read{"[[route]]\nset = 1\nmatch = { method = [\"invite\", \"IN VITE\"] }\n"};

  EXPECT_EQ(read.diagnostics.error_count(), 2U) << test::joined(read.diagnostics);
  EXPECT_NE(test::joined(read.diagnostics).find("lower case"), std::string::npos);
}

TEST(SettingsStore, TheSecretItselfIsNotTakenFromTheFile) {
  const Read read{"cluster_key = \"0123456789abcdef\""};

  EXPECT_NE(test::joined(read.diagnostics).find("openssl rand -hex 32"), std::string::npos);
  EXPECT_EQ(test::joined(read.diagnostics).find("0123456789abcdef"), std::string::npos);
}

TEST(SettingsStore, TheSocketPathFitsTheKernel) {
  EXPECT_FALSE(
      Read{"[admin]\nsocket = \"/" + std::string(106, 's') + "\""}.diagnostics.has_errors());
  EXPECT_TRUE(
      Read{"[admin]\nsocket = \"/" + std::string(107, 's') + "\""}.diagnostics.has_errors());
}

TEST(SettingsStore, ASourceOfAnUnknownKindIsRefusedAndNotOpened) {
  for (const char* const source : {"redis://h", "mysql://h", "text://"}) {
    const Read read{std::string{"[destinations]\nsource = \""} + source + "\""};
    EXPECT_EQ(read.diagnostics.error_count(), 1U) << source;
    EXPECT_TRUE(read.settings->source.empty()) << source;
  }
}

TEST(SettingsStore, WrongNetworksAndSendersAreRefused) {
  EXPECT_TRUE(Read{"[[route]]\nset=1\nmatch={source=[\"10.0.0.0/33\"]}"}.diagnostics.has_errors());
  EXPECT_TRUE(Read{"[[route]]\nset=1\nmatch={source=\"ten\"}"}.diagnostics.has_errors());
  EXPECT_TRUE(Read{"[[route]]\nset=1\nmatch={transport=\"tcp\"}"}.diagnostics.has_errors());
  EXPECT_TRUE(Read{"[health]\nfrom = \"alice\""}.diagnostics.has_errors());
  EXPECT_TRUE(Read{"[health]\nfrom = \"sip:a@\""}.diagnostics.has_errors());
  EXPECT_TRUE(Read{"[health]\nfrom = \"<sip:a@b>\""}.diagnostics.has_errors());
}

}  // namespace
}  // namespace steer::config
