#include "admin/nearest_word.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace steer::admin {
namespace {

constexpr std::array<std::string_view, 4> kKnown = {"sipsteer.list", "sipsteer.set_state", "which",
                                                    "sipsteer.reload"};

TEST(NearestWord, FindsATypingMistake) {
  EXPECT_EQ(nearest_word("sipsteer.lits", kKnown), "sipsteer.list");
  EXPECT_EQ(nearest_word("wich", kKnown), "which");
  EXPECT_EQ(nearest_word("whcih", kKnown), "which");
}

TEST(NearestWord, FindsAnotherPrefix) {
  EXPECT_EQ(nearest_word("dispatcher.list", kKnown), "sipsteer.list");
  EXPECT_EQ(nearest_word("reload", kKnown), "sipsteer.reload");
}

TEST(NearestWord, FindsNothingForSomethingElse) {
  EXPECT_EQ(nearest_word("core.uptime", kKnown), "");
  EXPECT_EQ(nearest_word("", kKnown), "");
  EXPECT_EQ(nearest_word(std::string(100'000, 'x'), kKnown), "");
  EXPECT_EQ(nearest_word("list", {}), "");
}

TEST(NearestWord, ListsAllWordsWithCommas) {
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed(kKnown), "sipsteer.list, sipsteer.set_state, which, sipsteer.reload");
}

}  // namespace
}  // namespace steer::admin
