#include "core/proxy/route_header.h"

#include <array>
#include <string>
#include <vector>

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
  const RouteCuts cuts = cuts_of(*request, routes);
  for (const sip::Cut& cut : cuts.view()) {
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

// A request within a dialog, its Request-URI and Route lines as given.
test::Parsed dialog_request(const std::string& uri, const std::string& route_lines) {
  return test::Parsed{"BYE " + uri + " SIP/2.0\r\n" + std::string{kVia} + route_lines +
                      "From: <sip:a@b>;tag=f\r\nTo: <sip:c@d>;tag=t\r\nCall-ID: c\r\n"
                      "CSeq: 2 BYE\r\n\r\n"};
}
const OwnAddresses& usual_own() {
  static const OwnAddresses own{
      {make_own_address(ipv4(198, 51, 100, 1, 5'060), Transport::kUdp, "", 0),
       make_own_address(ipv4(198, 51, 100, 2, 5'080), Transport::kUdp, "", 0)}};
  return own;
}
// The request's Route lines without what is cut.
std::string lines_left(const test::Parsed& request, const OwnRoutes& routes) {
  std::string left;
  std::size_t at = 0;
  const RouteCuts cuts = cuts_of(*request, routes);
  for (const sip::Cut& cut : cuts.view()) {
    EXPECT_GE(cut.begin, at);
    left += request->bytes.substr(at, cut.begin - at);
    at = cut.end;
  }
  left += request->bytes.substr(at);
  const std::size_t begin = left.find(kVia) + kVia.size();
  return left.substr(begin, left.find("From:") - begin);
}

TEST(RouteHeader, AMarkForBothSidesStandsAlone) {
  const test::Parsed request = dialog_request(
      "sip:x@y", "Route: <sip:198.51.100.1;lr;sd=b1>, <sip:198.51.100.1;lr;sd=b2>\r\n");

  const OwnRoutes routes = own_routes(*request, usual_own());

  EXPECT_EQ(routes.count, 1U);
  EXPECT_EQ(routes.mark, "b1");
  EXPECT_EQ(routes.pair_uri, "");
  EXPECT_EQ(routes.next_uri, "sip:198.51.100.1;lr;sd=b2");
  EXPECT_EQ(lines_left(request, routes), "Route: <sip:198.51.100.1;lr;sd=b2>\r\n");
}

TEST(RouteHeader, APairGoesTogetherAndNothingElseWithIt) {
  const test::Parsed request =
      dialog_request("sip:x@y",
                     "Route: <sip:198.51.100.1;lr;sd=c1>, <sip:198.51.100.2:5080;lr;sd=d1>\r\n"
                     "Route: <sip:198.51.100.1;lr;sd=c2>\r\n");

  const OwnRoutes routes = own_routes(*request, usual_own());

  EXPECT_EQ(routes.count, 2U);
  EXPECT_EQ(routes.mark, "c1");
  EXPECT_EQ(routes.pair_uri, "sip:198.51.100.2:5080;lr;sd=d1");
  EXPECT_EQ(routes.next_uri, "sip:198.51.100.1;lr;sd=c2");
}

TEST(RouteHeader, WhatSomebodyPutAboveOurMarkGoesWithIt) {
  const test::Parsed request = dialog_request(
      "sip:x@y", "Route: <sip:198.51.100.1;lr>\r\nRoute: <sip:198.51.100.1;lr;sd=b1>\r\n");

  const OwnRoutes routes = own_routes(*request, usual_own());

  EXPECT_EQ(routes.count, 2U);
  EXPECT_EQ(routes.mark, "b1");
  EXPECT_EQ(lines_left(request, routes), "");
}

TEST(RouteHeader, AStrictRoutersRequestUriIsTheLastRoute) {
  for (const auto& [lines, left, next] : std::vector<std::array<std::string, 3>>{
           {"Route: <sip:a@10.0.0.9>\r\n", "", ""},
           {"Route: <sip:n;lr>, <sip:a@10.0.0.9>\r\n", "Route: <sip:n;lr>\r\n", "sip:n;lr"},
           {"Route: <sip:n;lr>\r\nRoute: <sip:a@10.0.0.9>\r\n", "Route: <sip:n;lr>\r\n",
            "sip:n;lr"},
           {"Route: <sip:198.51.100.2:5080;lr;sd=d1>, <sip:a@10.0.0.9>\r\n", "", ""},
           {"Route: <sip:198.51.100.2:5080;lr;sd=d1>,<sip:n;lr> , <sip:a@10.0.0.9>\r\n",
            "Route: <sip:n;lr> \r\n", "sip:n;lr"}}) {
    const test::Parsed request = dialog_request("sip:198.51.100.1;lr;sd=c1", lines);

    const OwnRoutes routes = own_routes(*request, usual_own());

    EXPECT_TRUE(routes.from_strict_router);
    EXPECT_EQ(routes.mark, "c1");
    EXPECT_EQ(routes.request_uri, "sip:a@10.0.0.9");
    EXPECT_EQ(routes.next_uri, next);
    EXPECT_EQ(lines_left(request, routes), left) << lines;
  }
}

TEST(RouteHeader, ARequestUriOfOursIsNoStrictRoutersWithoutMarkOrRoute) {
  const test::Parsed unmarked =
      dialog_request("sip:198.51.100.1;lr", "Route: <sip:a@10.0.0.9>\r\n");
  EXPECT_FALSE(own_routes(*unmarked, usual_own()).is_ours());
  const test::Parsed foreign =
      dialog_request("sip:192.0.2.1;lr;sd=b1", "Route: <sip:a@10.0.0.9>\r\n");
  EXPECT_FALSE(own_routes(*foreign, usual_own()).is_ours());

  const test::Parsed alone = dialog_request("sip:198.51.100.1;lr;sd=b1", "");
  const OwnRoutes routes = own_routes(*alone, usual_own());
  EXPECT_TRUE(routes.is_ours());
  EXPECT_FALSE(routes.from_strict_router);
  EXPECT_EQ(cuts_of(*alone, routes).count, 0U);
}

TEST(RouteHeader, ANextValueWithoutLrIsAStrictRouterWithinADialogOfOurs) {
  const test::Parsed request =
      dialog_request("sip:x@y", "Route: <sip:198.51.100.1;lr;sd=b1>, <sip:n>, <sip:m;lr>\r\n");
  const OwnRoutes routes = own_routes(*request, usual_own());
  EXPECT_TRUE(routes.to_strict_router);
  EXPECT_EQ(routes.next_uri, "sip:n");
  EXPECT_EQ(lines_left(request, routes), "Route: <sip:m;lr>\r\n");

  const test::Parsed unmarked =
      dialog_request("sip:x@y", "Route: <sip:198.51.100.1;lr>, <sip:n>\r\n");
  EXPECT_FALSE(own_routes(*unmarked, usual_own()).to_strict_router);
}

}  // namespace
}  // namespace steer::proxy
