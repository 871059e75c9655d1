#include "core/net/choose_io.h"

#include <gtest/gtest.h>

#include "core/net/uring_io.h"

namespace steer::net {
namespace {

TEST(ChooseIo, NamesAreReadAsTheyAreWritten) {
  for (const IoKind kind : {IoKind::kAuto, IoKind::kUring, IoKind::kEpoll}) {
    EXPECT_EQ(parse_io_kind(name_of(kind)), kind);
  }
  EXPECT_FALSE(parse_io_kind("kqueue").has_value());
  EXPECT_FALSE(parse_io_kind("").has_value());
}

TEST(ChooseIo, EpollIsAlwaysThere) {
  const Result<IoChoice> choice = choose_io(IoKind::kEpoll);

  ASSERT_TRUE(choice.has_value());
  EXPECT_EQ(choice->kind, IoKind::kEpoll);
}

TEST(ChooseIo, AutoFollowsTheTrial) {
  const Result<UringFeatures> features = probe_uring();

  const Result<IoChoice> choice = choose_io(IoKind::kAuto);

  ASSERT_TRUE(choice.has_value());
  EXPECT_EQ(choice->kind, features ? IoKind::kUring : IoKind::kEpoll);
  EXPECT_FALSE(choice->note.empty());
  EXPECT_EQ(choose_io(IoKind::kUring).has_value(), features.has_value());
}

}  // namespace
}  // namespace steer::net
