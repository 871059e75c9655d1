#include "admin/rpc.h"

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <malloc.h>
#include <nlohmann/json.hpp>

#include "core/base/limits.h"
#include "tests/admin/fake_service.h"
#include "tests/admin/rpc_fixture.h"
#include "tests/support/seed.h"

namespace steer::admin {
namespace {

using Json = nlohmann::json;
using nlohmann::literals::operator""_json;

using Rpc = test::RpcTest;

TEST_F(Rpc, ListHasTheShapeThatProgramsDependOn) {
  const std::string_view expected =
      R"({"jsonrpc":"2.0","id":1,"result":{"generation":7,"sets":[{"id":1,)"
      R"("algorithm":"call-id","destinations":[{"uri":"sip:192.0.2.11:5060",)"
      R"("state":"active","configured":"active","operator":null,"health":"up",)"
      R"("reason":"answered 200","since":"2026-11-23T06:00:00.250Z","weight":3,)"
      R"("priority":0,"attrs":{"weight":"3","duid":"gw1"},"selected":912345,)"
      R"("active_calls":0,"probe":{"last_ms":0.4,"p50_ms":0.5,"p99_ms":1.25},)"
      R"("in_dialog":7,"address":"udp:192.0.2.11:5060","duid":"gw1","operator_reason":"",)"
      R"("operator_until":null,"operator_weight":null,"configured_weight":1,"share":1,)"
      R"("paused":false,"added":false,"responses":[0,0,0,0,0,0],"state_changes":[],)"
      R"("takes_new_calls":true,"operator_weight_reason":"","operator_weight_until":null,)"
      R"("in_dialog_from":0},)";

  const std::string answer = text(R"({"jsonrpc":"2.0","id":1,"method":"sipsteer.list"})");

  EXPECT_EQ(answer.substr(0, expected.size()), expected);
}

TEST_F(Rpc, ListTellsTheOperatorsWordAndUnknownLatenciesAsNull) {
  const Json list = result("sipsteer.list");

  const Json& disabled = list["sets"][0]["destinations"][2];
  EXPECT_EQ(disabled["operator"], "disabled");
  EXPECT_EQ(disabled["probe"], R"({"last_ms":null,"p50_ms":null,"p99_ms":null})"_json);
  EXPECT_EQ(list["sets"][1]["destinations"][0]["duid"], nullptr);
}

TEST_F(Rpc, InfoTellsWhatRuns) {
  const Json info = result("sipsteer.info", Json::object());

  EXPECT_EQ(info["version"], "0.1.0");
  EXPECT_EQ(info["pid"], 4'242);
  EXPECT_EQ(info["io"], "epoll");
  EXPECT_EQ(info["ready"], true);
  EXPECT_EQ(info["listeners"][1], "udp:[2001:db8::1]:5060");
  EXPECT_EQ(info["counters"]["sipsteer_dropped_messages_total{reason=\"not_sip\"}"], 3);
}

TEST_F(Rpc, ReloadTellsGenerationSummaryAndWarnings) {
  const Json reloaded = result("sipsteer.reload", Json::array());

  EXPECT_EQ(reloaded["generation"], 8);
  EXPECT_EQ(reloaded["summary"], "+1 -0 ~2 destinations");
  EXPECT_EQ(reloaded["warnings"].size(), 1U);
}

TEST_F(Rpc, ARefusedReloadListsEachMistake) {
  daemon_.reload = std::unexpected{
      Refusal{RefusalKind::kFailed, "the list has 2 mistakes", {"a:1:1: error: x", "a:2:1: y"}}};

  const Json refused = error("sipsteer.reload");

  EXPECT_EQ(refused["code"], -32'000);
  EXPECT_EQ(refused["message"], "the list has 2 mistakes");
  EXPECT_EQ(refused["data"]["details"], R"(["a:1:1: error: x","a:2:1: y"])"_json);
}

TEST_F(Rpc, SetStateTakesParametersByName) {
  const Json done = result("sipsteer.set_state", {{"destination", "1/sip:192.0.2.11:5060"},
                                                  {"state", "disabled"},
                                                  {"reason", "disk"},
                                                  {"force", true}});

  ASSERT_EQ(daemon_.changes.size(), 1U);
  EXPECT_EQ(daemon_.changes[0].destination, "1/sip:192.0.2.11:5060");
  EXPECT_EQ(daemon_.changes[0].state, "disabled");
  EXPECT_EQ(daemon_.changes[0].reason, "disk");
  EXPECT_TRUE(daemon_.changes[0].force);
  EXPECT_EQ(done["text"], "1/sip:192.0.2.11:5060 is now disabled");
}

TEST_F(Rpc, SetStateTakesParametersByPosition) {
  result("sipsteer.set_state", {"sip:192.0.2.12:5060", "active"});

  ASSERT_EQ(daemon_.changes.size(), 1U);
  EXPECT_EQ(daemon_.changes[0].state, "active");
  EXPECT_EQ(daemon_.changes[0].reason, "");
  EXPECT_FALSE(daemon_.changes[0].force);
}

TEST_F(Rpc, SetStateRefusalsHaveACodeEach) {
  EXPECT_EQ(error("sipsteer.set_state", {"gw9", "disabled"})["code"], -32'001);
  EXPECT_EQ(error("sipsteer.set_state", {"1/sip:192.0.2.11:5060", "disabled"})["code"], -32'002);
}

TEST_F(Rpc, WrongParametersAreRefusedAndNothingIsDone) {
  const std::array<Json, 14> wrong = {
      nullptr,
      R"("x")"_json,
      R"({})"_json,
      R"([])"_json,
      R"({"destination":"192.0.2.12"})"_json,
      R"({"destination":"","state":"active"})"_json,
      R"({"destination":7,"state":"active"})"_json,
      R"({"destination":"192.0.2.12","state":"down"})"_json,
      R"({"destination":"192.0.2.12","state":"active","force":"yes"})"_json,
      R"({"destination":"192.0.2.12","state":"active","reason":["x"]})"_json,
      R"({"destination":"192.0.2.12","state":"active","reason":"a\nb"})"_json,
      R"({"destination":"192.0.2.12","state":"active","reasons":"a"})"_json,
      R"(["192.0.2.12","active","",true,1])"_json,
      Json::array({"192.0.2.12", "active", std::string(kRpcReasonSizeMax + 1, 'x')}),
  };

  for (const Json& parameters : wrong) {
    SCOPED_TRACE(parameters.dump().substr(0, 80));
    EXPECT_EQ(error("sipsteer.set_state", parameters)["code"], -32'602);
  }
  EXPECT_TRUE(daemon_.changes.empty());
}

TEST_F(Rpc, AReasonOfTheGreatestSizeIsTaken) {
  result("sipsteer.set_state",
         Json::array({"192.0.2.12", "active", std::string(kRpcReasonSizeMax, 'x')}));

  EXPECT_EQ(daemon_.changes.size(), 1U);
}

TEST_F(Rpc, AnUnknownParameterIsToldWithASuggestion) {
  const Json refused =
      error("sipsteer.set_state",
            {{"destination", "192.0.2.12"}, {"state", "active"}, {"raeson", "new disks"}});

  EXPECT_NE(refused["message"].get<std::string>().find("did you mean \"reason\"?"),
            std::string::npos)
      << refused;
}

TEST_F(Rpc, MethodsWithoutParametersRefuseThem) {
  for (const char* method : {"sipsteer.list", "sipsteer.info", "sipsteer.reload", "which"}) {
    EXPECT_EQ(error(method, {{"set", 1}})["code"], -32'602) << method;
  }
}

TEST_F(Rpc, AnUnknownMethodIsToldWithASuggestion) {
  const Json refused = error("sipsteer.lst");

  EXPECT_EQ(refused["code"], -32'601);
  EXPECT_EQ(refused["message"],
            "unknown method \"sipsteer.lst\", did you mean \"sipsteer.list\"?; \"which\" lists all "
            "of them");
}

TEST_F(Rpc, BothMethodListsNameEveryMethodAndEachCanBeCalled) {
  const Json methods = result("system.listMethods");

  EXPECT_EQ(methods, result("which"));
  EXPECT_EQ(methods.size(), 28U);
  EXPECT_TRUE(std::is_sorted(methods.begin(), methods.end()));
  for (const Json& method : methods) {
    EXPECT_NE(error(method.get<std::string>(), Json::array())["code"], -32'601) << method;
  }
}

TEST_F(Rpc, TheIdComesBackAsItWas) {
  for (const char* id : {"7", "-1", "1.5", "\"a b\"", "null", "18446744073709551615"}) {
    const Json answer = ask(R"({"jsonrpc":"2.0","method":"which","id":)" + std::string{id} + "}");
    EXPECT_EQ(answer["id"].dump(), id);
    EXPECT_TRUE(answer.contains("result"));
  }
}

TEST_F(Rpc, ANotificationIsDoneAndNotAnswered) {
  EXPECT_EQ(text(R"({"jsonrpc":"2.0","method":"sipsteer.set_state",)"
                 R"("params":["192.0.2.12","disabled"]})"),
            "");
  EXPECT_EQ(text(R"({"jsonrpc":"2.0","method":"nonsense"})"), "");
  EXPECT_EQ(daemon_.changes.size(), 1U);
}

TEST_F(Rpc, WhatIsNoRequestIsRefused) {
  for (const char* line :
       {"1", "null", "\"x\"", "{}", R"({"jsonrpc":"1.0","method":"which","id":1})",
        R"({"method":"which","id":1})", R"({"jsonrpc":"2.0","id":1})",
        R"({"jsonrpc":"2.0","id":1,"method":5})", R"({"jsonrpc":2.0,"id":1,"method":"which"})",
        R"({"jsonrpc":"2.0","id":[1],"method":"which"})",
        R"({"jsonrpc":"2.0","id":true,"method":"which"})", "[]",
        R"({"jsonrpc":"2.0","method":1})"}) {
    const Json answer = ask(line);
    EXPECT_EQ(answer["error"]["code"], -32'600) << line;
    EXPECT_EQ(answer["jsonrpc"], "2.0") << line;
    EXPECT_TRUE(answer.contains("id")) << line;
  }
}

TEST_F(Rpc, WhatIsNoJsonIsAParseErrorWithItsPlace) {
  for (const char* line : {"", "{", "x", "{\"a\":1}}", "{'a':1}", "[1,]", "\"\\u12\"", "1e999",
                           "{\"a\":\"\xff\"}", "\xef\xbb", "\"a\nb\""}) {
    const Json answer = ask(line);
    EXPECT_EQ(answer["error"]["code"], -32'700) << line;
    EXPECT_EQ(answer["id"], nullptr) << line;
  }
  EXPECT_NE(text("{\"a\":,}").find("line 1, column 6"), std::string::npos) << text("{\"a\":,}");
}

TEST_F(Rpc, ABatchIsAnsweredInOrderWithoutItsNotifications) {
  const Json answers = ask(R"([{"jsonrpc":"2.0","method":"which","id":"a"},)"
                           R"({"jsonrpc":"2.0","method":"which"},7,)"
                           R"({"jsonrpc":"2.0","method":"no","id":"b"}])");

  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0]["id"], "a");
  EXPECT_EQ(answers[1]["error"]["code"], -32'600);
  EXPECT_EQ(answers[2]["error"]["code"], -32'601);
}

TEST_F(Rpc, ABatchOfNotificationsIsNotAnswered) {
  EXPECT_EQ(text(R"([{"jsonrpc":"2.0","method":"which"},{"jsonrpc":"2.0","method":"which"}])"), "");
}

TEST_F(Rpc, ABatchHasALimit) {
  std::string batch = "[1";
  for (std::size_t i = 1; i < kRpcBatchSizeMax; ++i) {
    batch += ",1";
  }

  EXPECT_EQ(ask(batch + "]").size(), kRpcBatchSizeMax);
  EXPECT_EQ(ask(batch + ",1]")["error"]["code"], -32'600);
}

TEST_F(Rpc, NestingHasALimitAndDeepLinesAreHarmless) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };

  EXPECT_EQ(ask(nested(kRpcNestingMax))[0]["error"]["code"], -32'600);
  EXPECT_EQ(ask(nested(kRpcNestingMax + 1))["error"]["code"], -32'700);
  EXPECT_EQ(ask(std::string(kControlLineSizeMax, '['))["error"]["code"], -32'700);
  EXPECT_EQ(ask(std::string(kControlLineSizeMax, '{'))["error"]["code"], -32'700);
  EXPECT_EQ(ask("\"" + std::string(100, '[') + "\\\"\"")["error"]["code"], -32'600);
}

TEST_F(Rpc, TextThatIsNotUtf8IsReplacedInAnswers) {
  daemon_.list.sets[0].destinations[0].reason = "caf\xe9";

  const Json list = result("sipsteer.list");

  EXPECT_EQ(list["sets"][0]["destinations"][0]["reason"], "caf\xef\xbf\xbd");
}

TEST_F(Rpc, AnErrorQuotesOnlyTheBeginningOfWhatAStrangerSent) {
  const std::string line =
      R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(60'000, 'x') + "\"}";

  EXPECT_LT(text(line).size(), 300U);
  EXPECT_LT(text(std::string(60'000, 'x')).size(), 400U);
}

TEST_F(Rpc, AFailureInsideIsAnsweredAsOne) {
  service_.list = []() -> ListAnswer { throw std::runtime_error{"no luck"}; };

  EXPECT_EQ(error("sipsteer.list")["code"], -32'603);
}

TEST_F(Rpc, WhatTheDaemonHasNotIsToldSo) {
  service_ = {};
  session_.can_follow = true;
  const Json methods = result("which");

  for (const Json& method : methods) {
    for (const Json& parameters :
         {Json::array(), R"({"token":"x"})"_json, R"({"destination":"1","state":"active"})"_json,
          R"(["1","1","sip:192.0.2.11:5060"])"_json, R"({"call_id":"x"})"_json, R"([1])"_json,
          R"(["i",1,"all"])"_json, R"([1,"sip:192.0.2.11"])"_json, R"({"drain":true})"_json}) {
      const Json told = answer(method.get<std::string>(), parameters);
      const bool needs_nothing = method == "which" || method == "system.listMethods" ||
                                 method == "dispatcher.hash" || method == "dispatcher.ping_active";
      EXPECT_TRUE(needs_nothing || told.contains("error")) << told;
    }
  }
  EXPECT_NE(message("sipsteer.plan").find("sipsteer.plan is not available"), std::string::npos);
}

TEST_F(Rpc, WhoMayOnlyLookChangesNothing) {
  session_.may_change = false;
  session_.why_not = "bring a token";

  EXPECT_EQ(error("sipsteer.reload")["code"], -32'003);
  EXPECT_NE(message("ds_set_state", {"i", "1", "sip:192.0.2.12:5060"}).find("bring a token"),
            std::string::npos);
  EXPECT_TRUE(session_.change_denied);
  EXPECT_TRUE(daemon_.changes.empty());
  EXPECT_TRUE(result("sipsteer.list").contains("sets"));
}

// Requests with random octets changed, inserted and taken away.
TEST_F(Rpc, TwoHundredThousandBadRequestsLeaveMemoryFlat) {
  const Seed seed = steer::test::run_seed();
  SCOPED_TRACE("--seed=" + std::to_string(seed.value));
  steer::test::Random random{seed.value};
  const std::array<std::string, 4> good = {
      R"({"jsonrpc":"2.0","id":1,"method":"which","params":[]})",
      R"({"jsonrpc":"2.0","id":"x","method":"sipsteer.set_state","params":{"destination":"1"}})",
      R"([{"jsonrpc":"2.0","id":1,"method":"sipsteer.lst"},5,{"jsonrpc":"2.0"}])",
      "[[[[{\"a\":1e5}"};
  constexpr std::size_t kRequests = 200'000;
  std::size_t warm = 0;

  for (std::size_t i = 0; i < kRequests; ++i) {
    std::string line = good[random() % good.size()];
    line[random() % line.size()] = static_cast<char>(random());
    if (random() % 2 == 0) line.erase(random() % line.size());
    const std::string answer = text(line);
    ASSERT_TRUE(answer.empty() || Json::accept(answer)) << line << "\n" << answer;
    daemon_.changes.clear();
    if (i == kRequests / 10) warm = mallinfo2().uordblks;
  }

  EXPECT_LT(mallinfo2().uordblks, warm + 64 * kKiB);
}

}  // namespace
}  // namespace steer::admin
