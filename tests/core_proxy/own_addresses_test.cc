#include "core/proxy/own_addresses.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace steer::proxy {
namespace {

OwnAddresses usual() {
  return OwnAddresses{{
      make_own_address(ipv4(198, 51, 100, 1, 5'060), Transport::kUdp, "", 0),
      make_own_address(ipv4(198, 51, 100, 2, 5'080), Transport::kUdp, "sip.example.net", 5'060),
      make_own_address(*parse_ip("2001:db8::1", 5'060), Transport::kUdp, "", 0),
  }};
}

TEST(OwnAddresses, ViaSaysTheAdvertisedNameElseTheAddress) {
  const OwnAddresses own = usual();

  EXPECT_EQ(own[{0}].via_start, "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=");
  EXPECT_EQ(own[{1}].via_start, "Via: SIP/2.0/UDP sip.example.net:5060;branch=");
  EXPECT_EQ(own[{2}].via_start, "Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=");
}

TEST(OwnAddresses, RouteSaysTheSameAndTheTransportUnlessUdp) {
  const OwnAddresses own = usual();

  EXPECT_EQ(own[{0}].route_start, "<sip:198.51.100.1:5060;lr;sd=");
  EXPECT_EQ(own[{1}].route_start, "<sip:sip.example.net:5060;lr;sd=");
  EXPECT_EQ(own[{2}].route_start, "<sip:[2001:db8::1]:5060;lr;sd=");
  EXPECT_EQ(make_own_address(ipv4(198, 51, 100, 1, 5'060), Transport::kTcp, "", 0).route_start,
            "<sip:198.51.100.1:5060;transport=tcp;lr;sd=");
}

TEST(OwnAddresses, ChoosesAListenerThatCanSendToATarget) {
  const OwnAddresses own = usual();
  const Address v4 = ipv4(203, 0, 113, 7, 5'060);
  const Address v6 = *parse_ip("2001:db8::7", 5'060);
  const Transport udp = Transport::kUdp;

  EXPECT_EQ(own.listener_for(v4, udp, {1}), ListenerIndex{1});
  EXPECT_EQ(own.listener_for(v4, udp, {2}), ListenerIndex{0});
  EXPECT_EQ(own.listener_for(v6, udp, {1}), ListenerIndex{2});
  EXPECT_EQ(own.listener_for(v4, udp, {0}, "SIP.example.net", 5'060), ListenerIndex{1});
  EXPECT_EQ(own.listener_for(v4, udp, {1}, "198.51.100.1", 5'060), ListenerIndex{0});
  EXPECT_EQ(own.listener_for(v4, udp, {1}, "198.51.100.1", 5'061), ListenerIndex{1});
  EXPECT_EQ(own.listener_for(v4, udp, {1}, "[2001:db8::1]", 5'060), ListenerIndex{1});
  EXPECT_EQ(own.listener_for(v4, Transport::kTcp, {1}), ListenerIndex{1});
}

TEST(OwnAddresses, KnowsItselfByAddressAndPort) {
  const OwnAddresses own = usual();

  EXPECT_TRUE(own.is_me("198.51.100.1", 5'060));
  EXPECT_TRUE(own.is_me("198.51.100.1", 0));
  EXPECT_FALSE(own.is_me("198.51.100.1", 5'061));
  EXPECT_TRUE(own.is_me("198.51.100.2", 5'080));
  EXPECT_FALSE(own.is_me("198.51.100.2", 0));
  EXPECT_TRUE(own.is_me("[2001:0DB8::1]", 5'060));
  EXPECT_FALSE(own.is_me("[2001:db8::2]", 5'060));
  EXPECT_FALSE(own.is_me("203.0.113.7", 5'060));
}

TEST(OwnAddresses, KnowsItsAdvertisedNameInAnyCase) {
  const OwnAddresses own = usual();

  EXPECT_TRUE(own.is_me("SIP.Example.NET", 0));
  EXPECT_TRUE(own.is_sent_by("sip.EXAMPLE.net", 5'060));
  EXPECT_FALSE(own.is_me("sip.example.net", 5'080));
  EXPECT_FALSE(own.is_sent_by("sip.example.net", 0));
  EXPECT_FALSE(own.is_me("example.net", 0));
}

TEST(OwnAddresses, TagsDoNotDependOnTheOrderOfTheListeners) {
  const OwnAddress a = make_own_address(ipv4(198, 51, 100, 1, 5'060), Transport::kUdp, "", 0);
  const OwnAddress b = make_own_address(ipv4(198, 51, 100, 2, 5'060), Transport::kUdp, "", 0);
  const OwnAddresses ab{{a, b}};
  const OwnAddresses ba{{b, a}};

  EXPECT_EQ(ab.by_tag(ab[{0}].tag), ListenerIndex{0});
  EXPECT_EQ(ba.by_tag(ab[{0}].tag), ListenerIndex{1});
  EXPECT_EQ(ba.by_tag(ab[{1}].tag), ListenerIndex{0});
}

TEST(OwnAddresses, AnUnknownTagNamesNobody) {
  const OwnAddresses own = usual();
  std::uint16_t tag = 0;
  while (own.by_tag(tag)) {
    ++tag;
  }

  EXPECT_EQ(own.by_tag(tag), std::nullopt);
}

TEST(OwnAddresses, EveryListenerHasATagOfItsOwn) {
  std::vector<OwnAddress> listeners;
  for (std::uint16_t port = 1; port <= 2'000; ++port) {
    listeners.push_back(make_own_address(ipv4(198, 51, 100, 1, port), Transport::kUdp, "", 0));
  }
  const OwnAddresses own{listeners};
  std::set<std::uint16_t> tags;

  for (std::size_t i = 0; i < own.listeners().size(); ++i) {
    tags.insert(own.listeners()[i].tag);
    EXPECT_EQ(own.by_tag(own.listeners()[i].tag)->value, i);
  }

  EXPECT_EQ(tags.size(), own.listeners().size());
}

TEST(OwnAddresses, TagsThatMeetAreToldApartInAnyOrder) {
  std::vector<OwnAddress> listeners;
  for (std::uint16_t port = 1; port <= 2'000; ++port) {
    listeners.push_back(make_own_address(ipv4(198, 51, 100, 1, port), Transport::kUdp, "", 0));
  }
  const OwnAddresses forward{listeners};
  const OwnAddresses backward{{listeners.rbegin(), listeners.rend()}};

  for (std::size_t i = 0; i < listeners.size(); ++i) {
    EXPECT_EQ(forward.listeners()[i].tag, backward.listeners()[listeners.size() - 1 - i].tag);
  }
}

}  // namespace
}  // namespace steer::proxy
