#include "config/settings.h"

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

TEST(Settings, KnowsWhereAKeyWasSet) {
  const test::Read read{"\nio = \"auto\"\n"};

  EXPECT_EQ(read.settings->place_of("io").line, 2U);
  EXPECT_EQ(read.settings->place_of("io").column, 6U);
  EXPECT_EQ(read.settings->place_of("shards").line, 1U) << "not set: the head of the file";
}

TEST(Settings, NamesItsWords) {
  EXPECT_EQ(name_of(IoChoice::kIoUring), "io_uring");
  EXPECT_EQ(name_of(Dialect::kOpensips), "opensips");
  EXPECT_EQ(name_of(LogLevel::kWarning), "warning");
}

}  // namespace
}  // namespace steer::config
