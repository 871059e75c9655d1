#include "core/proxy/stateful_branch.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/guarded_buffer.h"

namespace steer::proxy {
namespace {

const MarkKey kKey{ClusterKey{}};
constexpr Seed kProcess{7};
constexpr StatefulBranch kBranch{.loop = 0x0123'4567'89ab'cdef,
                                 .shard = 3,
                                 .attempt = 1,
                                 .slot = 0x00ff'00ff,
                                 .generation = 0xdead'beef,
                                 .mark = 0xfeed'0000'1111'2222};

std::string text_of(const StatefulBranch& branch) {
  StatefulBranchText text;
  write_stateful_branch(branch, text);
  return {text.data(), text.size()};
}

TEST(StatefulBranch, IsWrittenAsTheHeaderSays) {
  EXPECT_EQ(text_of(kBranch),
            "z9hG4bKsf.0123456789abcdef.0003000100ff00ffdeadbeef.feed000011112222");
}

TEST(StatefulBranch, IsReadAsItWasWritten) {
  StatefulBranch read;
  ASSERT_TRUE(read_stateful_branch(text_of(kBranch), read));

  EXPECT_EQ(read.loop, kBranch.loop);
  EXPECT_EQ(read.shard, kBranch.shard);
  EXPECT_EQ(read.attempt, kBranch.attempt);
  EXPECT_EQ(read.slot, kBranch.slot);
  EXPECT_EQ(read.generation, kBranch.generation);
  EXPECT_EQ(read.mark, kBranch.mark);
}

TEST(StatefulBranch, NoOtherTextIsOne) {
  const std::string good = text_of(kBranch);
  test::GuardedBuffer buffer{good.size() + 1};
  StatefulBranch read;
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read_stateful_branch(buffer.hold(good.substr(0, size)), read)) << size;
  }
  EXPECT_FALSE(read_stateful_branch(buffer.hold(good + "0"), read));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = 'X';
    EXPECT_FALSE(read_stateful_branch(buffer.hold(bad), read)) << bad;
  }
}

TEST(StatefulBranch, TheStatelessOneIsNotOneOfThem) {
  EXPECT_FALSE(has_stateful_prefix("z9hG4bKss.0123456789abcdef"));
  EXPECT_FALSE(has_stateful_prefix("z9hG4bKsf"));
  EXPECT_TRUE(has_stateful_prefix(text_of(kBranch)));
}

TEST(StatefulBranch, TheMarkCoversWhoseTransactionItIs) {
  const std::uint64_t mark = stateful_mark(kKey, kProcess, kBranch);
  const auto with = [&](auto change) {
    StatefulBranch other = kBranch;
    change(other);
    return stateful_mark(kKey, kProcess, other);
  };

  EXPECT_NE(mark, with([](StatefulBranch& b) { b.shard = 4; }));
  EXPECT_NE(mark, with([](StatefulBranch& b) { b.attempt = 2; }));
  EXPECT_NE(mark, with([](StatefulBranch& b) { b.slot += 1; }));
  EXPECT_NE(mark, with([](StatefulBranch& b) { b.generation += 1; }));
  EXPECT_NE(mark, stateful_mark(kKey, Seed{8}, kBranch));
  EXPECT_NE(mark, stateful_mark(MarkKey{ClusterKey{{1}}}, kProcess, kBranch));
  EXPECT_EQ(mark, with([](StatefulBranch& b) { b.loop += 1; })) << "the loop part is keyed itself";
}

}  // namespace
}  // namespace steer::proxy
