#include "core/proxy/best_response.h"

#include <gtest/gtest.h>

namespace steer::proxy {
namespace {

TEST(BestResponse, AGlobalFailureIsBeforeAll) {
  for (const std::uint16_t other : {301, 401, 404, 500, 503}) {
    EXPECT_TRUE(is_better(603, other));
    EXPECT_FALSE(is_better(other, 603));
  }
}

TEST(BestResponse, TheLowestClassIsBest) {
  EXPECT_TRUE(is_better(302, 404));
  EXPECT_TRUE(is_better(404, 500));
  EXPECT_FALSE(is_better(503, 486));
}

TEST(BestResponse, WithinItsClassWhatTellsHowToAskAgainIsBest) {
  for (const std::uint16_t status : {401, 407, 415, 420, 484}) {
    EXPECT_TRUE(is_better(status, 404));
    EXPECT_FALSE(is_better(404, status));
  }
}

TEST(BestResponse, AChallengeIsNotLostToAnotherWayToAskAgain) {
  for (const std::uint16_t status : {415, 420, 484}) {
    EXPECT_TRUE(is_better(407, status));
    EXPECT_FALSE(is_better(status, 401));
  }
  EXPECT_TRUE(is_better(401, 407));
  EXPECT_TRUE(is_better(407, 401));
}

TEST(BestResponse, OfEqualsTheLaterOneLeaves) {
  EXPECT_TRUE(is_better(404, 486));
  EXPECT_TRUE(is_better(486, 404));
}

TEST(BestResponse, AnythingIsBetterThanNothing) {
  EXPECT_TRUE(is_better(503, 0));
  EXPECT_FALSE(is_better(0, 503));
}

TEST(BestResponse, A503LeavesAs500UnlessToldOtherwise) {
  EXPECT_EQ(leaving_status(503, false), 500);
  EXPECT_EQ(leaving_status(503, true), 503);
  EXPECT_EQ(leaving_status(502, false), 502);
}

}  // namespace
}  // namespace steer::proxy
