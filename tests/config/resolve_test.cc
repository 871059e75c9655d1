#include "config/resolve.h"

#include <gtest/gtest.h>

namespace steer::config {
namespace {

TEST(Resolve, KnowsTheSourceTowardsLoopback) {
  const Resolver resolver = system_resolver();

  const std::optional<Address> source = resolver.source_towards(ipv4(127, 0, 0, 1, 5060));

  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(ip_text(*source), "127.0.0.1");
  EXPECT_EQ(source->port, 0) << "the port of a passing socket means nothing";
  EXPECT_FALSE(resolver.source_towards(Address{}).has_value());
}

TEST(Resolve, AnswersTwiceTheSame) {
  const Resolver resolver = system_resolver();

  const auto first = resolver.addresses("localhost");
  const auto second = resolver.addresses("localhost");

  ASSERT_EQ(first.has_value(), second.has_value());
  if (first) {
    EXPECT_EQ(*first, *second);
    for (const Address& each : *first) {
      EXPECT_EQ(each.port, 0);
    }
  }
}

}  // namespace
}  // namespace steer::config
