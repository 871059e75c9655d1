#include "admin/rpc_events.h"

#include <sstream>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "tests/admin/rpc_fixture.h"

namespace steer::admin {
namespace {

using Json = nlohmann::json;

class RpcEvents : public test::RpcTest {
 protected:
  void log(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
      daemon_.events.events.push_back(test::event_of(sequence));
    }
  }

  std::vector<Json> news() {
    std::vector<Json> lines;
    std::istringstream text{news_for(session_.following, service_)};
    for (std::string line; std::getline(text, line);) {
      lines.push_back(Json::parse(line));
    }
    return lines;
  }
};

TEST_F(RpcEvents, AQuestionIsAnsweredFromItsSequenceOn) {
  log(1, 5);

  const Json told = result("sipsteer.events", {{"from", 3}, {"count", 2}});

  ASSERT_EQ(told["events"].size(), 2U);
  EXPECT_EQ(told["events"][0]["sequence"], 3);
  EXPECT_EQ(told["events"][0]["before"], "active");
  EXPECT_EQ(told["events"][0]["after"], "probing");
  EXPECT_EQ(told["events"][0]["at"], "2026-11-23T06:00:00.250Z");
  EXPECT_EQ(told["next"], 5);
  EXPECT_EQ(told["lost"], false);
  EXPECT_EQ(result("sipsteer.events")["events"].size(), 5U);
}

TEST_F(RpcEvents, SinceAlwaysIsNull) {
  log(1, 2);
  daemon_.events.events[1].before_since = {};

  const Json events = result("sipsteer.events")["events"];

  EXPECT_EQ(events[0]["before_since"], "2026-11-23T06:00:00.250Z");
  EXPECT_EQ(events[1]["before_since"], nullptr);
}

TEST_F(RpcEvents, ATooLargeCountIsRefused) {
  EXPECT_EQ(error("sipsteer.events", {1, kRpcEventCountMax + 1})["code"], -32'602);
}

TEST_F(RpcEvents, AFollowerFirstGetsThePresentStateThenWhatIsNew) {
  session_.can_follow = true;
  log(1, 3);

  const Json first = result("sipsteer.events", {{"follow", true}});

  EXPECT_EQ(first["state"], result("sipsteer.list"));
  EXPECT_EQ(first["next"], 4);
  EXPECT_TRUE(news().empty());
  log(4, 5);
  const std::vector<Json> lines = news();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["method"], "sipsteer.event");
  EXPECT_EQ(lines[0]["params"]["sequence"], 4);
  EXPECT_FALSE(lines[0].contains("id"));
  EXPECT_EQ(lines[1]["params"]["sequence"], 5);
  EXPECT_TRUE(news().empty());
}

TEST_F(RpcEvents, NewsComeInBoundedHelpings) {
  session_.following.active = true;
  log(1, kRpcFollowCountMax + 1);

  EXPECT_EQ(news().size(), kRpcFollowCountMax);
  EXPECT_EQ(news().size(), 1U);
}

TEST_F(RpcEvents, WhoWasTooSlowIsToldWhatIsLost) {
  session_.following = {.active = true, .next = 1};
  daemon_.events.lost = true;
  log(50, 51);

  const std::vector<Json> lines = news();

  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["method"], "sipsteer.lost");
  EXPECT_EQ(lines[0]["params"]["next"], 50);
  EXPECT_EQ(lines[1]["params"]["sequence"], 50);
}

TEST_F(RpcEvents, OnlyAConnectionThatCanBeWrittenToFollows) {
  EXPECT_EQ(error("sipsteer.events", {{"follow", true}})["code"], -32'602);
  EXPECT_FALSE(session_.following.active);
  session_.can_follow = true;
  EXPECT_EQ(error("sipsteer.events", {{"follow", true}, {"from", 1}})["code"], -32'602);
}

TEST_F(RpcEvents, WhoDoesNotFollowHasNoNews) {
  log(1, 5);

  EXPECT_EQ(news_for(session_.following, service_), "");
}

}  // namespace
}  // namespace steer::admin
