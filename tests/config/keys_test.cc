#include "config/keys.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace steer::config {
namespace {

TEST(Keys, EachPathIsThereOnceWithHelp) {
  std::set<std::string_view> paths;
  for (const KeyRow& row : key_table()) {
    EXPECT_TRUE(paths.insert(row.path).second) << row.path;
    EXPECT_FALSE(row.help.empty()) << row.path;
    EXPECT_EQ(find_key(row.path), &row_of(row.id));
  }
}

TEST(Keys, HoldsEveryKeyOfTheContract) {
  for (const char* const path : {"listen",
                                 "advertise",
                                 "shards",
                                 "io",
                                 "cluster_key",
                                 "destinations.source",
                                 "destinations.dialect",
                                 "destinations.table",
                                 "destinations.watch",
                                 "health.method",
                                 "health.interval",
                                 "health.timeout",
                                 "health.fall",
                                 "health.rise",
                                 "health.mode",
                                 "health.from",
                                 "health.ok_codes",
                                 "admin.http",
                                 "admin.socket",
                                 "admin.token",
                                 "limits.max_forwards",
                                 "limits.message_bytes",
                                 "limits.removed_linger",
                                 "route.match.method",
                                 "route.match.source",
                                 "route.match.ruri_user",
                                 "route.match.from_set",
                                 "route.set",
                                 "route.algorithm",
                                 "route.hash",
                                 "route.mode",
                                 "route.completed",
                                 "route.record_route",
                                 "route.path",
                                 "route.failover.on",
                                 "route.failover.tries",
                                 "route.failover.timeout"}) {
    EXPECT_NE(find_key(path), nullptr) << path;
  }
}

TEST(Keys, KnowsItsSections) {
  EXPECT_TRUE(is_section("health"));
  EXPECT_TRUE(is_section("route.match"));
  EXPECT_FALSE(is_section("health.interval"));
  EXPECT_FALSE(is_section("heal"));
}

TEST(Keys, SuggestsNeighboursFirstThenOtherSections) {
  EXPECT_EQ(suggest_key("health.intervall"), "; did you mean 'interval'?");
  EXPECT_EQ(suggest_key("heath"), "; did you mean 'health'?");
  EXPECT_EQ(suggest_key("interval"), "; did you mean 'health.interval'?");
  EXPECT_EQ(suggest_key("colour_of_the_sky"), "");
}

TEST(Keys, SplitsChoices) {
  EXPECT_EQ(split_choices("a|bc|d"), (std::vector<std::string_view>{"a", "bc", "d"}));
  EXPECT_TRUE(split_choices("").empty());
}

}  // namespace
}  // namespace steer::config
