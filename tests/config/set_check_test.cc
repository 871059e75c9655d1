#include "config/set_check.h"

#include <gtest/gtest.h>

#include "tests/config/list_fixture.h"

namespace steer::config {
namespace {

using test::CheckedList;

TEST(SetCheck, PrioritiesThatDifferAreWarnedOfOncePerSet) {
  const CheckedList list{
      "1 sip:192.0.2.1 8 0\n1 sip:192.0.2.2 8 5\n1 sip:192.0.2.3 8 9\n2 sip:192.0.2.1 8 7\n"
      "2 sip:192.0.2.2 8 7\n"};

  EXPECT_EQ(list.diagnostics.warning_count(), 1U) << list.all();
  EXPECT_EQ(list.all().find("d.list:2:19: warning: priorities differ in set 1"), 0U) << list.all();
}

TEST(SetCheck, AColumnThatLooksLikeWeightsIsDoubted) {
  const char* const hint = "dialect = \"opensips\"";
  EXPECT_NE(CheckedList{"1 sip:192.0.2.1 0 70\n1 sip:192.0.2.2 0 30\n"}.all().find(hint),
            std::string::npos);
  EXPECT_NE(CheckedList{"1 sip:192.0.2.1 0 50\n1 sip:192.0.2.2 0 50\n"}.all().find(hint),
            std::string::npos);
  EXPECT_EQ(
      CheckedList{"1 sip:192.0.2.1 0 70 weight=1\n1 sip:192.0.2.2 0 30 weight=2\n"}.all().find(
          hint),
      std::string::npos);
  EXPECT_EQ(CheckedList{"1 sip:192.0.2.1 0 20\n1 sip:192.0.2.2 0 20\n"}.all(), "");
}

TEST(SetCheck, ASetThatTakesNobodyIsWarnedOf) {
  EXPECT_NE(CheckedList{"1 sip:192.0.2.1 1\n1 sip:192.0.2.2 4\n"}.all().find("takes no traffic"),
            std::string::npos);
  EXPECT_NE(CheckedList{"1 sip:192.0.2.1 0 0 weight=0\n"}.all().find("all weights are 0"),
            std::string::npos);
  EXPECT_EQ(CheckedList{"1 sip:192.0.2.1 9\n1 sip:192.0.2.2 4\n"}.all(), "");
}

}  // namespace
}  // namespace steer::config
