#include "tools/siplab/report.h"

#include <gtest/gtest.h>

namespace steer::siplab {
namespace {

UacReport sample() {
  UacReport report;
  report.unit = "calls";
  report.started = 10;
  report.completed = 9;
  report.lost = 1;
  report.by_status[200] = 9;
  report.by_destination["a"] = 6;
  report.by_destination["b\xff\"\n"] = 3;
  report.latency.add(std::chrono::milliseconds{2});
  report.elapsed = std::chrono::seconds{2};
  return report;
}

TEST(Report, TextNamesWhatCounts) {
  const std::string text = to_text(sample());

  EXPECT_NE(text.find("10 started, 9 completed, 1 lost (10 %)"), std::string::npos);
  EXPECT_NE(text.find("p50 2 ms"), std::string::npos);
  EXPECT_NE(text.find("66.67 %"), std::string::npos);
}

TEST(Report, JsonIsOneLineWhateverTheNetworkSent) {
  const std::string json = to_json(sample());

  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_NE(json.find(R"("lost":1)"), std::string::npos);
  EXPECT_NE(json.find(R"("by_status":{"200":9})"), std::string::npos);
}

TEST(Report, NothingSentIsNoLoss) {
  EXPECT_DOUBLE_EQ(UacReport{}.loss(), 0);
}

}  // namespace
}  // namespace steer::siplab
