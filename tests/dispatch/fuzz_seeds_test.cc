#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/fuzz/engine_entry.h"

namespace steer {
namespace {

TEST(EngineFuzzer, KeepsItsPromisesOnEverySeed) {
  test::World world{fuzz::engine_definition()};
  std::size_t seeds = 0;
  const std::filesystem::path folder = std::filesystem::path{STEER_SOURCE_DIR} / "tests/fuzz/seeds";
  for (const auto& entry : std::filesystem::directory_iterator{folder / "message"}) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};

    fuzz::check_engine(world, bytes);
    for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
      fuzz::check_engine(world, std::string_view{bytes}.substr(0, cut));
    }

    ++seeds;
  }
  EXPECT_GE(seeds, 10U) << "the seeds are missing";
  EXPECT_GT(world.counters().requests_forwarded.read(), 0U);
  EXPECT_GT(world.counters().responses_forwarded.read(), 0U) << "no answer found its way back";
}

}  // namespace
}  // namespace steer
