#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/fuzz/engine_entry.h"
#include "tests/fuzz/transactions_entry.h"
#include "tests/support/seed.h"

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

TEST(TransactionsFuzzer, KeepsItsPromisesOnEverySeed) {
  std::size_t seeds = 0;
  fuzz::TransactionsReport sum;
  const std::filesystem::path folder =
      std::filesystem::path{STEER_SOURCE_DIR} / "tests/fuzz/seeds/transactions";
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};

    const fuzz::TransactionsReport report = fuzz::check_transactions(bytes);

    EXPECT_GT(report.begun, 0U) << entry.path();
    sum.retried += report.retried;
    sum.recycled += report.recycled;
    sum.refused += report.refused;
    ++seeds;
  }
  EXPECT_GE(seeds, 8U) << "the seeds are missing";
  EXPECT_GT(sum.retried, 0U);
  EXPECT_GT(sum.recycled, 0U);
  EXPECT_GT(sum.refused, 0U);
}

TEST(TransactionsFuzzer, KeepsItsPromisesWhateverTheOctets) {
  test::Random random{test::run_seed().value};
  SCOPED_TRACE(testing::Message() << "--seed=" << test::run_seed().value);
  std::uint64_t begun = 0;
  for (int run = 0; run < 60; ++run) {
    std::string bytes(600, '\0');
    for (char& octet : bytes) {
      octet = static_cast<char>(random());
    }
    begun += fuzz::check_transactions(bytes).begun;
  }
  EXPECT_GT(begun, 100U);
}

}  // namespace
}  // namespace steer
