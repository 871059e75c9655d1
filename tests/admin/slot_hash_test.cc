#include "admin/slot_hash.h"

#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace steer::admin {
namespace {

std::uint32_t hash(std::vector<std::string_view> keys) {
  return slot_hash(keys);
}

// Answers of Kamailio 5.6.3's dispatcher.hash, and of OpenSIPS's function.
TEST(SlotHash, GivesTheAnswersOfTheOriginals) {
  EXPECT_EQ(hash({"abc"}), 7'167'810U);
  EXPECT_EQ(hash({"a"}), 109U);
  EXPECT_EQ(hash({"abcd"}), 1'834'959'896U);
  EXPECT_EQ(hash({"alice", "example.com"}), 1'442'294'598U);
  EXPECT_EQ(hash({"bob", "server.com:5080"}), 1'243'011'444U);
  EXPECT_EQ(hash({"f81d4fae-7dec-11d0-a765-00a0c91e6bf6@foo.bar.com"}), 1'180'737'664U);
  EXPECT_EQ(hash({"3848276298220188511@atlanta.example.com"}), 3'416'024'093U);
}

TEST(SlotHash, CountsOctetsAsSigned) {
  EXPECT_EQ(hash({"\xc3\xa9t\xc3\xa9"}), 3'139'016'441U);
  EXPECT_EQ(hash({"\xc3\xa9"}), 3'760'405'700U);
}

TEST(SlotHash, IsNeverZero) {
  EXPECT_EQ(hash({""}), 1U);
  EXPECT_EQ(hash({}), 1U);
}

}  // namespace
}  // namespace steer::admin
