#include "config/suggestion.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace steer::config {
namespace {

TEST(Suggestion, CountsSingleLetterChanges) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("lisetn", "listen"), 1U) << "neighbours swapped";
}

TEST(Suggestion, NamesTheNearestAndNothingWhenAllAreFar) {
  constexpr std::array<std::string_view, 3> kWords{"listen", "shards", "io"};

  EXPECT_EQ(nearest("lisetn", kWords), "listen");
  EXPECT_EQ(nearest("Shard", kWords), "shards");
  EXPECT_EQ(nearest("password", kWords), "");
  EXPECT_EQ(did_you_mean("shrads", kWords), "; did you mean 'shards'?");
}

TEST(Suggestion, LongWordsAreCutAndNotOverrun) {
  EXPECT_EQ(edit_distance(std::string(1'000, 'a'), std::string(2'000, 'a')), 0U);
}

}  // namespace
}  // namespace steer::config
