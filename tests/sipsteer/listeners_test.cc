#include "tools/sipsteer/listeners.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/base/assert.h"

namespace steer {
namespace {

config::ListenSpec spec(const char* address, std::uint16_t port = 0) {
  config::ListenSpec result;
  const std::optional<Address> parsed = parse_ip(address, port);
  STEER_ASSERT(parsed.has_value());
  result.address = *parsed;
  return result;
}

dispatch::ListenerDefinition definition(const char* address, std::uint16_t port = 0) {
  dispatch::ListenerDefinition result;
  result.address = spec(address, port).address;
  return result;
}

TEST(ConcreteListeners, AConcreteAddressStaysAsItIs) {
  config::Settings settings;
  settings.listen = {spec("127.0.0.1", 5'060)};

  const auto listeners = concrete_listeners(settings);

  ASSERT_TRUE(listeners.has_value());
  ASSERT_EQ(listeners->size(), 1U);
  EXPECT_EQ(to_string(listeners->front().address), "127.0.0.1:5060");
}

TEST(ConcreteListeners, AWildcardBecomesOneForEachLocalAddress) {
  config::Settings settings;
  settings.listen = {spec("0.0.0.0", 5'060)};

  const auto listeners = concrete_listeners(settings);

  ASSERT_TRUE(listeners.has_value());
  EXPECT_TRUE(std::ranges::any_of(*listeners, [](const dispatch::ListenerDefinition& listener) {
    return to_string(listener.address) == "127.0.0.1:5060";
  }));
  for (const dispatch::ListenerDefinition& listener : *listeners) {
    EXPECT_EQ(listener.address.family, Family::kIpv4);
    EXPECT_FALSE(is_wildcard(listener.address));
  }
}

TEST(ConcreteListeners, TheirOwnAdvertiseGoesBeforeTheGeneralOne) {
  config::Settings settings;
  settings.advertise_host = "general.example";
  settings.advertise_port = 5'070;
  settings.listen = {spec("127.0.0.1", 5'060), spec("127.0.0.2", 5'060)};
  settings.listen[1].advertise_host = "own.example";
  settings.listen[1].force_rport = true;

  const auto listeners = concrete_listeners(settings);

  ASSERT_TRUE(listeners.has_value());
  EXPECT_EQ(listeners->at(0).advertise_host, "general.example");
  EXPECT_EQ(listeners->at(0).advertise_port, 5'070);
  EXPECT_FALSE(listeners->at(0).force_rport);
  EXPECT_EQ(listeners->at(1).advertise_host, "own.example");
  EXPECT_EQ(listeners->at(1).advertise_port, 0);
  EXPECT_TRUE(listeners->at(1).force_rport);
}

TEST(ConcreteListeners, MoreThanTheLimitAreRefused) {
  config::Settings settings;
  settings.listen.assign(kListenerCountMax, spec("127.0.0.1", 5'060));
  EXPECT_TRUE(concrete_listeners(settings).has_value());
  settings.listen.push_back(spec("127.0.0.1", 5'060));

  EXPECT_FALSE(concrete_listeners(settings).has_value());
}

TEST(Claim, Port0BecomesThePortThatTheSystemGave) {
  std::vector<dispatch::ListenerDefinition> listeners{definition("127.0.0.1"),
                                                      definition("127.0.0.1")};

  ASSERT_TRUE(claim(listeners).has_value());

  EXPECT_NE(listeners[0].address.port, 0);
  EXPECT_NE(listeners[1].address.port, 0);
  EXPECT_NE(listeners[0].address.port, listeners[1].address.port);
}

TEST(Claim, ABusyPortIsRefusedEvenIfItsOwnerWouldShareIt) {
  const Result<net::UdpSocket> owner =
      net::open_udp(spec("127.0.0.1").address, {.reuse_port = true});
  ASSERT_TRUE(owner.has_value());
  std::vector<dispatch::ListenerDefinition> listeners{definition("127.0.0.1", owner->address.port)};

  const Result<void> claimed = claim(listeners);

  ASSERT_FALSE(claimed.has_value());
  EXPECT_NE(claimed.error().text().find(std::to_string(owner->address.port)), std::string::npos);
}

TEST(Claim, TwoEqualListenersAreRefused) {
  std::vector<dispatch::ListenerDefinition> once{definition("127.0.0.1")};
  ASSERT_TRUE(claim(once).has_value());
  std::vector<dispatch::ListenerDefinition> twice{once.front(), once.front()};

  EXPECT_FALSE(claim(twice).has_value());
}

TEST(ShardSockets, SeveralShardsShareThePorts) {
  std::vector<dispatch::ListenerDefinition> listeners{definition("127.0.0.1")};
  ASSERT_TRUE(claim(listeners).has_value());

  const auto first = open_shard_sockets(listeners);
  const auto second = open_shard_sockets(listeners);

  ASSERT_TRUE(first.has_value());
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(first->front().address, second->front().address);
}

TEST(ProbeSockets, StandOnTheListenersAddressAndAnotherPort) {
  std::vector<dispatch::ListenerDefinition> listeners{definition("127.0.0.1"),
                                                      definition("127.0.0.2")};
  ASSERT_TRUE(claim(listeners).has_value());

  const auto sockets = open_probe_sockets(listeners);

  ASSERT_TRUE(sockets.has_value());
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    EXPECT_TRUE(same_ip((*sockets)[i].address, listeners[i].address));
    EXPECT_NE((*sockets)[i].address.port, listeners[i].address.port);
  }
}

}  // namespace
}  // namespace steer
