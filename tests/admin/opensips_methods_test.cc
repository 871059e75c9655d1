#include "tests/admin/rpc_fixture.h"

namespace steer::admin {
namespace {

using OpensipsMethods = test::RpcTest;
using Json = nlohmann::json;
using nlohmann::literals::operator""_json;

TEST_F(OpensipsMethods, ListHasItsShape) {
  const Json list = result("ds_list");

  EXPECT_EQ(list, result("dispatcher:list"));
  ASSERT_EQ(list["PARTITIONS"].size(), 1U);
  EXPECT_EQ(list["PARTITIONS"][0]["name"], "default");
  const Json& sets = list["PARTITIONS"][0]["SETS"];
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0]["id"], 1);
  EXPECT_EQ(sets[0]["Destinations"][0],
            R"({"URI":"sip:192.0.2.11:5060","state":"Active","first_hit_counter":912345,
                "attr":"weight=3;duid=gw1","resolved_addresses":["192.0.2.11:5060"]})"_json);
  EXPECT_EQ(sets[0]["Destinations"][1]["state"], "Inactive");
  EXPECT_EQ(sets[0]["Destinations"][2]["state"], "Inactive");
}

TEST_F(OpensipsMethods, AFullListHasWeightAndPriority) {
  const Json row =
      result("ds_list", {{"full", "1"}})["PARTITIONS"][0]["SETS"][0]["Destinations"][0];

  EXPECT_EQ(row["weight"], 3);
  EXPECT_EQ(row["priority"], 0);
}

TEST_F(OpensipsMethods, ThereIsOnePartition) {
  EXPECT_TRUE(result("ds_list", {{"partition", "default"}}).contains("PARTITIONS"));
  EXPECT_EQ(error("ds_list", {{"partition", "other"}})["code"], 404);
  EXPECT_EQ(error("ds_reload", {{"partition", "other"}})["code"], 404);
  EXPECT_EQ(error("ds_set_state", {"i", "other:1", "sip:192.0.2.12:5060"})["code"], 404);
}

TEST_F(OpensipsMethods, SetStateTakesNamesAndPositions) {
  EXPECT_EQ(
      result("ds_set_state", {{"state", "i"}, {"group", "1"}, {"address", "sip:192.0.2.12:5060"}}),
      "OK");
  EXPECT_EQ(result("dispatcher:set_state", {"1", "default:1", "SIP:192.0.2.12:5060"}), "OK");

  ASSERT_EQ(daemon_.changes.size(), 2U);
  EXPECT_EQ(daemon_.changes[0].state, "draining");
  EXPECT_EQ(daemon_.changes[0].destination, "1/sip:192.0.2.12:5060");
  EXPECT_EQ(daemon_.changes[1].state, "active");
}

TEST_F(OpensipsMethods, WhatTheListKeepsOutIsNotSaidToBeActive) {
  daemon_.list.sets[0].destinations[1].configured = "disabled";

  EXPECT_EQ(error("ds_set_state", {"a", "1", "sip:192.0.2.12:5060"})["code"], 500);
  EXPECT_NE(message("ds_set_state", {"a", "1", "sip:192.0.2.12:5060"}).find("change its flags"),
            std::string::npos);
  EXPECT_EQ(error("ds_set_state", {"absent", "1", "sip:192.0.2.12:5060"})["code"], -32'602);
}

TEST_F(OpensipsMethods, SetStateRefusesWhatItCannotDo) {
  EXPECT_EQ(error("ds_set_state", {"p", "1", "sip:192.0.2.12:5060"})["code"], -32'602);
  EXPECT_EQ(error("ds_set_state", {"i", "1", "sip:nobody"})["code"], 404);
  EXPECT_EQ(error("ds_set_state", {"i", "7", "sip:192.0.2.12:5060"})["code"], 404);
  EXPECT_EQ(error("ds_set_state", {"i", "1", "sip:192.0.2.11:5060"})["code"], 500);
  EXPECT_EQ(error("ds_set_state")["code"], -32'602);
  EXPECT_TRUE(daemon_.changes.size() == 1U);  // The one that the daemon refused.
}

TEST_F(OpensipsMethods, ReloadSaysOk) {
  EXPECT_EQ(result("ds_reload"), "OK");
  EXPECT_EQ(result("dispatcher:reload", {{"inherit_state", "y"}}), "OK");
  EXPECT_EQ(error("ds_reload", {{"inherit_state", "n"}})["code"], -32'602);
  daemon_.reload = std::unexpected{Refusal{RefusalKind::kFailed, "no", {}}};
  EXPECT_EQ(error("ds_reload")["code"], 500);
}

}  // namespace
}  // namespace steer::admin
