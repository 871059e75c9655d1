#include "core/base/outbox.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"

namespace steer {
namespace {

const Address kTarget = ipv4(192, 0, 2, 1, 5'060);

void put(Outbox& outbox, std::string_view text) {
  std::ranges::copy(text, outbox.slot().begin());
  outbox.commit(text.size(), kTarget, {3});
}

class OutboxTest : public testing::Test {
 protected:
  std::vector<char> arena_ = std::vector<char>(4 * (kDatagramSizeMax + kCacheLine));
  std::array<Send, 3> sends_{};
  Outbox outbox_{arena_, sends_};
};

TEST_F(OutboxTest, IsEmptyAtFirstAndHasRoom) {
  EXPECT_TRUE(outbox_.sends().empty());
  EXPECT_TRUE(outbox_.has_room());
  EXPECT_EQ(outbox_.slot().size(), kDatagramSizeMax);
}

TEST_F(OutboxTest, KeepsMessagesInOrderWithTargetAndListener) {
  put(outbox_, "first");
  put(outbox_, "second message");

  ASSERT_EQ(outbox_.sends().size(), 2U);
  EXPECT_EQ(outbox_.sends()[0].bytes, "first");
  EXPECT_EQ(outbox_.sends()[1].bytes, "second message");
  EXPECT_EQ(outbox_.sends()[1].target, kTarget);
  EXPECT_EQ(outbox_.sends()[1].listener, ListenerIndex{3});
}

TEST_F(OutboxTest, MessagesDoNotShareACacheLine) {
  put(outbox_, "a");
  put(outbox_, std::string(kCacheLine, 'b'));
  put(outbox_, "c");

  const std::span<const Send> sends = outbox_.sends();
  EXPECT_EQ(sends[1].bytes.data() - sends[0].bytes.data(), std::ptrdiff_t{kCacheLine});
  EXPECT_EQ(sends[2].bytes.data() - sends[1].bytes.data(), std::ptrdiff_t{kCacheLine});
}

TEST_F(OutboxTest, HasNoRoomOnceEverySendIsTaken) {
  put(outbox_, "1");
  put(outbox_, "2");
  EXPECT_TRUE(outbox_.has_room());

  put(outbox_, "3");

  EXPECT_FALSE(outbox_.has_room());
}

TEST_F(OutboxTest, HasRoomAsLongAsTheLargestDatagramFits) {
  std::array<Send, 3> sends{};
  Outbox exact{std::span{arena_}.first(kCacheLine + kDatagramSizeMax), sends};
  Outbox short_by_one{std::span{arena_}.first(kCacheLine + kDatagramSizeMax - 1), sends};

  put(exact, "a");
  put(short_by_one, "a");

  EXPECT_TRUE(exact.has_room());
  EXPECT_FALSE(short_by_one.has_room());
}

TEST_F(OutboxTest, TakesTheLargestDatagram) {
  const std::string largest(kDatagramSizeMax, 'x');
  put(outbox_, largest);
  put(outbox_, "next");

  EXPECT_EQ(outbox_.sends()[0].bytes, largest);
  EXPECT_EQ(outbox_.sends()[1].bytes, "next");
}

TEST_F(OutboxTest, AMessageThatIsNotCommittedIsNotSent) {
  std::ranges::fill(outbox_.slot(), 'x');

  EXPECT_TRUE(outbox_.sends().empty());
}

TEST_F(OutboxTest, ClearMakesRoomAgainFromTheFirstOctet) {
  const char* first = outbox_.slot().data();
  put(outbox_, "1");
  put(outbox_, "2");
  put(outbox_, "3");

  outbox_.clear();

  EXPECT_TRUE(outbox_.has_room());
  EXPECT_TRUE(outbox_.sends().empty());
  EXPECT_EQ(outbox_.slot().data(), first);
}

TEST_F(OutboxTest, AllocatesNothing) {
  const test::AllocGuard guard;
  put(outbox_, "message");
  outbox_.clear();

  EXPECT_EQ(guard.count(), 0U);
}

TEST(Outbox, KeepsWhatLeavesByStreamsApart) {
  std::vector<char> arena(4 * kDatagramSizeMax);
  std::vector<Send> sends(3);
  Outbox outbox{arena, sends, 2};
  const ConnectionId connection = ConnectionId::make(1, 2, 3);
  outbox.commit(1, ipv4(192, 0, 2, 1, 1), {2}, connection);
  outbox.commit(2, ipv4(192, 0, 2, 2, 2), {1});
  outbox.commit(3, ipv4(192, 0, 2, 3, 3), {3});

  EXPECT_EQ(outbox.size(), 3U);
  EXPECT_FALSE(outbox.has_room());
  ASSERT_EQ(outbox.sends().size(), 1U);
  EXPECT_EQ(outbox.sends()[0].bytes.size(), 2U);
  ASSERT_EQ(outbox.stream_sends().size(), 2U);
  EXPECT_EQ(outbox.stream_sends()[1].connection, connection) << "the first is last";
  EXPECT_EQ(outbox.stream_sends()[0].bytes.size(), 3U);
  outbox.clear_streams();
  EXPECT_TRUE(outbox.stream_sends().empty());
  EXPECT_EQ(outbox.sends().size(), 1U);
}

}  // namespace
}  // namespace steer
