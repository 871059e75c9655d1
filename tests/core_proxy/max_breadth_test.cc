#include "core/proxy/max_breadth.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/core_proxy/parsed.h"

namespace steer::proxy {
namespace {

std::string request(const std::string& lines) {
  return test::request_with("Via: SIP/2.0/UDP pc;branch=z9hG4bKa\r\n", lines);
}
std::uint16_t breadth_of(const std::string& lines) {
  const test::Parsed message{request(lines)};
  return max_breadth_of(*message);
}

TEST(MaxBreadth, IsReadWhereItStands) {
  EXPECT_EQ(breadth_of(""), kNoMaxBreadth);
  EXPECT_EQ(breadth_of("Max-Breadth: 60\r\n"), 60);
  EXPECT_EQ(breadth_of("max-breadth :  0\r\n"), 0);
  EXPECT_EQ(breadth_of("Max-Breadth: 70000\r\n"), kNoMaxBreadth - 1);
  EXPECT_EQ(breadth_of("Max-Breadth: 99999999999999999999\r\n"), kNoMaxBreadth - 1);
}

TEST(MaxBreadth, WhatIsNoNumberIsAsIfItWereNotThere) {
  EXPECT_EQ(breadth_of("Max-Breadth: many\r\n"), kNoMaxBreadth);
  EXPECT_EQ(breadth_of("Max-Breadth: 6 0\r\n"), kNoMaxBreadth);
  EXPECT_EQ(breadth_of("Max-Breadth: -1\r\n"), kNoMaxBreadth);
  EXPECT_EQ(breadth_of("Max-Breadth:\r\n"), kNoMaxBreadth);
}

std::string set_in(const std::string& lines, std::uint16_t value) {
  const test::Parsed message{request(lines)};
  std::string out = *message.text;
  set_max_breadth(*message, value, out);
  return out;
}

TEST(MaxBreadth, ASmallerValueTakesItsPlace) {
  EXPECT_EQ(set_in("Max-Breadth: 60\r\n", 59), request("Max-Breadth: 59\r\n"));
  EXPECT_EQ(set_in("Max-Breadth: 60\r\n", 5), request("Max-Breadth:  5\r\n"));
  EXPECT_EQ(set_in("Max-Breadth: 100\r\n", 0), request("Max-Breadth:   0\r\n"));
  EXPECT_EQ(set_in("", 5), request(""));
}

TEST(MaxBreadth, OneIsKeptForEachTryThatMayFollow) {
  EXPECT_EQ(breadth_share(60, 2), 58);
  EXPECT_EQ(breadth_share(58, 0), 58);
  EXPECT_EQ(breadth_share(2, 5), 1);
  EXPECT_EQ(breadth_share(1, 3), 1);
  EXPECT_EQ(breadth_share(0, 3), 0);
}

}  // namespace
}  // namespace steer::proxy
