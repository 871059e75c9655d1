#include "dispatch/request_host.h"

#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/proxy/stateful_branch.h"
#include "core/sip/parse.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using proxy::TryFailure;
using test::World;

constexpr std::string_view kBranch =
    "z9hG4bKsf.0123456789abcdef.000000010000000200000003.fedcba9876543210";

Definition stateful() {
  Definition definition = test::simple_definition(4);
  definition.routes[0].mode = RouteMode::kStateful;
  definition.routes[0].failover = {.on_timeout = true, .on_transport = false, .tries = 3};
  definition.routes[0].failover.codes = {.codes = {480}, .classes = 1U << 5};
  return definition;
}

// A host over a world, and a request that went to the first destination.
struct Rig {
  explicit Rig(Definition definition = stateful()) : world{std::move(definition)} {
    EXPECT_EQ(sip::parse(text, *message), sip::ParseError::kNone);
    memory.order = {.hash = {42}};
    memory.set = {1};
    EXPECT_TRUE(memory.tried.add(first().key));
    user.set(memory);
  }
  const Destination& first() const { return world.snapshot().sets[0].destinations[0]; }
  RequestHost host() {
    return RequestHost{{.snapshot = world.snapshot(), .counters = world.counters(), .shard = 0}};
  }
  std::optional<proxy::NextHop> next(TryFailure failure, std::uint16_t status = 0,
                                     bool may_go_on = true) {
    const proxy::NextHop hop = hop_to(first());
    return host().next({failure, status, 0, hop, may_go_on}, user);
  }
  proxy::Written write(const proxy::NextHop& hop, std::span<char> out) {
    const Address source = test::client_address();
    return host().write({*message, source, {}, hop, kBranch, 0, user}, out);
  }

  World world;
  std::string text = test::RequestText{}.text();
  std::unique_ptr<sip::Message> message = std::make_unique<sip::Message>();
  RequestMemory memory;
  proxy::UserData user;
};

TEST(RequestHost, WritesWhatAStatelessRouteWouldButForTheVia) {
  Rig rig;
  std::array<char, 4'096> out;

  const proxy::Written written = rig.write(hop_to(rig.first()), out);

  const std::string text{out.data(), written.size};
  EXPECT_EQ(test::lines_of(text).at(1),
            "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=" + std::string{kBranch});
  EXPECT_NE(text.find("Max-Forwards: 69\r\n"), std::string::npos);
  EXPECT_NE(text.find(";received=203.0.113.7"), std::string::npos) << text;
  EXPECT_EQ(written.listener, ListenerIndex{0});
}

TEST(RequestHost, WritesTowardsAHopThatNoListHasAnyMore) {
  Rig rig;
  std::array<char, 4'096> out;
  const proxy::NextHop gone{test::address_of("[2001:db8::5]:5060"), Transport::kUdp, 77};

  const proxy::Written written = rig.write(gone, out);

  EXPECT_EQ(written.listener, ListenerIndex{2}) << "the one of its family";
  EXPECT_GT(written.size, 0U);
}

TEST(RequestHost, SaysSoWhereItDoesNotFit) {
  Rig rig;
  std::array<char, 100> out;

  EXPECT_EQ(rig.write(hop_to(rig.first()), out).size, 0U);
}

TEST(RequestHost, TheNextIsNamedOnceForEachReasonOfTheRoute) {
  Rig rig;
  const auto second = rig.next(TryFailure::kTimeout);
  const auto third = rig.next(TryFailure::kStatus, 503);
  const auto fourth = rig.next(TryFailure::kStatus, 480);

  ASSERT_TRUE(second && third && fourth);
  EXPECT_NE(second->destination, third->destination);
  EXPECT_NE(fourth->destination, third->destination);
  EXPECT_FALSE(rig.next(TryFailure::kTimeout)) << "all four were asked";
  EXPECT_EQ(rig.first().entry->counters[0].failovers[0].read(), 1U);
  EXPECT_EQ(rig.first().entry->counters[0].failovers[2].read(), 2U);
}

TEST(RequestHost, NobodyIsNamedForWhatIsNoReason) {
  Rig rig;

  EXPECT_FALSE(rig.next(TryFailure::kUnreachable));
  EXPECT_FALSE(rig.next(TryFailure::kStatus, 486));
  EXPECT_FALSE(rig.next(TryFailure::kStatus, 503, false)) << "RFC 3261 §16.7 forbids it";
  EXPECT_EQ(rig.user.as<RequestMemory>().tried.count(), 1U);
  rig.memory.settled = true;
  rig.user.set(rig.memory);
  EXPECT_FALSE(rig.next(TryFailure::kStatus, 503)) << "a request within a dialog";
}

TEST(RequestHost, SilenceIsAHintForHealthEvenWhereNobodyElseIsAsked) {
  Rig rig;
  rig.next(TryFailure::kTimeout, 0, false);
  rig.next(TryFailure::kUnreachable);

  EXPECT_EQ(rig.first().target->traffic[0].hints.read(), 1U);
  EXPECT_EQ(rig.first().target->traffic[0].bad.read(), 1U);
}

TEST(RequestHost, AfterAReloadTheRulesOfTheRouteToTheSetCount) {
  Rig rig;
  Definition next = stateful();
  next.routes.insert(next.routes.begin(), next.routes[0]);
  next.routes[0].mode = RouteMode::kStateless;
  next.routes[1].failover.on_timeout = false;
  rig.world.reload(next);

  EXPECT_FALSE(rig.next(TryFailure::kTimeout));
  EXPECT_TRUE(rig.next(TryFailure::kStatus, 503));
}

TEST(RequestHost, WithoutItsRouteARequestGoesNowhereElse) {
  Rig rig;
  rig.world.reload(test::simple_definition(4));

  EXPECT_FALSE(rig.next(TryFailure::kStatus, 503));
}

TEST(RequestHost, TheHopAndOthersOfTheListsMayAnswer) {
  Rig rig;
  const proxy::NextHop hop = hop_to(rig.first());
  Address other_port = hop.address;
  other_port.port = 1'234;

  EXPECT_TRUE(rig.host().accepts(hop, other_port));
  EXPECT_TRUE(rig.host().accepts(hop, test::destination_address(3)));
  EXPECT_FALSE(rig.host().accepts(hop, test::client_address()));
}

}  // namespace
}  // namespace steer::dispatch
