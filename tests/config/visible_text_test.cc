#include "config/visible_text.h"

#include <gtest/gtest.h>

namespace steer::config {
namespace {

TEST(VisibleText, KeepsWhatIsPrintedAndTurnsTabsIntoBlanks) {
  EXPECT_EQ(visible_text("1\tsip:ä@x # €𝄞"), "1 sip:ä@x # €𝄞");
}

TEST(VisibleText, NoTerminalObeysIt) {
  EXPECT_EQ(visible_text("a\x1b[2J\x7f\r\n"), "a?[2J???");
  EXPECT_EQ(visible_text("\xc2\x9b"
                         "2J"),
            "??2J")
      << "C1 controls";
  EXPECT_EQ(visible_text("\xe2\x80\xae"
                         "x"),
            "???x")
      << "right to left override";
}

TEST(VisibleText, WhatIsNotUtf8IsShownOctetByOctet) {
  EXPECT_EQ(visible_text("\xff\xc3"), "??");
  EXPECT_EQ(visible_text("\xc0\xaf\xe0\x80\x80\xed\xa0\x80"), "????????") << "too long, surrogate";
  EXPECT_EQ(visible_text("\xf4\x90\x80\x80"), "????") << "beyond U+10FFFF";
}

TEST(VisibleText, ColumnsAreThoseOfCharacters) {
  EXPECT_EQ(visible_column("abc", 1), 1U);
  EXPECT_EQ(visible_column("abc", 4), 4U) << "at the end";
  EXPECT_EQ(visible_column("abc", 6), 6U) << "behind the end";
  EXPECT_EQ(visible_column("äbc", 3), 2U);
  EXPECT_EQ(visible_column("\xff\xff"
                           "bc",
                           3),
            3U);
  EXPECT_EQ(visible_column("", 1), 1U);
}

TEST(VisibleText, PartsAreCutBetweenCharacters) {
  EXPECT_EQ(visible_width("aä€"), 3U);
  EXPECT_EQ(visible_part("aä€z", 1, 2), "ä€");
  EXPECT_EQ(visible_part("aä€z", 3, 9), "z");
}

}  // namespace
}  // namespace steer::config
