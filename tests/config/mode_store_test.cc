#include "config/mode_store.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

using namespace std::chrono_literals;
using test::Read;

std::string said(const std::string& keys) {
  return test::joined(Read{"[[route]]\nset = 1\n" + keys}.diagnostics);
}

dispatch::RouteDefinition route_of(const std::string& keys) {
  const Read read{"[[route]]\nset = 1\n" + keys};
  EXPECT_TRUE(read.diagnostics.all().empty()) << test::joined(read.diagnostics);
  return read.settings->routes.at(0);
}

constexpr const char* kStateful = "mode = \"stateful\"\n";
constexpr const char* kStateless = "mode = \"stateless\"\n";

TEST(ModeStore, WhatARouteHasUnlessItSaysOtherwise) {
  const dispatch::RouteDefinition route = route_of("");

  EXPECT_EQ(route.mode, dispatch::RouteMode::kStateful);
  EXPECT_EQ(route_of(kStateful).mode, route.mode);
  EXPECT_EQ(route_of(kStateless).mode, dispatch::RouteMode::kStateless);
  EXPECT_EQ(route.completed, 32s);
  EXPECT_FALSE(route.failover.on_timeout);
  EXPECT_TRUE(route.failover.on_transport);
  EXPECT_TRUE(route.failover.codes.has(503));
  EXPECT_FALSE(route.failover.codes.has(500));
  EXPECT_EQ(route.failover.tries, 3U);
  EXPECT_FALSE(route.failover.forward_503);
}

TEST(ModeStore, FailoverIsReadWhole) {
  const dispatch::RouteDefinition route =
      route_of(std::string{kStateful} +
               "completed = \"5s\"\nfailover = { on = [\"timeout\", 408, \"5xx\"], tries = 8, "
               "timeout = \"1500ms\", forward_503 = true }\n");

  EXPECT_EQ(route.completed, 5s);
  EXPECT_TRUE(route.failover.on_timeout);
  EXPECT_FALSE(route.failover.on_transport);
  EXPECT_TRUE(route.failover.codes.has(408));
  EXPECT_TRUE(route.failover.codes.has(599));
  EXPECT_FALSE(route.failover.codes.has(486));
  EXPECT_EQ(route.failover.tries, 8U);
  EXPECT_EQ(route.failover.timeout, 1500ms);
  EXPECT_TRUE(route.failover.forward_503);
}

TEST(ModeStore, AReasonThatIsNoneIsRefusedWithWhatToWrite) {
  for (const char* const reason : {"\"silence\"", "200", "\"2xx\"", "99", "7000", "\"5x\""}) {
    const std::string text =
        said(std::string{kStateful} + "failover = { on = [" + reason + "] }\n");
    EXPECT_NE(text.find("is no reason; write \"timeout\""), std::string::npos) << reason << text;
  }
  for (const char* const reason : {"\"6xx\"", "603"}) {
    const std::string text =
        said(std::string{kStateful} + "failover = { on = [" + reason + "] }\n");
    EXPECT_NE(text.find("nobody else is asked; delete it"), std::string::npos) << reason << text;
  }
  EXPECT_NE(said(std::string{kStateful} + "failover = { tries = 9 }\n").find("1 to 8"),
            std::string::npos);
  EXPECT_NE(said(std::string{kStateful} + "failover = { tries = 0 }\n").find("1 to 8"),
            std::string::npos);
}

TEST(ModeStore, ATimeoutThatIsNoReasonIsRefused) {
  EXPECT_NE(said(std::string{kStateful} + "failover = { timeout = \"2s\" }\n")
                .find("s.toml:4:24: error: route.failover.timeout has no effect"),
            std::string::npos)
      << said(std::string{kStateful} + "failover = { timeout = \"2s\" }\n");
}

TEST(ModeStore, ATimeoutAsLongAsTimerBIsRefused) {
  const std::string route =
      "[[route]]\nset = 1\nmode = \"stateful\"\nfailover = { on = [\"timeout\"], timeout = \"";

  EXPECT_EQ(test::joined(Read{route + "31s\" }\n"}.diagnostics), "");
  EXPECT_NE(test::joined(Read{route + "32s\" }\n"}.diagnostics).find("not shorter than 64"),
            std::string::npos);
  EXPECT_NE(test::joined(Read{"[timers]\nt1 = \"20ms\"\n" + route + "2s\" }\n"}.diagnostics)
                .find("64 * timers.t1 (1s280ms)"),
            std::string::npos);
}

TEST(ModeStore, KeysOfTransactionsHaveNoMeaningWithoutThem) {
  for (const char* const key : {"completed = \"5s\"", "failover = { tries = 2 }",
                                "failover = { on = [503] }", "failover = { forward_503 = true }"}) {
    const std::string text = said(std::string{kStateless} + key + "\n");
    EXPECT_NE(text.find("has no effect without transactions; delete it, or write mode = "
                        "\"stateful\""),
              std::string::npos)
        << key << text;
  }
}

TEST(ModeStore, AlgorithmsOfTransactionsAreRefusedWithoutThem) {
  EXPECT_NE(said(std::string{kStateless} + "algorithm = 4\n")
                .find("s.toml:4:13: error: algorithm \"round-robin\" needs transactions"),
            std::string::npos);
  EXPECT_NE(said(std::string{kStateless} + "algorithm = \"auth-username\"\n")
                .find("or algorithm = \"from-uri\""),
            std::string::npos);
  for (const char* const algorithm : {"4", "5", "6", "\"round-robin\"", "\"auth-username\""}) {
    EXPECT_EQ(said(std::string{kStateful} + "algorithm = " + algorithm + "\n"), "");
  }
}

TEST(ModeStore, AnyVariableMayBeHashedWithTransactions) {
  const std::string keys = "algorithm = \"pv\"\nhash = \"$rm$tt$ua$au$ml$hdr(X-Account)\"\n";

  EXPECT_EQ(said(std::string{kStateful} + keys), "");
  EXPECT_NE(said(std::string{kStateless} + keys).find("route.hash cannot use $rm"),
            std::string::npos);
}

TEST(ModeStore, TimersAndLimitsAreTaken) {
  const Read read{
      "[timers]\nt1 = \"250ms\"\nt2 = \"2s\"\nt4 = \"3s\"\nc = \"4m\"\n[limits]\ntransactions = "
      "5000\ntransaction_bytes = \"8MiB\"\n"};

  ASSERT_TRUE(read.diagnostics.all().empty()) << test::joined(read.diagnostics);
  EXPECT_EQ(read.settings->timers.t1, 250ms);
  EXPECT_EQ(read.settings->timers.t2, 2s);
  EXPECT_EQ(read.settings->timers.t4, 3s);
  EXPECT_EQ(read.settings->timers.c, 4min);
  EXPECT_EQ(read.settings->limits.transactions, 5'000U);
  EXPECT_EQ(read.settings->limits.transaction_bytes, 8U << 20U);
}

TEST(ModeStore, TimersThatContradictAreRefused) {
  EXPECT_NE(test::joined(Read{"[timers]\nt1 = \"5s\"\n"}.diagnostics)
                .find("timers.t2 is shorter than timers.t1, which it bounds; raise it to 5s"),
            std::string::npos);
  EXPECT_TRUE(Read{"[timers]\nc = \"3m\"\n"}.diagnostics.has_errors());
}

}  // namespace
}  // namespace steer::config
