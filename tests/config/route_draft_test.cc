#include "config/route_draft.h"

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

using test::Read;

std::string said(const std::string& keys) {
  return test::joined(Read{"[[route]]\nset = 1\n" + keys}.diagnostics);
}

TEST(RouteDraft, ARouteNamesASet) {
  EXPECT_EQ(test::joined(Read{"[[route]]\nalgorithm = \"call-id\"\n"}.diagnostics),
            "/etc/s/s.toml:1:1: error: this route names no set; write set = 1 or another id of the "
            "list\n");
}

TEST(RouteDraft, PvNeedsAHashAndAHashNeedsPv) {
  EXPECT_NE(said("algorithm = 7\n").find("s.toml:3:13: error: algorithm \"pv\" (7) needs"),
            std::string::npos);
  EXPECT_NE(said("hash = \"$ci\"\n").find("write algorithm = \"pv\""), std::string::npos);
}

TEST(RouteDraft, VariablesThatAckAndCancelDoNotRepeatAreRefusedByName) {
  for (const char* const name : {"$rm", "$tt", "$ua", "$au", "$ml", "$hdr(X-Account)"}) {
    const std::string text =
        said("mode = \"stateless\"\nalgorithm = \"pv\"\nhash = \"$ci" + std::string{name} + "\"\n");
    EXPECT_NE(text.find("route.hash cannot use " + std::string{name}), std::string::npos) << text;
  }
  EXPECT_EQ(said("mode = \"stateless\"\nalgorithm = \"pv\"\n"
                 "hash = \"$ci$cs$ru$rU$rd$rp$fu$fU$fd$ft$tu$tU$td$si\"\n"),
            "");
}

TEST(RouteDraft, AnUnknownVariableIsPointedAt) {
  EXPECT_NE(said("algorithm = \"pv\"\nhash = \"$fU@$zz\"\n").find("s.toml:4:13: error: route.hash"),
            std::string::npos)
      << said("algorithm = \"pv\"\nhash = \"$fU@$zz\"\n");
}

TEST(RouteDraft, NumbersFollowTheDialectEvenWhenItComesLater) {
  const Read read{"[[route]]\nset = 1\nalgorithm = 11\n[destinations]\ndialect = \"opensips\"\n"};

  EXPECT_EQ(read.diagnostics.error_count(), 0U) << test::joined(read.diagnostics);
  EXPECT_EQ(read.settings->routes[0].algorithm, dispatch::AlgorithmKind::kFirst);
  EXPECT_TRUE(Read{"[[route]]\nset = 1\nalgorithm = 12\n"}.diagnostics.has_errors());
}

TEST(RouteDraft, UserOnlyIsForUris) {
  EXPECT_EQ(said("algorithm = 1\nuser_only = true\n"), "");
  EXPECT_NE(said("user_only = true\n").find("route.user_only"), std::string::npos);
}

TEST(RouteDraft, ARuleForInviteTakesItsAckAndCancel) {
  const Read read{"[[route]]\nset = 1\nmatch = { method = [\"INVITE\", \"ACK\"] }\n"};

  EXPECT_EQ(read.settings->routes[0].match.methods,
            (std::vector<std::string>{"INVITE", "ACK", "CANCEL"}));
  EXPECT_EQ(Read{"[[route]]\nset = 1\nmatch = { method = \"MESSAGE\" }\n"}
                .settings->routes[0]
                .match.methods.size(),
            1U);
}

}  // namespace
}  // namespace steer::config
