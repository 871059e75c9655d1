#include "tools/sipsteer/log.h"

#include <algorithm>
#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace steer {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1'000s};

// What `say` writes to standard error.
std::string heard(const std::function<void()>& say) {
  testing::internal::CaptureStderr();
  say();
  return testing::internal::GetCapturedStderr();
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

TEST(Log, LessSevereLinesThanTheLevelAreLeftOut) {
  Log log{config::LogLevel::kWarning};

  const std::string text = heard([&] {
    log.error("one");
    log.warning("two");
    log.info("three");
    log.debug("four");
  });

  EXPECT_EQ(lines(text), 2U) << text;
  EXPECT_NE(text.find("two"), std::string::npos);
}

TEST(Log, TheLevelCanChangeWhileItRuns) {
  Log log{config::LogLevel::kError};
  log.set_level(config::LogLevel::kDebug);

  EXPECT_NE(heard([&] { log.debug("now"); }).find("now"), std::string::npos);
}

TEST(Log, OfOneKindOnlySoManyLinesPassInAWindow) {
  Log log{config::LogLevel::kInfo};

  const std::string text = heard([&] {
    for (std::uint32_t i = 0; i < Log::kLinesPerWindow + 5; ++i) {
      log.limited("falls", "fallen", kNow);
    }
  });

  EXPECT_EQ(lines(text), Log::kLinesPerWindow);
}

TEST(Log, TheEndOfAWindowTellsHowManyWereLeftOut) {
  Log log{config::LogLevel::kInfo};
  const std::string before = heard([&] {
    for (std::uint32_t i = 0; i < Log::kLinesPerWindow + 5; ++i) {
      log.limited("falls", "fallen", kNow);
    }
    log.sweep(kNow + Log::kWindow - 1ns);
  });

  const std::string after = heard([&] { log.sweep(kNow + Log::kWindow); });

  EXPECT_EQ(before.find("left out"), std::string::npos);
  EXPECT_NE(after.find("5 more lines about falls"), std::string::npos) << after;
}

TEST(Log, ANewWindowLetsLinesPassAgain) {
  Log log{config::LogLevel::kInfo};
  heard([&] {
    for (std::uint32_t i = 0; i < 2 * Log::kLinesPerWindow; ++i) {
      log.limited("falls", "fallen", kNow);
    }
    log.sweep(kNow + Log::kWindow);
  });

  EXPECT_EQ(lines(heard([&] { log.limited("falls", "again", kNow + Log::kWindow); })), 1U);
}

TEST(Log, KindsAreLimitedApart) {
  Log log{config::LogLevel::kInfo};
  heard([&] {
    for (std::uint32_t i = 0; i < 2 * Log::kLinesPerWindow; ++i) {
      log.limited("falls", "fallen", kNow);
    }
  });

  EXPECT_EQ(lines(heard([&] { log.limited("others", "first", kNow); })), 1U);
}

TEST(Log, AWindowWithoutLeftOutLinesEndsInSilence) {
  Log log{config::LogLevel::kInfo};
  heard([&] { log.limited("falls", "fallen", kNow); });

  EXPECT_EQ(heard([&] { log.sweep(kNow + Log::kWindow); }), "");
}

TEST(Log, LimitedLinesHaveTheLevelThatTheyAreGiven) {
  Log log{config::LogLevel::kWarning};

  const std::string text = heard([&] {
    log.limited("one kind", "quiet", kNow, config::LogLevel::kInfo);
    log.limited("another", "loud", kNow);
  });

  EXPECT_EQ(lines(text), 1U) << text;
  EXPECT_NE(text.find("loud"), std::string::npos);
}

}  // namespace
}  // namespace steer
