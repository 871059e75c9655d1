#include "health/schedule.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"
#include "tests/support/seed.h"

namespace steer::health {
namespace {

TEST(Schedule, AgreesWithAMapUnderRandomUse) {
  constexpr std::uint32_t kIdCount = 300;
  test::Random random{test::run_seed().value};
  SCOPED_TRACE(testing::Message() << "--seed=" << test::run_seed().value);
  Schedule schedule;
  schedule.resize(kIdCount);
  std::map<std::uint32_t, Instant> model;

  for (int step = 0; step < 100'000; ++step) {
    const bool take_top = !schedule.empty() && random() % 4 == 0;
    const auto id = take_top ? schedule.top().id : static_cast<std::uint32_t>(random() % kIdCount);
    if (take_top || random() % 4 == 0) {
      schedule.remove(id);
      model.erase(id);
    } else {
      const Instant at{Duration{static_cast<Duration::rep>(random() % 1'000)}};
      schedule.set(id, at);
      model[id] = at;
    }
    ASSERT_EQ(schedule.size(), model.size());
    ASSERT_EQ(schedule.contains(id), model.contains(id));
    if (model.empty()) continue;
    const auto earliest =
        std::ranges::min_element(model, {}, [](const auto& entry) { return entry.second; });
    ASSERT_EQ(schedule.top().at, earliest->second);
    ASSERT_EQ(schedule.at(schedule.top().id), schedule.top().at);
  }
}

TEST(Schedule, AllocatesOnlyWhenResized) {
  Schedule schedule;
  schedule.resize(1'000);
  const test::AllocGuard guard;

  for (std::uint32_t id = 0; id < 1'000; ++id) {
    schedule.set(id, Instant{Duration{1'000 - id}});
  }
  for (std::uint32_t id = 0; id < 1'000; ++id) {
    schedule.remove(id);
  }

  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(schedule.empty());
}

TEST(Schedule, GrowsWithItsItemsInPlace) {
  Schedule schedule;
  schedule.resize(1);
  schedule.set(0, Instant{Duration{5}});

  schedule.resize(2);
  schedule.set(1, Instant{Duration{3}});

  EXPECT_EQ(schedule.top().id, 1U);
  EXPECT_EQ(schedule.at(0), Instant{Duration{5}});
}

}  // namespace
}  // namespace steer::health
