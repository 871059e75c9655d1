#include "tests/sim/simulation.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/base/hash.h"
#include "tests/support/seed.h"

// sim_test --seed=N        that one world
//          --seeds=COUNT   so many, each with a seed of its own made from --seed
//          --steps=N       no further than step N
//          --call=N        prints what belongs to that call as it arrives
//          --all-transitions=1   fails if a row of the transaction tables was never taken

namespace steer::sim {
namespace {

// A number from the command line.
std::uint64_t option(std::string_view flag, std::uint64_t otherwise) {
  std::uint64_t value = otherwise;
  for (const std::string& argument : testing::internal::GetArgvs()) {
    if (!argument.starts_with(flag)) continue;
    const std::string_view text = std::string_view{argument}.substr(flag.size());
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  return value;
}

std::string followed() {
  const std::uint64_t call = option("--call=", UINT64_MAX);
  return call == UINT64_MAX ? "" : "Call-ID: call-" + std::to_string(call) + "\r\n";
}

// What a failure prints: how to see it again, and what came before.
std::string story_of(const RunReport& report) {
  if (!report.violation) return "no invariant broke";
  return "invariant " + std::string{name_of(report.violation->invariant)} +
         " broke: " + report.violation->what +
         "\nagain: sim_test --gtest_filter=Simulation.* --seeds=1 --seed=" +
         std::to_string(report.seed.value) + "\nthe last steps:\n" + report.last_steps;
}

TEST(Simulation, EveryInvariantHoldsForEverySeed) {
  const Seed first = test::run_seed();
  const std::uint64_t seeds = option("--seeds=", 3);
  RunReport sum;
  for (std::uint64_t i = 0; i < seeds; ++i) {
    const Seed seed{seeds == 1 ? first.value : mix(first.value + i)};

    const RunReport report = run_simulation(
        {.seed = seed, .steps_max = option("--steps=", 2'000'000), .follow = followed()});

    add(sum, report);
    ASSERT_FALSE(report.violation) << story_of(report);
  }
  std::printf("%s\n", summary_of(sum, seeds).c_str());
  const std::string missed = transitions_missed(sum);
  if (option("--all-transitions=", 0) != 0) {
    EXPECT_EQ(missed, "") << "no world took these transitions: let scene.cc or mischief.cc make "
                             "what leads there, or prove that nothing can and take the row away";
  } else if (!missed.empty()) {
    std::printf("never taken:\n%s", missed.c_str());
  }
}

TEST(Simulation, TheSameSeedGivesTheSameTrace) {
  const RunOptions options{.seed = test::run_seed()};

  const RunReport once = run_simulation(options);
  const RunReport again = run_simulation(options);

  EXPECT_EQ(once.trace, again.trace) << name_of(Invariant::kSameSeedSameTrace);
  EXPECT_EQ(once.steps, again.steps);
}

TEST(Simulation, AnotherSeedGivesAnotherTrace) {
  const Seed seed = test::run_seed();

  EXPECT_NE(run_simulation({.seed = seed}).trace, run_simulation({.seed = {~seed.value}}).trace);
}

}  // namespace
}  // namespace steer::sim
