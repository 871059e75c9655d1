// REGISTER through an engine that adds its Path (RFC 3327), and what comes back by it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

constexpr std::string_view kRecordRoute = "Record-Route: ";

// The Path that a REGISTER leaves with; empty: none.
std::string path_of(World& world, const std::vector<std::string>& extra) {
  RequestText text;
  text.method = "REGISTER";
  text.extra = extra;
  const auto sent = world.send(text.text());
  EXPECT_TRUE(sent.has_value());
  EXPECT_EQ(test::line_with(sent->text, "Record-Route:"), "");
  return test::line_with(sent->text, "Path:");
}

Definition path_definition() {
  Definition definition = test::simple_definition(4);
  definition.routes[0].record_route = true;
  definition.routes[0].path = true;
  return definition;
}

TEST(Path, ARegisterGetsAPathIfAskedForAndUnderstood) {
  World world{path_definition()};
  World without{test::simple_definition(4)};
  const std::string begin = "Path: <sip:198.51.100.1:5060;lr;sd=p";

  EXPECT_TRUE(path_of(world, {"Supported: path"}).starts_with(begin));
  EXPECT_TRUE(path_of(world, {"k: outbound , PATH, gruu"}).starts_with(begin));
  EXPECT_TRUE(path_of(world, {"Supported: gruu", "Supported: path"}).starts_with(begin));
  EXPECT_EQ(path_of(world, {}), "");
  EXPECT_EQ(path_of(world, {"Supported: pathx, xpath"}), "");
  EXPECT_EQ(path_of(world, {"Require: path"}), "");
  EXPECT_EQ(path_of(without, {"Supported: path"}), "");
}

TEST(Path, ARegistrarReachesByThePathWhoRegistered) {
  World world{path_definition()};
  RequestText invite;
  invite.routes = {"Route: " + path_of(world, {"Supported: path"}).substr(6)};
  invite.uri = "sip:alice@192.168.1.5:5060";
  const Address registrar = test::destination_address(2);

  const auto sent = world.send(invite.text(), registrar);

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, test::client_address());
  EXPECT_EQ(test::line_with(sent->text, "Route:"), "");
  const std::string recorded = test::line_with(sent->text, kRecordRoute);
  EXPECT_FALSE(recorded.empty());

  // Within the dialog that began so, both reach each other, and who registered nobody else.
  RequestText bye;
  bye.method = "BYE";
  bye.routes = {"Route: " + recorded.substr(kRecordRoute.size())};
  bye.to += ";tag=u1";
  bye.uri = "sip:alice@192.168.1.5:5060";
  EXPECT_EQ(world.send(bye.text(), registrar)->target, test::client_address());
  bye.from = "From: <sip:bob@example.com>;tag=u1";
  bye.to = "To: <sip:alice@example.com>;tag=f1";
  bye.uri = "sip:victim@192.0.2.99";
  EXPECT_EQ(world.send(bye.text(), test::client_address())->target, registrar);
  EXPECT_EQ(test::status_of(world.send(bye.text(), test::address_of("192.0.2.98:5060"))->text),
            "403");
}

TEST(Path, APathInTheHandsOfAStrangerMeansNothing) {
  World world{path_definition()};
  RequestText invite;
  invite.routes = {"Route: " + path_of(world, {"Supported: path"}).substr(6)};

  const auto sent = world.send(invite.text(), test::address_of("192.0.2.98:5060"));

  ASSERT_TRUE(sent.has_value());
  EXPECT_TRUE(sent->target == test::destination_address(sent->target.octets[3]));
  EXPECT_EQ(test::line_with(sent->text, "Route:"), "");
}

}  // namespace
}  // namespace steer::dispatch
