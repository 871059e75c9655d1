// The simulator round sources with bugs in them: finds out which invariant catches one.
//   sim_bugs BUG SEEDS    BUG: a name of plant_bugs.py, or none

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "core/base/hash.h"
#include "tests/sim/planted.h"
#include "tests/sim/simulation.h"

namespace steer::sim {
namespace {

// The one thing that planted code can ask without being handed something.
std::string& awake_bug() noexcept {
  static std::string bug;
  return bug;
}

}  // namespace

bool is_awake(std::string_view bug) noexcept {
  return awake_bug() == bug;
}
void wake(std::string_view bug) {
  awake_bug() = bug;
}

namespace {

// Prints what broke first, or that nothing did.
int hunt(std::uint64_t seeds) {
  constexpr std::uint64_t kFirstSeed = 4'711;
  for (std::uint64_t i = 0; i < seeds; ++i) {
    const RunOptions options{.seed = {mix(kFirstSeed + i)}};
    RunReport report = run_simulation(options);
    if (!report.violation && run_simulation(options).trace != report.trace) {
      report.violation = Violation{Invariant::kSameSeedSameTrace, "two runs of one seed differ"};
    }
    if (!report.violation) continue;
    std::printf("%s\n%s\nseed %llu, the %llu-th\n", name_of(report.violation->invariant).data(),
                report.violation->what.c_str(), static_cast<unsigned long long>(report.seed.value),
                static_cast<unsigned long long>(i + 1));
    return 0;
  }
  std::printf("nothing\n");
  return 0;
}

}  // namespace
}  // namespace steer::sim

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view count{argv[2]};
  std::uint64_t seeds = 0;
  std::from_chars(count.data(), count.data() + count.size(), seeds);
  steer::sim::wake(argv[1]);
  return steer::sim::hunt(seeds);
}
