#include "core/base/connection_id.h"

#include <gtest/gtest.h>

namespace steer {
namespace {

TEST(ConnectionId, NamesNoneUnlessItWasMade) {
  EXPECT_FALSE(ConnectionId{});
  EXPECT_FALSE(ConnectionId::from_number(0));
  EXPECT_TRUE(ConnectionId::make(0, 0, 1));
}

TEST(ConnectionId, IsTheNumberThatItGives) {
  const ConnectionId id = ConnectionId::make(255, 65'535, 0xab'cdef);

  EXPECT_EQ(id.number(), 0xffff'ffab'cdefU);
  EXPECT_EQ(ConnectionId::from_number(id.number()), id);
  EXPECT_EQ(id.generation(), 0xab'cdefU);
}

TEST(ConnectionId, DiffersByEachPart) {
  const ConnectionId id = ConnectionId::make(1, 2, 3);

  EXPECT_NE(id, ConnectionId::make(2, 2, 3));
  EXPECT_NE(id, ConnectionId::make(1, 3, 3));
  EXPECT_NE(id, ConnectionId::make(1, 2, 4));
  EXPECT_NE(id, ConnectionId::make(1, 2, 3 + (1U << 16U)));
}

}  // namespace
}  // namespace steer
