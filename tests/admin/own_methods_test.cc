#include <array>
#include <chrono>
#include <string>

#include "core/base/limits.h"
#include "tests/admin/rpc_fixture.h"

namespace steer::admin {
namespace {

using namespace std::chrono_literals;
using OwnMethods = test::RpcTest;
using Json = nlohmann::json;
using nlohmann::literals::operator""_json;

TEST_F(OwnMethods, ShowAnswersOneSet) {
  const Json shown = result("sipsteer.show", {{"set", 20}});

  EXPECT_EQ(shown["generation"], 7);
  EXPECT_EQ(shown["set"]["id"], 20);
  EXPECT_EQ(shown["set"]["destinations"].size(), 1U);
  EXPECT_EQ(shown["set"], result("sipsteer.list")["sets"][1]);
  EXPECT_EQ(result("sipsteer.show", {"1"})["set"]["id"], 1);
}

TEST_F(OwnMethods, ShowOfAnUnknownSetNamesTheSets) {
  EXPECT_EQ(error("sipsteer.show", {{"set", 9}})["code"], -32'001);
  EXPECT_EQ(message("sipsteer.show", {{"set", 9}}), "there is no set 9; the sets are 1, 20");
  for (const Json& wrong :
       {R"([])"_json, R"([-1])"_json, R"(["x"])"_json, R"([2147483648])"_json}) {
    EXPECT_EQ(error("sipsteer.show", wrong)["code"], -32'602) << wrong;
  }
}

TEST_F(OwnMethods, AStateMayLastForATime) {
  result("sipsteer.set_state", {{"destination", "192.0.2.12"},
                                {"state", "draining"},
                                {"for", "2h"},
                                {"reason", "new disks"}});
  result("sipsteer.set_state", {"192.0.2.12", "disabled", "", false, 90});

  ASSERT_EQ(daemon_.changes.size(), 2U);
  EXPECT_EQ(daemon_.changes[0].state, "draining");
  EXPECT_EQ(daemon_.changes[0].lasts, 2h);
  EXPECT_EQ(daemon_.changes[0].reason, "new disks");
  EXPECT_EQ(daemon_.changes[1].lasts, 90s);
}

TEST_F(OwnMethods, ATimeThatIsNoneIsRefused) {
  for (const Json& wrong : {R"("soon")"_json, R"("9000d")"_json, R"(-1)"_json, R"(1.5)"_json,
                            R"([])"_json, R"(1e9)"_json}) {
    const Json parameters = {{"destination", "192.0.2.12"}, {"state", "disabled"}, {"for", wrong}};
    EXPECT_EQ(error("sipsteer.set_state", parameters)["code"], -32'602) << wrong;
  }
  EXPECT_EQ(error("sipsteer.set_state",
                  {{"destination", "192.0.2.12"}, {"state", "active"}, {"for", "1h"}})["code"],
            -32'602);
  EXPECT_TRUE(daemon_.changes.empty());
}

TEST_F(OwnMethods, WeightsAreSetAndTakenBack) {
  const Json done = result("sipsteer.set_weight", {{"destination", "gw1"},
                                                   {"weight", 0},
                                                   {"force", true},
                                                   {"for", "1h"},
                                                   {"reason", "half the memory"}});
  result("sipsteer.set_weight", {{"destination", "gw1"}, {"weight", nullptr}});

  ASSERT_EQ(daemon_.weights.size(), 2U);
  EXPECT_EQ(daemon_.weights[0].weight, 0U);
  EXPECT_EQ(daemon_.weights[0].lasts, 1h);
  EXPECT_TRUE(daemon_.weights[0].force);
  EXPECT_EQ(daemon_.weights[0].reason, "half the memory");
  EXPECT_EQ(daemon_.weights[1].weight, std::nullopt);
  EXPECT_EQ(done["text"], "gw1 is weighted");
  EXPECT_EQ(done["weight"], 0);
  EXPECT_EQ(error("sipsteer.set_weight", {"gw1", kWeightMax + 1})["code"], -32'602);
  EXPECT_EQ(error("sipsteer.set_weight", {"", 1})["code"], -32'602);
}

TEST_F(OwnMethods, PlanTellsAllOfIt) {
  daemon_.plan = {.token = "t1",
                  .generation = 7,
                  .destinations = {{1, "sip:192.0.2.14", "added", ""}},
                  .sets = {{.set = 1, .moved_share = 0.25, .active_before = 3, .active_after = 4}},
                  .settings = {"route 1: algorithm call-id -> from-uri"},
                  .intents = {"1/sip:192.0.2.13: disabled"},
                  .intents_waiting = {"1/sip:192.0.2.15: weight 5"},
                  .warnings = {"w"}};

  EXPECT_EQ(result("sipsteer.plan"),
            R"({"token":"t1","generation":7,"nothing":false,
          "destinations":[{"set":1,"destination":"sip:192.0.2.14","change":"added","text":""}],
          "sets":[{"set":1,"moved_share":0.25,"active_before":3,"active_after":4}],
          "settings":["route 1: algorithm call-id -> from-uri"],
          "intents":["1/sip:192.0.2.13: disabled"],"warnings":["w"],
          "intents_waiting":["1/sip:192.0.2.15: weight 5"]})"_json);
}

TEST_F(OwnMethods, ApplyBringsThePlansTokenBack) {
  const Json applied = result("sipsteer.apply", {{"token", "t1"}});

  EXPECT_EQ(daemon_.calls, std::vector<std::string>{"apply t1"});
  EXPECT_EQ(applied["generation"], 8);
  EXPECT_EQ(error("sipsteer.apply")["code"], -32'602);
  EXPECT_EQ(error("sipsteer.apply", {""})["code"], -32'602);
}

TEST_F(OwnMethods, ExplainTellsAllOfIt) {
  daemon_.explanation.generation = 7;
  daemon_.explanation.outcome = "forwarded";
  daemon_.explanation.set = 1;
  daemon_.explanation.winner = "sip:192.0.2.11:5060";
  daemon_.explanation.candidates = {{.attempt = 0,
                                     .uri = "sip:192.0.2.12:5060",
                                     .address = "udp:192.0.2.12:5060",
                                     .state = "probing",
                                     .taken = false,
                                     .skipped_because = "probing"}};

  const Json told = result("sipsteer.explain", {{"call_id", "x@y"}, {"set", 1}});

  EXPECT_EQ(daemon_.questions.at(0).call_id, "x@y");
  EXPECT_EQ(daemon_.questions.at(0).set, 1U);
  EXPECT_EQ(told["outcome"], "forwarded");
  EXPECT_EQ(told["route"], nullptr);
  EXPECT_EQ(told["set"], 1);
  EXPECT_EQ(told["winner"], "sip:192.0.2.11:5060");
  EXPECT_EQ(told["candidates"],
            R"([{"attempt":0,"uri":"sip:192.0.2.12:5060","address":"udp:192.0.2.12:5060",
                 "state":"probing","taken":false,"skipped_because":"probing"}])"_json);
}

TEST_F(OwnMethods, ExplainWantsAMessageOrACallId) {
  result("sipsteer.explain", {{"message", "INVITE sip:x SIP/2.0\r\n\r\n"}});
  EXPECT_EQ(daemon_.questions.at(0).message, "INVITE sip:x SIP/2.0\r\n\r\n");

  result("sipsteer.explain", {{"message_base64", "SU5WSVRFIP8="}});
  EXPECT_EQ(daemon_.questions.at(1).message, "INVITE \xff");

  EXPECT_EQ(error("sipsteer.explain")["code"], -32'602);
  EXPECT_EQ(error("sipsteer.explain", {{"message_base64", "SU5W SVRFIP8="}})["code"], -32'602);
  EXPECT_EQ(error("sipsteer.explain", {{"message_base64", "Zg=="}, {"message", "m"}})["code"],
            -32'602);
  EXPECT_EQ(error("sipsteer.explain", {{"message_base64", "Zg=="}, {"call_id", "m"}})["code"],
            -32'602);
  EXPECT_EQ(error("sipsteer.explain", {"INVITE", "id"})["code"], -32'602);
  EXPECT_EQ(error("sipsteer.explain", {{"call_id", "a\nb"}})["code"], -32'602);
}

TEST_F(OwnMethods, TheNodeIsDrainedAndPutBack) {
  EXPECT_EQ(result("sipsteer.drain_node", {{"drain", true}, {"reason", "kernel"}})["text"],
            "drain node: kernel");
  EXPECT_EQ(result("sipsteer.drain_node", {false})["text"], "undrain node: ");
  EXPECT_EQ(error("sipsteer.drain_node")["code"], -32'602);
  EXPECT_EQ(error("sipsteer.drain_node", {"yes"})["code"], -32'602);
  EXPECT_EQ(daemon_.calls.size(), 2U);
}

TEST_F(OwnMethods, PingActiveAsksTheDaemon) {
  EXPECT_EQ(result("sipsteer.ping_active")["text"], "ping");
}

}  // namespace
}  // namespace steer::admin
