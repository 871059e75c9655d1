#include "core/base/mark.h"

#include <bit>
#include <string>
#include <unordered_set>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"
#include "tests/support/guarded_buffer.h"

namespace steer {
namespace {

ClusterKey counting_key() {
  ClusterKey key;
  std::uint8_t next = 0;
  for (std::uint8_t& octet : key.octets) {
    octet = next++;
  }
  return key;
}

// Golden: nodes of one cluster know each other's marks, whatever compiler built them. The values
// are SipHash-2-4 under a BLAKE2b key, computed apart from libsodium.
TEST(MarkKey, IsTheSameOnEveryBuild) {
  const MarkKey mark{counting_key()};

  EXPECT_EQ(mark(""), 0xa3c2'ca39'a4a0'cb6eU);
  EXPECT_EQ(mark("a"), 0xd25a'f634'095b'faf9U);
  EXPECT_EQ(mark("z9hG4bK-1|call@example.com|1|INVITE"), 0x8087'9c4a'c1b2'3448U);
}

TEST(MarkKey, DependsOnEveryBitOfTheKey) {
  std::unordered_set<std::uint64_t> marks{MarkKey{counting_key()}("call")};

  for (std::size_t bit = 0; bit < 256; ++bit) {
    ClusterKey key = counting_key();
    key.octets[bit / 8] = static_cast<std::uint8_t>(key.octets[bit / 8] ^ (1U << (bit % 8)));
    marks.insert(MarkKey{key}("call"));
  }

  EXPECT_EQ(marks.size(), 257U);
}

TEST(MarkKey, DependsOnEveryBitOfTheText) {
  const MarkKey mark{counting_key()};
  const std::string text = "192.0.2.1:5060;udp";
  std::unordered_set<std::uint64_t> marks{mark(text)};

  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    marks.insert(mark(other));
  }

  EXPECT_EQ(marks.size(), text.size() * 8 + 1);
}

TEST(MarkKey, TellsATextFromItsPrefixes) {
  const MarkKey mark{counting_key()};
  test::GuardedBuffer buffer{128};
  std::unordered_set<std::uint64_t> marks;

  for (std::size_t size = 0; size <= 100; ++size) {
    marks.insert(mark(buffer.hold(std::string(size, '\0'))));
  }

  EXPECT_EQ(marks.size(), 101U);
}

TEST(MarkKey, AllocatesNothing) {
  const MarkKey mark{counting_key()};

  const test::AllocGuard guard;
  const std::uint64_t value = mark("call@example.com");
  EXPECT_EQ(guard.count(), 0U);

  EXPECT_NE(value, 0U);
}

TEST(RandomClusterKey, IsAnotherOneEachTime) {
  EXPECT_NE(random_cluster_key(), random_cluster_key());
  EXPECT_NE(random_seed().value, random_seed().value);
}

}  // namespace
}  // namespace steer
