#include "admin/metrics.h"

#include <chrono>

#include <gtest/gtest.h>

#include "tests/admin/fake_service.h"

namespace steer::admin {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

ListAnswer one_destination(DestinationRow row) {
  return {.generation = 7, .sets = {{.id = 3, .algorithm = "call-id", .destinations = {row}}}};
}

TEST(Metrics, EachStateIsASeriesAndOneIsOne) {
  const std::string text =
      metrics_text({}, one_destination({.uri = "sip:a", .state = "draining"}), {});

  EXPECT_TRUE(has_line(
      text, R"(sipsteer_destination_state{set="3",destination="sip:a",state="draining"} 1)"));
  for (const char* other : {"active", "probing", "inactive", "disabled"}) {
    EXPECT_TRUE(has_line(text, R"(sipsteer_destination_state{set="3",destination="sip:a",state=")" +
                                   std::string{other} + R"("} 0)"))
        << other;
  }
}

TEST(Metrics, ADestinationHasItsRowsBeforeAnythingHappened) {
  const std::string text =
      metrics_text({}, one_destination({.uri = "sip:a", .state = "disabled"}), {});

  for (
      const char* line :
      {R"(sipsteer_destination_selected_total{set="3",destination="sip:a"} 0)",
       R"(sipsteer_destination_responses_total{set="3",destination="sip:a",class="5xx"} 0)",
       R"(sipsteer_destination_state_changes_total{set="3",destination="sip:a",to="probing",cause="probe"} 0)",
       R"(sipsteer_destination_probe_duration_seconds_bucket{set="3",destination="sip:a",le="+Inf"} 0)",
       R"(sipsteer_destination_probe_duration_seconds_count{set="3",destination="sip:a"} 0)",
       R"(sipsteer_set_active_destinations{set="3"} 0)"}) {
    EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
  }
}

TEST(Metrics, WhoPausesAndWhatCameFromItHaveRows) {
  const std::string text = metrics_text(
      {}, one_destination({.uri = "sip:a", .state = "active", .paused = true, .in_dialog_from = 4}),
      {});

  EXPECT_TRUE(has_line(text, R"(sipsteer_destination_paused{set="3",destination="sip:a"} 1)"));
  EXPECT_TRUE(has_line(
      text, R"(sipsteer_destination_in_dialog_from_total{set="3",destination="sip:a"} 4)"));
}

// Ten thousand rows are not one stretch of work.
TEST(Metrics, WhoWritesThemBreathesEverySoManyRows) {
  std::size_t breaths = 0;
  const Breather breathe{[&breaths] { ++breaths; }};

  static_cast<void>(metrics_text({}, test::large_list(10 * Breather::kRowCount), {}, {}, breathe));

  EXPECT_GE(breaths, 10U * 8U) << "in each family of rows";
}

TEST(Metrics, OnlyActiveOnesWithWeightCountAsActive) {
  ListAnswer list = one_destination({.uri = "sip:a", .state = "active"});
  list.sets[0].destinations.push_back({.uri = "sip:b", .state = "active", .weight = 0});

  EXPECT_TRUE(
      has_line(metrics_text({}, list, {}), R"(sipsteer_set_active_destinations{set="3"} 1)"));
}

TEST(Metrics, CountersStandUnderTheirFamilies) {
  InfoAnswer info;
  info.version = "1.2.3";
  info.io = "epoll";
  info.generation = 9;
  info.counters = {{R"(sipsteer_dropped_messages_total{reason="loop"})", 4}};

  const std::string text = metrics_text(info, {}, {.last_reload_successful = false});

  EXPECT_NE(text.find("# TYPE sipsteer_dropped_messages_total counter\n"
                      "sipsteer_dropped_messages_total{reason=\"loop\"} 4\n"),
            std::string::npos);
  EXPECT_TRUE(has_line(text, R"(sipsteer_build_info{version="1.2.3",io="epoll"} 1)"));
  EXPECT_TRUE(has_line(text, "sipsteer_config_generation 9"));
  EXPECT_TRUE(has_line(text, "sipsteer_config_last_reload_successful 0"));
}

TEST(Metrics, LabelsAreEscaped) {
  EXPECT_EQ(escaped_label("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
}

TEST(Metrics, TenThousandDestinationsAreWrittenWithinATenthOfASecond) {
  const ListAnswer list = test::large_list(10'000);
  const auto begin = std::chrono::steady_clock::now();

  const std::string text = metrics_text({}, list, {});

  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  RecordProperty("milliseconds", std::to_string(took.count()));
  std::printf("[ figures  ] /metrics of 10,000 destinations: %.1f ms, %.1f MiB\n", took.count(),
              static_cast<double>(text.size()) / (1'024 * 1'024));
  EXPECT_GT(text.size(), 1'000'000U);
}

}  // namespace
}  // namespace steer::admin
