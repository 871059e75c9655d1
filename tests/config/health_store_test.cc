#include "config/health_store.h"

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

using namespace std::chrono_literals;
using test::Read;

TEST(HealthStore, ProbesDisturbNoCalls) {
  for (const char* const method : {"INVITE", "ACK", "CANCEL", "BYE"}) {
    EXPECT_TRUE(
        Read{std::string{"[health]\nmethod = \""} + method + "\""}.diagnostics.has_errors());
  }
}

TEST(HealthStore, GoodCodesAreFinalOnes) {
  EXPECT_EQ(Read{"[health]\nok_codes = [\"1xx\", 199, \"7xx\", 700, \"4x\", \"ok\", -200]"}
                .diagnostics.error_count(),
            7U);
  EXPECT_EQ(Read{"[health]\nok_codes = [200, 699, \"6xx\"]"}.diagnostics.error_count(), 0U);
}

TEST(HealthStore, HoldDownAndSlowStart) {
  const Read read{"[health]\nhold_down = \"2s\"\nhold_down_max = \"1m\"\nslow_start = \"30s\"\n"};

  ASSERT_TRUE(read.diagnostics.all().empty()) << test::joined(read.diagnostics);
  EXPECT_EQ(read.settings->health.hold_down, 2s);
  EXPECT_EQ(read.settings->health.hold_down_max, 1min);
  EXPECT_EQ(read.settings->health.slow_start, 30s);
}

TEST(HealthStore, PassiveObservation) {
  const Read read{"[health.passive]\nenabled = false\nfall = 7\ncodes = [500, \"6xx\"]\n"};

  ASSERT_TRUE(read.diagnostics.all().empty()) << test::joined(read.diagnostics);
  const dispatch::PassiveDefinition& passive = read.settings->health.passive;
  EXPECT_FALSE(passive.enabled);
  EXPECT_EQ(passive.fall, 7U);
  EXPECT_TRUE(passive.bad.has(500));
  EXPECT_TRUE(passive.bad.has(603));
  EXPECT_FALSE(passive.bad.has(503));
}

TEST(HealthStore, NoResponseSpeaksAgainstADestinationByDefault) {
  const dispatch::BadCodes bad = Read{""}.settings->health.passive.bad;

  for (std::uint16_t code = 200; code < 700; ++code) {
    EXPECT_FALSE(bad.has(code)) << code;
  }
}

TEST(HealthStore, SuccessCannotSpeakAgainstADestination) {
  const Read read{"[health.passive]\ncodes = [200, \"2xx\", \"5x\", 700]\n"};

  EXPECT_EQ(read.diagnostics.error_count(), 4U) << test::joined(read.diagnostics);
}

TEST(HealthStore, EveryModeHasItsWord) {
  for (const dispatch::ProbeMode mode :
       {dispatch::ProbeMode::kAll, dispatch::ProbeMode::kProbingOnly, dispatch::ProbeMode::kNone}) {
    EXPECT_EQ(probe_mode_of(name_of(mode)), mode);
  }
}

}  // namespace
}  // namespace steer::config
