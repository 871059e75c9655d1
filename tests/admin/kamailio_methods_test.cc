#include <string>
#include <vector>

#include "tests/admin/rpc_fixture.h"

namespace steer::admin {
namespace {

using KamailioMethods = test::RpcTest;
using Json = nlohmann::json;
using nlohmann::literals::operator""_json;

// Every answer here has the shape that Kamailio 5.6.3 gave; tests/e2e/kamailio_rpc_test.py asks it.
TEST_F(KamailioMethods, ListHasItsShape) {
  const Json list = result("dispatcher.list");

  EXPECT_EQ(list["NRSETS"], 2);
  EXPECT_EQ(list["RECORDS"][1],
            R"({"SET":{"ID":20,"TARGETS":[{"DEST":{
                "URI":"sip:media.example.net:5080;transport=udp","FLAGS":"AX","PRIORITY":10}}]}})"_json);
  EXPECT_EQ(list["RECORDS"][0]["SET"]["TARGETS"][2],
            R"({"DEST":{"URI":"sip:192.0.2.11:5060","FLAGS":"AP","PRIORITY":0,"ATTRS":{
                "BODY":"weight=3;duid=gw1","DUID":"gw1","MAXLOAD":0,"WEIGHT":3,"RWEIGHT":0,
                "SOCKET":null,"SOCKNAME":null,"OBPROXY":null}}})"_json);
}

TEST_F(KamailioMethods, ListMayBeShortOrFull) {
  EXPECT_FALSE(
      result("dispatcher.list", {"short"})["RECORDS"][0]["SET"]["TARGETS"][2]["DEST"].contains(
          "ATTRS"));
  EXPECT_EQ(result("dispatcher.list", {"full"})["RECORDS"][1]["SET"]["TARGETS"][0]["DEST"],
            R"({"URI":"sip:media.example.net:5080;transport=udp","FLAGS":"AX","PRIORITY":10,
                "HOST":"media.example.net","IPADDR":"198.51.100.7","PORT":5080,"PROTOID":1,
                "DNSTIME_SEC":0,"DNSTIME_USEC":0})"_json);
}

TEST_F(KamailioMethods, StatesAreItsLetters) {
  struct Case {
    const char* state;
    const char* configured;
    const char* health;
    const char* letters;
  };
  for (const Case& each : {Case{"active", "active", "unknown", "AX"},
                           {"active", "probing", "unknown", "AP"},
                           {"probing", "active", "down", "IP"},
                           {"inactive", "inactive", "up", "IX"},
                           {"draining", "active", "unknown", "IX"},
                           {"disabled", "active", "down", "DX"}}) {
    DestinationRow& row = daemon_.list.sets[1].destinations[0];
    row.state = each.state;
    row.configured = each.configured;
    row.health = each.health;
    EXPECT_EQ(result("dispatcher.list")["RECORDS"][1]["SET"]["TARGETS"][0]["DEST"]["FLAGS"],
              each.letters);
  }
}

TEST_F(KamailioMethods, AnEmptyListIsAFault) {
  daemon_.list.sets.clear();

  EXPECT_EQ(error("dispatcher.list")["code"], 500);
  EXPECT_TRUE(message("dispatcher.list").starts_with("No Destination Sets"));
}

TEST_F(KamailioMethods, SetStateTakesItsLetters) {
  for (const char* letters : {"dx", "D", "2", "i", "IP", "a", "ap"}) {
    EXPECT_EQ(result("dispatcher.set_state", {letters, 1, "SIP:192.0.2.12:5060"}),
              "Ok. Dispatcher state updated.");
  }
  result("dispatcher.set_state", {0, "1", "sip:192.0.2.12:5060"});

  std::vector<std::string> states;
  for (const StateChange& change : daemon_.changes) {
    EXPECT_EQ(change.destination, "1/sip:192.0.2.12:5060");
    EXPECT_EQ(change.reason, "dispatcher.set_state");
    EXPECT_FALSE(change.force);
    states.push_back(change.state);
  }
  EXPECT_EQ(states, (std::vector<std::string>{"disabled", "disabled", "disabled", "draining",
                                              "draining", "active", "active", "draining"}));
}

TEST_F(KamailioMethods, AWordIsReadToItsEnd) {
  for (const char* word : {"active", "Inactive", "disabled"}) {
    EXPECT_EQ(result("dispatcher.set_state", {word, 1, "sip:192.0.2.12:5060"}),
              "Ok. Dispatcher state updated.");
  }
  for (const char* word : {"draining", "absent", "ix0", "axx", "in", "12", "delete"}) {
    EXPECT_TRUE(message("dispatcher.set_state", {word, 1, "sip:192.0.2.12:5060"})
                    .starts_with("Unknown State Value"))
        << word;
  }
  EXPECT_EQ(daemon_.changes.size(), 3U);
}

