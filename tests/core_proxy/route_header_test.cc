#include "core/proxy/route_header.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/core_proxy/parsed.h"

namespace steer::proxy {
namespace {

constexpr std::string_view kVia = "Via: SIP/2.0/UDP pc.example.com;branch=z9hG4bKx1\r\n";

// The request's Route lines after the cuts; "" if none is left.
std::string routes_left(const std::string& route_lines) {
  const OwnAddresses own{
      {make_own_address(ipv4(198, 51, 100, 1, 5'060), Transport::kUdp, "", 0),
       make_own_address(ipv4(198, 51, 100, 2, 5'080), Transport::kUdp, "sip.example.net", 5'060)}};
  const std::string text = test::request_with(std::string{kVia} + route_lines);
  const test::Parsed request{text};
  const OwnRoutes routes = own_routes(*request, own);
  std::string left;
  std::size_t at = 0;
  for (const sip::Cut& cut : routes.view()) {
    EXPECT_GE(cut.begin, at);
    left += text.substr(at, cut.begin - at);
    at = cut.end;
  }
  left += text.substr(at);
  const std::size_t begin = left.find(kVia) + kVia.size();
  return left.substr(begin, left.find("From:") - begin);
}

TEST(RouteHeader, OneOwnRouteGoesWithItsField) {
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>\r\n"), "");
  EXPECT_EQ(routes_left("Route: <sip:sip.example.net:5060;lr>\r\n"), "");
  EXPECT_EQ(routes_left("route :\r\n <sip:anyone@198.51.100.2:5080;lr>;x=y \r\n"), "");
}

TEST(RouteHeader, TwoOwnRoutesOfADoubleRecordRouteGo) {
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>, <sip:198.51.100.2:5080;lr>\r\n"), "");
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>\r\nRoute: <sip:198.51.100.2:5080;lr>\r\n"),
            "");
}

TEST(RouteHeader, WhatFollowsInTheSameFieldStays) {
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>, <sip:next.example.com;lr>\r\n"),
            "Route: <sip:next.example.com;lr>\r\n");
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>,<sip:198.51.100.2:5080;lr>,\r\n "
                        "<sip:next.example.com;lr>\r\n"),
            "Route: <sip:next.example.com;lr>\r\n");
}

TEST(RouteHeader, WhatFollowsInOtherFieldsStays) {
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>\r\nRoute: <sip:next.example.com;lr>\r\n"),
            "Route: <sip:next.example.com;lr>\r\n");
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>\r\n"
                        "Route: <sip:198.51.100.2:5080;lr>, <sip:next.example.com;lr>\r\n"),
            "Route: <sip:next.example.com;lr>\r\n");
}

TEST(RouteHeader, AForeignRouteOnTopStaysAndHidesOursBelow) {
  for (const std::string lines :
       {"Route: <sip:next.example.com;lr>\r\n",
        "Route: <sip:next.example.com;lr>, <sip:198.51.100.1;lr>\r\n",
        "Route: <sip:next.example.com;lr>\r\nRoute: <sip:198.51.100.1;lr>\r\n",
        "Route: <sip:198.51.100.1:5099;lr>\r\n", "Route: <tel:+49301234>\r\n"}) {
    EXPECT_EQ(routes_left(lines), lines);
  }
}

TEST(RouteHeader, NoMoreThanThePairOfADoubleRecordRouteGoes) {
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>,<sip:198.51.100.1;lr>,"
                        "<sip:198.51.100.1;lr>\r\n"),
            "Route: <sip:198.51.100.1;lr>\r\n");
  EXPECT_EQ(routes_left("Route: <sip:198.51.100.1;lr>,<sip:198.51.100.1;lr>\r\n"
                        "Route: <sip:198.51.100.1;lr>\r\n"),
            "Route: <sip:198.51.100.1;lr>\r\n");
}

TEST(RouteHeader, QuotedNamesAndEscapesDoNotEndAValue) {
  EXPECT_EQ(routes_left("Route: \"a, <sip:x> \\\" b\" <sip:198.51.100.1;lr>, <sip:n;lr>\r\n"),
            "Route: <sip:n;lr>\r\n");
  EXPECT_EQ(routes_left("Route: <sip:a,b@198.51.100.1;lr>, <sip:n;lr>\r\n"),
            "Route: <sip:n;lr>\r\n");
}

TEST(RouteHeader, WhatIsNoNameAddrStays) {
  for (const std::string lines :
       {"Route: sip:198.51.100.1;lr\r\n", "Route: <sip:198.51.100.1;lr\r\n",
        "Route: \"<sip:198.51.100.1;lr>\r\n", "Route: ,<sip:198.51.100.1;lr>\r\n", "Route:\r\n"}) {
    EXPECT_EQ(routes_left(lines), lines);
  }
}

}  // namespace
}  // namespace steer::proxy
