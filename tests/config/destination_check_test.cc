#include "config/destination_check.h"

#include <gtest/gtest.h>

#include "tests/config/list_fixture.h"

namespace steer::config {
namespace {

using test::CheckedList;

std::string errors(std::string_view text) {
  return CheckedList{text}.all();
}

bool says(const std::string& all, std::string_view words) {
  return all.find(words) != std::string::npos;
}

TEST(DestinationCheck, FillsADestination) {
  const CheckedList list{"7 sip:gw@AS3.core.example.net 8 3 duid=d;weight=9;region=eu"};

  ASSERT_EQ(list.sets.size(), 1U) << list.all();
  EXPECT_EQ(list.sets[0].id.value, 7U);
  const dispatch::DestinationDefinition& it = list.sets[0].destinations.at(0);
  EXPECT_EQ(it.uri, "sip:gw@AS3.core.example.net");
  EXPECT_EQ(it.host, "as3.core.example.net");
  EXPECT_EQ(to_string(it.address), "192.0.2.13:5060");
  EXPECT_EQ(it.weight, 9U);
  EXPECT_EQ(it.priority, 3);
  EXPECT_EQ(it.unique_id, "d");
  ASSERT_TRUE(it.source.has_value());
  EXPECT_EQ(ip_text(*it.source), "203.0.113.9");
  EXPECT_EQ(it.attributes.back().second, "eu");
}

TEST(DestinationCheck, SetsComeInAscendingOrderAndDestinationsInListOrder) {
  const CheckedList list{"9 sip:192.0.2.1\n1 sip:192.0.2.3\n9 sip:192.0.2.0\n"};

  ASSERT_EQ(list.sets.size(), 2U);
  EXPECT_EQ(list.sets[0].id.value, 1U);
  EXPECT_EQ(list.sets[1].destinations.at(0).uri, "sip:192.0.2.1");
  EXPECT_EQ(list.sets[1].destinations.at(1).uri, "sip:192.0.2.0");
}

TEST(DestinationCheck, AMissingSchemeIsAddedWithAWarning) {
  const CheckedList list{"1 192.0.2.1:5080\n"};

  EXPECT_EQ(list.all().find("d.list:1:3: warning: the URI has no scheme"), 0U) << list.all();
  EXPECT_EQ(list.sets.at(0).destinations.at(0).uri, "sip:192.0.2.1:5080");
}

TEST(DestinationCheck, WeightThenRelativeWeightThenOne) {
  const CheckedList list{
      "1 sip:192.0.2.1 0 0 rweight=3;weight=7\n1 sip:192.0.2.2 0 0 rweight=3\n1 sip:192.0.2.3\n"
      "1 sip:192.0.2.4 0 0 weight=65535\n1 sip:192.0.2.5 0 0 weight=0\n"};

  EXPECT_FALSE(list.diagnostics.has_errors()) << list.all();
  EXPECT_TRUE(says(list.all(), "note: weight and rweight differ; weight counts"));
  const auto& all = list.sets.at(0).destinations;
  EXPECT_EQ(all[0].weight, 7U);
  EXPECT_EQ(all[1].weight, 3U);
  EXPECT_EQ(all[2].weight, 1U);
  EXPECT_EQ(all[3].weight, 65'535U);
  EXPECT_EQ(all[4].weight, 0U);
  EXPECT_EQ(errors("1 sip:192.0.2.1 0 0 a=b;weight=65536").find("d.list:1:25: error: weight=65536"),
            0U);
  EXPECT_TRUE(says(errors("1 sip:192.0.2.1 0 0 rweight=-1"), "error: rweight=-1"));
  EXPECT_TRUE(says(errors("1 sip:192.0.2.1 0 0 weight=fast"), "error: weight=fast"));
}

TEST(DestinationCheck, TheSameDestinationTwiceInASetIsAnError) {
  EXPECT_EQ(errors("1 sip:192.0.2.1\n1 sip:192.0.2.1:5060\n")
                .find("d.list:2:3: error: 'sip:192.0.2.1:5060' is in set 1 already, line 1"),
            0U);
  EXPECT_TRUE(says(errors("1 sip:AS3.core.example.net\n1 sip:as3.core.EXAMPLE.net\n"), "error"));
  EXPECT_EQ(errors("1 sip:192.0.2.1\n2 sip:192.0.2.1\n"), "") << "two sets may share one";
  EXPECT_TRUE(says(errors("1 sip:192.0.2.1 0 0 duid=a\n1 sip:192.0.2.2 0 0 duid=a\n"),
                   "d.list:2:21: error: duid 'a' is used by line 1 of set 1"));
}

TEST(DestinationCheck, OneServerUnderTwoSocketsIsTwoIfBothHaveNames) {
  auto listeners = test::two_listeners();
  listeners.push_back(listeners[0]);
  listeners[2].address.port = 5070;
  const CheckedList list{
      "1 sip:192.0.2.1 0 0 duid=a;socket=udp:203.0.113.9:5060\n"
      "1 sip:192.0.2.1 0 0 duid=b;socket=udp:203.0.113.9:5070\n",
      Dialect::kKamailio, listeners};

  EXPECT_EQ(list.all(), "");
  ASSERT_EQ(list.sets.at(0).destinations.size(), 2U);
  EXPECT_EQ(list.sets[0].destinations[1].socket, ListenerIndex{2});
}

TEST(DestinationCheck, TwoNamesOfOneServerAreWarnedOf) {
  EXPECT_TRUE(says(errors("1 sip:as3.core.example.net\n1 sip:192.0.2.13\n"),
                   "warning: 'sip:192.0.2.13' is the same server (192.0.2.13:5060) as in line 1"));
}

TEST(DestinationCheck, OurOwnListenerWouldLoop) {
  EXPECT_EQ(
      errors("1 sip:203.0.113.9\n").find("d.list:1:3: error: udp:203.0.113.9:5060 is our own"), 0U);
  EXPECT_EQ(errors("1 sip:203.0.113.9:5080\n"), "") << "another port is another server";
}

TEST(DestinationCheck, ASocketIsOneOfTheListeners) {
  EXPECT_EQ(
      errors("1 sip:192.0.2.1 0 0 socket=udp:203.0.113.8:5060\n"),
      "d.list:1:21: error: socket=udp:203.0.113.8:5060 is none of our listeners; write one of "
      "udp:203.0.113.9:5060, udp:[2001:db8::9]:5060\n");
  EXPECT_TRUE(says(errors("1 sip:192.0.2.1 0 0 socket=tcp:203.0.113.9:5060\n"), "none of our"));
  EXPECT_TRUE(
      says(errors("1 sip:192.0.2.1 0 0 socket=udp:[2001:db8::9]:5060\n"), "cannot send to"));
  EXPECT_EQ(errors("1 sip:192.0.2.1 0 0 socket=203.0.113.9\n"), "")
      << "udp and 5060 go without saying";
}

TEST(DestinationCheck, NamesAreResolvedToWhatTheListenersCanSend) {
  const auto address_of = [](std::string_view text,
                             std::vector<dispatch::ListenerDefinition> ours) {
    const CheckedList list{text, Dialect::kKamailio, ours};
    return list.sets.empty() ? list.all() : ip_text(list.sets[0].destinations[0].address);
  };
  const auto both = test::two_listeners();

  EXPECT_EQ(address_of("1 sip:both.example.net", both), "192.0.2.5") << "IPv4 is preferred";
  EXPECT_EQ(address_of("1 sip:both.example.net", {both[1]}), "[2001:db8::5]");
  EXPECT_EQ(address_of("1 sip:six.example.net", both), "[2001:db8::6]");
  EXPECT_EQ(address_of("1 sip:both.example.net", {}), "192.0.2.5");
  EXPECT_TRUE(says(address_of("1 sip:six.example.net", {both[0]}), "no address of the listeners'"));
  EXPECT_TRUE(says(address_of("1 sip:[2001:db8::1]", {both[0]}), "no listener can send to"));
  EXPECT_EQ(address_of("1 sip:my_host", both), "192.0.2.77");
}

TEST(DestinationCheck, AHostThatCannotBeResolvedNamesItsLine) {
  EXPECT_EQ(errors("# one\n1 sip:nobody.example.net\n"),
            "d.list:2:3: error: host 'nobody.example.net' has no address (Name or service not "
            "known); correct the name, mend the DNS, or write an address\n");
  EXPECT_TRUE(says(errors("1 sip:nowhere.example.net"), "not the address of one host"));
}

TEST(DestinationCheck, WhatHasNoEffectYetIsSaidOncePerList) {
  const CheckedList list{
      "1 sip:192.0.2.1 0 0 maxload=5;cc=1\n1 sip:192.0.2.2 0 0 maxload=6;mine=x\n"};

  EXPECT_EQ(list.diagnostics.warning_count(), 2U) << list.all();
  EXPECT_TRUE(says(list.all(), "d.list:1:21: warning: attribute 'maxload' is kept"));
}

TEST(DestinationCheck, ABareNumberAmongAttributesIsDoubted) {
  EXPECT_TRUE(says(errors("1 sip:192.0.2.1 0 0 50"), "write weight=50"));
}

TEST(DestinationCheck, WithoutListenersTheRestIsStillChecked) {
  const CheckedList list{
      "1 sip:203.0.113.9 0 0 socket=udp:1.2.3.4:5\n1 sip:\n", Dialect::kKamailio, {}};

  EXPECT_EQ(list.diagnostics.error_count(), 1U) << list.all();
}

TEST(DestinationCheck, AnAttributeSaysWhetherItIsProbed) {
  const CheckedList list{
      "1 sip:192.0.2.1 0 0 probe=none\n1 sip:192.0.2.2 0 0 probe=probing-only\n"
      "1 sip:192.0.2.3 0 0 probe=all\n1 sip:192.0.2.4\n"};

  EXPECT_FALSE(list.diagnostics.has_errors()) << list.all();
  const auto& all = list.sets.at(0).destinations;
  EXPECT_EQ(all.at(0).probe, dispatch::ProbeMode::kNone);
  EXPECT_EQ(all.at(1).probe, dispatch::ProbeMode::kProbingOnly);
  EXPECT_EQ(all.at(2).probe, dispatch::ProbeMode::kAll);
  EXPECT_FALSE(all.at(3).probe.has_value());
}

TEST(DestinationCheck, AnUnknownWayOfProbingIsRefused) {
  EXPECT_TRUE(says(errors("1 sip:192.0.2.1 0 0 probe=never\n"), "error: probe=never"));
}

TEST(DestinationCheck, AFlagAgainstPingsOutweighsTheAttribute) {
  EXPECT_TRUE(says(errors("1 sip:192.0.2.1 32 0 probe=all\n"), "warning: the flags forbid pings"));
}

TEST(DestinationCheck, WhatWeAdvertiseIsRefusedAsADestination) {
  std::vector<dispatch::ListenerDefinition> listeners = test::two_listeners();
  listeners[0].advertise_host = "198.51.100.1";
  listeners[0].advertise_port = 5070;
  listeners[1].advertise_host = "Both.example.net";  // Port: the listener's.
  const CheckedList list{
      "1 sip:198.51.100.1:5070\n1 sip:198.51.100.1:5060\n1 sip:both.EXAMPLE.net\n"
      "1 sip:both.example.net:5070\n",
      Dialect::kKamailio, listeners};

  EXPECT_EQ(list.diagnostics.error_count(), 2U) << list.all();
  EXPECT_EQ(list.said("advertise").find("d.list:1:3: error: 'sip:198.51.100.1:5070' is what we"),
            0U)
      << list.all();
  EXPECT_TRUE(says(list.all(), "d.list:3:3: error: 'sip:both.EXAMPLE.net' is what we advertise"));
}

}  // namespace
}  // namespace steer::config
