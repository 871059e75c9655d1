#include "admin/event_stream.h"

#include <string>

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/admin/fake_service.h"

namespace steer::admin {
namespace {

class EventStreamTest : public testing::Test {
 protected:
  void log(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
      daemon_.events.events.push_back(test::event_of(sequence));
    }
  }
  std::string id(std::uint64_t sequence) const {
    const auto started = daemon_.info.started.time_since_epoch().count();
    return std::to_string(started) + "-" + std::to_string(sequence);
  }

  test::FakeDaemon daemon_;
  Service service_ = daemon_.service();
};

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_F(EventStreamTest, ANewClientGetsTheWholePresentStateFirst) {
  log(1, 3);
  EventStream stream{service_, ""};

  const std::string told = stream.news(service_);

  EXPECT_TRUE(told.starts_with("event: state\nid: " + id(3) + "\ndata: {\"generation\":7,"))
      << told;
  EXPECT_TRUE(told.ends_with("}\n\n"));
  EXPECT_EQ(count_of(told, "event: "), 1U);
  EXPECT_EQ(stream.news(service_), "");
}

TEST_F(EventStreamTest, EachChangeIsAnEventOfOneLineWithItsId) {
  EventStream stream{service_, ""};
  static_cast<void>(stream.news(service_));
  log(1, 2);
  daemon_.events.events[1].reason = "two\nlines";

  const std::string told = stream.news(service_);

  EXPECT_TRUE(told.starts_with("event: change\nid: " + id(1) + "\ndata: {\"sequence\":1,")) << told;
  EXPECT_EQ(count_of(told, "event: change\n"), 2U);
  EXPECT_EQ(count_of(told, "\n"), 8U) << told;
  EXPECT_EQ(stream.news(service_), "");
}

TEST_F(EventStreamTest, WhoComesBackGoesOnBehindWhatItHas) {
  log(1, 5);
  EventStream stream{service_, id(3)};

  const std::string told = stream.news(service_);

  EXPECT_TRUE(told.starts_with("event: change\nid: " + id(4) + "\n")) << told;
  EXPECT_EQ(count_of(told, "event: "), 2U);
}

TEST_F(EventStreamTest, AnIdOfAnotherProcessOrNoneOfOursBeginsWithTheState) {
  log(1, 5);
  for (const std::string& other : {std::string{"1-3"}, std::string{"3"}, id(3) + "x", id(9),
                                   id(3).substr(0, id(3).size() - 1), std::string{"-"}}) {
    EventStream stream{service_, other};

    EXPECT_TRUE(stream.news(service_).starts_with("event: state\n")) << other;
  }
}

TEST_F(EventStreamTest, WhereChangesAreMissingTheStateComesAgain) {
  log(1, 5);
  EventStream stream{service_, id(2)};
  daemon_.events.lost = true;

  const std::string told = stream.news(service_);

  EXPECT_TRUE(told.starts_with("event: lost\n")) << told;
  EXPECT_EQ(count_of(told, "event: state\nid: " + id(5) + "\n"), 1U) << told;
}

TEST_F(EventStreamTest, ManyChangesComeInPortions) {
  EventStream stream{service_, ""};
  static_cast<void>(stream.news(service_));
  log(1, kRpcFollowCountMax + 1);

  EXPECT_EQ(count_of(stream.news(service_), "event: change"), kRpcFollowCountMax);
  EXPECT_EQ(count_of(stream.news(service_), "event: change"), 1U);
}

}  // namespace
}  // namespace steer::admin