TEST_F(KamailioMethods, WhatTheListKeepsOutIsNotSaidToBeActive) {
  daemon_.list.sets[0].destinations[1].configured = "inactive";

  const std::string one = message("dispatcher.set_state", {"a", 1, "sip:192.0.2.12:5060"});
  EXPECT_TRUE(
      one.starts_with("State Update Failed: the list says that 1/sip:192.0.2.12:5060 is "
                      "inactive: change its flags"))
      << one;
  EXPECT_TRUE(message("dispatcher.set_state", {"a", 1, "all"}).starts_with("State Update Failed"));
  EXPECT_EQ(daemon_.changes.size(), 4U) << "what operators said is taken back all the same";
  EXPECT_EQ(result("dispatcher.set_state", {"i", 1, "sip:192.0.2.12:5060"}),
            "Ok. Dispatcher state updated.");
}

TEST_F(KamailioMethods, SetStateOfAllGoesThroughTheSet) {
  EXPECT_EQ(result("dispatcher.set_state", {"ip", 1, "all"}), "Ok. Dispatcher state updated.");
  EXPECT_EQ(daemon_.changes.size(), 3U);
  EXPECT_EQ(result("dispatcher.set_state", {"ip", 9, "all"}), "Ok. Dispatcher state updated.");
}

TEST_F(KamailioMethods, SetStateRefusesWithItsPhrases) {
  EXPECT_TRUE(message("dispatcher.set_state", {"zz", 1, "all"}).starts_with("Unknown State Value"));
  EXPECT_TRUE(message("dispatcher.set_state", {"tp", 1, "all"}).starts_with("Unknown State Value"));
  EXPECT_TRUE(
      message("dispatcher.set_state", {"a", 9, "sip:x"}).starts_with("State Update Failed"));
  EXPECT_TRUE(message("dispatcher.set_state", {"d", 1, "sip:192.0.2.11:5060"})
                  .starts_with("State Update Failed: sip:192.0.2.11:5060 is the last"));
  EXPECT_TRUE(message("dispatcher.set_state", {"a"}).starts_with("Invalid Parameters"));
  EXPECT_TRUE(message("dispatcher.set_state").starts_with("Invalid Parameters"));
  EXPECT_EQ(error("dispatcher.set_state")["code"], 500);
}

TEST_F(KamailioMethods, SetDuidStateNamesByUniqueId) {
  result("dispatcher.set_duid_state", {"a", 1, "gw1"});

  ASSERT_EQ(daemon_.changes.size(), 1U);
  EXPECT_EQ(daemon_.changes[0].destination, "1/sip:192.0.2.11:5060");
  EXPECT_EQ(error("dispatcher.set_duid_state", {"a", 1, "all"})["code"], 500);
}

TEST_F(KamailioMethods, ReloadSaysItsSentence) {
  EXPECT_EQ(result("dispatcher.reload"), "Ok. Dispatcher successfully reloaded.");
  daemon_.reload = std::unexpected{Refusal{RefusalKind::kFailed, "no", {"a:1:1: error: x"}}};
  EXPECT_EQ(
      error("dispatcher.reload"),
      R"({"code":500,"message":"Reload Failed: no","data":{"details":["a:1:1: error: x"]}})"_json);
}

TEST_F(KamailioMethods, PingActiveTellsOldAndNew) {
  EXPECT_EQ(result("dispatcher.ping_active"), R"({"OldPingState":1})"_json);
  EXPECT_TRUE(daemon_.calls.empty());
  EXPECT_EQ(result("dispatcher.ping_active", {1}), R"({"NewPingState":1,"OldPingState":1})"_json);
  EXPECT_EQ(daemon_.calls, std::vector<std::string>{"ping"});
  EXPECT_EQ(error("dispatcher.ping_active", {0})["code"], 500);
}

TEST_F(KamailioMethods, HashCountsItsSlots) {
  EXPECT_EQ(result("dispatcher.hash", {2, "abc"}), R"({"hashid":7167810,"slot":0})"_json);
  EXPECT_EQ(result("dispatcher.hash", {10, "alice", "example.com"}),
            R"({"hashid":1442294598,"slot":8})"_json);
  EXPECT_EQ(result("dispatcher.hash", {0, "abc"})["slot"], 0);
  EXPECT_EQ(error("dispatcher.hash", {2})["code"], 500);
}

TEST_F(KamailioMethods, AddAndRemoveReachTheDaemon) {
  EXPECT_EQ(result("dispatcher.add", {1, "sip:192.0.2.19", 8, 5, "duid=z"}),
            "Ok. Dispatcher destination added.");
  EXPECT_EQ(result("dispatcher.remove", {1, "sip:192.0.2.19"}),
            "Ok. Dispatcher destination removed.");

  ASSERT_EQ(daemon_.additions.size(), 1U);
  EXPECT_EQ(daemon_.additions[0].set, 1U);
  EXPECT_EQ(daemon_.additions[0].flags, 8U);
  EXPECT_EQ(daemon_.additions[0].priority, 5);
  EXPECT_EQ(daemon_.additions[0].attributes, "duid=z");
  EXPECT_EQ(daemon_.calls.back(), "1/sip:192.0.2.19");
  EXPECT_TRUE(message("dispatcher.add", {1}).starts_with("Invalid Parameters"));
  EXPECT_TRUE(message("dispatcher.remove", {1}).starts_with("Invalid Parameters"));
  EXPECT_EQ(error("dispatcher.add", {1, "sip:a\nb"})["code"], 500);
}

}  // namespace
}  // namespace steer::admin
