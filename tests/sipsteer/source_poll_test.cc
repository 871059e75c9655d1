#include "tools/sipsteer/source_poll.h"

#include <gtest/gtest.h>

namespace steer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(PollSchedule, AQuickDatabaseIsAskedOftenAndASlowOneSeldom) {
  PollSchedule schedule;

  EXPECT_EQ(schedule.after_answer(milliseconds{1}), PollSchedule::kPeriod);
  EXPECT_EQ(schedule.after_answer(milliseconds{100}), seconds{2});
  EXPECT_EQ(schedule.after_answer(seconds{9}), PollSchedule::kPeriodMax);
}

TEST(PollSchedule, PausesGrowUntilAnAnswer) {
  PollSchedule schedule;

  EXPECT_EQ(schedule.after_failure(), seconds{1});
  EXPECT_EQ(schedule.after_failure(), seconds{2});
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(schedule.after_failure());
  }
  EXPECT_EQ(schedule.after_failure(), PollSchedule::kBackoffMax);
  static_cast<void>(schedule.after_answer(milliseconds{1}));
  EXPECT_EQ(schedule.after_failure(), seconds{1});
}

TEST(SourcePoll, ADatabaseThatIsNotThereIsToldOnceAndEndsAtOnce) {
  SourcePoll poll{{.kind = config::SourceKind::kSqlite, .path = "/nowhere/d.sqlite"}, {}};
  std::optional<SourcePoll::News> news;

  while (!(news = poll.next())) {
    std::this_thread::yield();
  }

  EXPECT_NE(news->problem.find("SQLite"), std::string::npos);
  EXPECT_FALSE(news->content);
}

}  // namespace
}  // namespace steer
