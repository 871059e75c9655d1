#include "admin/web.h"

#include <gtest/gtest.h>

#include "tests/admin/fake_service.h"

namespace steer::admin {
namespace {

constexpr std::string_view kToken = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kDrain =
    R"({"jsonrpc":"2.0","id":1,"method":"sipsteer.set_state",)"
    R"("params":{"destination":"1/sip:192.0.2.1","state":"draining"}})";

class WebTest : public testing::Test {
 protected:
  HttpReply get(std::string_view path) { return web_.answer({.method = "GET", .path = path}); }
  HttpReply post(std::string_view body, std::string_view authorization) {
    return web_.answer(
        {.method = "POST", .path = "/rpc", .authorization = authorization, .body = body});
  }

  test::FakeDaemon daemon_;
  Web web_{daemon_.service(), std::string{kToken}};
};

TEST_F(WebTest, MetricsAreThePrometheusText) {
  const HttpReply reply = get("/metrics");

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(reply.body.find("sipsteer_build_info"), std::string::npos);
}

TEST_F(WebTest, ReadinessIsTheDaemons) {
  daemon_.info.ready = true;
  EXPECT_EQ(get("/readyz").status, 200);

  daemon_.info.ready = false;
  daemon_.info.not_ready_because = "draining: told to stop";

  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_NE(get("/readyz").body.find("told to stop"), std::string::npos);
  EXPECT_EQ(get("/healthz").status, 200) << "it lives all the same";
}

TEST_F(WebTest, NothingChangesByGet) {
  const HttpReply reply = get("/rpc");

  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.allow, "POST");
  EXPECT_TRUE(daemon_.changes.empty());
}

TEST_F(WebTest, AChangeNeedsTheToken) {
  const std::string right = "Bearer " + std::string{kToken};
  std::string wrong = right;
  wrong.back() = 'x';

  for (const std::string& authorization :
       {std::string{}, wrong, right + "0", std::string{"Bearer "}, std::string{kToken}}) {
    EXPECT_EQ(post(kDrain, authorization).status, 401) << authorization;
  }
  EXPECT_TRUE(daemon_.changes.empty());
  EXPECT_EQ(web_.counters().denied, 5U);

  EXPECT_EQ(post(kDrain, right).status, 200);
  EXPECT_EQ(daemon_.changes.size(), 1U);
}

TEST_F(WebTest, TheSchemeMayBeInAnyCase) {
  for (const std::string scheme : {"bearer ", "BEARER ", "bEaReR "}) {
    EXPECT_EQ(post(kDrain, scheme + std::string{kToken}).status, 200) << scheme;
  }
  std::string other_case{kToken};
  other_case[10] = 'A';
  EXPECT_EQ(post(kDrain, "Bearer " + other_case).status, 401) << "not so the token";
}

TEST_F(WebTest, AWrongTokenIsToldApartFromNone) {
  const HttpReply none = post(kDrain, "");
  const HttpReply wrong = post(kDrain, "Bearer 0123");

  EXPECT_NE(none.body.find("send the header field"), std::string::npos) << none.body;
  EXPECT_NE(wrong.body.find("is not"), std::string::npos) << wrong.body;
  EXPECT_EQ(wrong.body.find(kToken), std::string::npos);
}

TEST_F(WebTest, WithoutATokenConfiguredNobodyChangesAnything) {
  Web closed{daemon_.service(), ""};

  const HttpReply reply =
      closed.answer({.method = "POST", .path = "/rpc", .authorization = "Bearer ", .body = kDrain});

  EXPECT_EQ(reply.status, 401);
  EXPECT_NE(reply.body.find("admin.token"), std::string::npos) << reply.body;
}

TEST_F(WebTest, ReadingNeedsNone) {
  const HttpReply reply = post(R"({"jsonrpc":"2.0","id":1,"method":"sipsteer.info"})", "");

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.type, "application/json");
}

TEST_F(WebTest, OtherPathsAreToldWhatThereIs) {
  EXPECT_EQ(get("/").status, 404);
  EXPECT_NE(get("/").body.find("/metrics"), std::string::npos);
}

}  // namespace
}  // namespace steer::admin
