#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <unordered_set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/seed.h"

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

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>('!' + i * 7 % 90);
  }
  return text;
}

// One row for each of XXH3's length classes: 0, 1-3, 4-8, 9-16, 17-128, 129-240, longer (the form
// that uses SIMD), and longer than one stripe block.
struct Golden {
  std::size_t size;
  std::uint64_t plain;
  std::uint64_t salted;
};
constexpr std::array<Golden, 8> kGolden = {{
    {0, 0x3d40'9cc2'd6c9'33b7, 0xfb3a'0846'96df'8c18},
    {3, 0xdefa'd7c3'364a'1205, 0xad8a'340c'8b81'0834},
    {8, 0x0601'8dcc'52ac'eeb0, 0x9c93'22cc'3c7f'c588},
    {16, 0x29c3'57d3'c57a'a54f, 0xbbae'3f89'0842'd323},
    {64, 0xdb66'6062'298d'0352, 0xdf4b'6b3e'62cc'bc6d},
    {200, 0x1287'97d6'fc10'69dc, 0x5789'44c9'0e36'1afd},
    {300, 0xdbe3'0795'6e80'c922, 0xf70a'ec8d'36d0'08c8},
    {2'000, 0x2288'8d4c'd9cd'fbc5, 0xe541'7a29'cc74'3246},
}};

// Golden: shards, nodes, releases and compilers agree where a call belongs. A change here moves
// every running call of every cluster that upgrades node by node.
TEST(RouteHasher, IsTheSameOnEveryBuild) {
  const RouteHasher hash{counting_key()};

  for (const Golden& golden : kGolden) {
    EXPECT_EQ(hash(pattern(golden.size)).value, golden.plain)
        << std::hex << "{" << golden.size << ", 0x" << hash(pattern(golden.size)).value;
    EXPECT_EQ(hash(pattern(golden.size), 7).value, golden.salted)
        << std::hex << "0x" << hash(pattern(golden.size), 7).value << "}";
  }
}

TEST(RouteHasher, DoesNotDependOnWhereTheTextLies) {
  const RouteHasher hash{counting_key()};
  test::GuardedBuffer buffer{512};

  for (std::size_t size = 0; size <= 400; ++size) {
    const std::string text = pattern(size);
    EXPECT_EQ(hash(buffer.hold(text)), hash(text)) << size;
  }
}

TEST(RouteHasher, AnotherClusterKeySpreadsOtherwise) {
  std::unordered_set<std::uint64_t> hashes;

  for (std::size_t bit = 0; bit < 256; ++bit) {
    ClusterKey key = counting_key();
    key.octets[bit / 8] = static_cast<std::uint8_t>(key.octets[bit / 8] ^ (1U << (bit % 8)));
    hashes.insert(RouteHasher{key}("call@example.com").value);
  }

  EXPECT_EQ(hashes.size(), 256U);
}

TEST(RouteHasher, ASeedGivesAHashOfItsOwn) {
  const RouteHasher hash{counting_key()};
  std::unordered_set<std::uint64_t> hashes{hash("call").value};

  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    hashes.insert(hash("call", seed).value);
  }

  EXPECT_EQ(hashes.size(), 1'001U);
}

// An additive hash gives all permutations of four-byte groups one value, so that a caller can aim
// all calls at one destination. 600 Call-IDs, and their eight shares, must look random.
TEST(RouteHasher, PermutedGroupsDoNotCollide) {
  const RouteHasher hash{counting_key()};
  std::vector<std::string> groups = {"aa11", "bb22", "cc33", "dd44", "ee55", "ff66"};
  std::unordered_set<std::uint64_t> hashes;
  std::array<int, 8> shares{};

  for (int i = 0; i < 600; ++i) {
    std::string text;
    for (const std::string& group : groups) {
      text += group;
    }
    const std::uint64_t value = hash(text + "@example.com").value;
    hashes.insert(value);
    ++shares[value >> 61];
    std::ranges::next_permutation(groups);
  }

  EXPECT_EQ(hashes.size(), 600U);
  // Binomial, mean 75, deviation 8.1: five deviations off would be a defect, not chance.
  EXPECT_GT(std::ranges::min(shares), 34);
  EXPECT_LT(std::ranges::max(shares), 116);
}

TEST(RouteHasher, EveryBitOfTheTextTurnsAboutHalfOfTheHash) {
  const RouteHasher hash{counting_key()};
  const std::string text = "a84b4c76e66710@pc33.example.com";
  const std::uint64_t before = hash(text).value;

  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    const int turned = std::popcount(before ^ hash(other).value);
    EXPECT_GT(turned, 8) << bit;
    EXPECT_LT(turned, 56) << bit;
  }
}

TEST(RouteHasher, AllocatesNothing) {
  const RouteHasher hash{counting_key()};
  const std::string text = pattern(2'000);

  const test::AllocGuard guard;
  const std::uint64_t value = hash(text).value ^ hash(text, 1).value;
  EXPECT_EQ(guard.count(), 0U);

  EXPECT_NE(value, 0U);
}

TEST(Mix, IsTheFinaliserOfSplitmix64) {
  // The first outputs of splitmix64 with seed 0, as its author publishes them.
  static_assert(mix(0) == 0xe220'a839'7b1d'cdaf);
  static_assert(mix(0x9e37'79b9'7f4a'7c15) == 0x6e78'9e6a'a1b9'65f4);
  EXPECT_NE(mix(1), mix(2));
}

TEST(TableHasher, AnotherSeedMakesOtherBuckets) {
  const TableHasher a{Seed{1}};
  const TableHasher b{Seed{2}};
  int same_bucket = 0;

  for (int i = 0; i < 1'024; ++i) {
    const std::string key = "call-" + std::to_string(i);
    same_bucket += a(key) % 64 == b(key) % 64;
  }

  EXPECT_LT(same_bucket, 64);  // By chance 16.
}

TEST(TableHasher, TextAndOctetsHashAlike) {
  const TableHasher hash{test::run_seed()};
  const std::array<std::uint8_t, 3> octets = {'a', 'b', 'c'};

  EXPECT_EQ(hash(std::string_view{"abc"}), hash(std::span<const std::uint8_t>{octets}));
}

}  // namespace
}  // namespace steer
