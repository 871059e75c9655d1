#include "core/proxy/hex.h"

#include <array>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace steer::proxy::hex {
namespace {

TEST(Hex, WritesWhatPrintfWritesAndReadsItBack) {
  const Seed seed = test::run_seed();
  SCOPED_TRACE("--seed=" + std::to_string(seed.value));
  test::Random random{seed.value};
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random() >> (i % 64);
    std::array<char, 17> expected{};
    std::snprintf(expected.data(), expected.size(), "%016llx",
                  static_cast<unsigned long long>(value));
    std::array<char, 16> text{};

    ASSERT_EQ(write(value, text.data()), text.data() + text.size());

    ASSERT_EQ((std::string_view{text.data(), text.size()}), expected.data());
    std::uint64_t back = 0;
    ASSERT_TRUE(read(text.data(), back));
    ASSERT_EQ(back, value);
  }
}

TEST(Hex, RefusesEveryOtherOctetInEveryPlace) {
  for (std::size_t place = 0; place < kDigits; ++place) {
    for (int octet = 0; octet < 256; ++octet) {
      std::string text = "01234567";
      text[place] = static_cast<char>(octet);
      const bool digit = (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'f');
      std::uint32_t value = 0;

      ASSERT_EQ(read(text.data(), value), digit) << place << " " << octet;
      if (digit) {
        ASSERT_EQ(value, std::stoul(text, nullptr, 16));
      }
    }
  }
}

TEST(Hex, FourDigitsStandForSixteenBits) {
  std::array<char, 4> text{};
  for (std::uint32_t i = 0; i <= 0xffff; i += 13) {
    const auto value = static_cast<std::uint16_t>(i);
    write(value, text.data());
    std::uint16_t back = 0;
    ASSERT_TRUE(read(text.data(), back));
    ASSERT_EQ(back, value);
  }
  std::uint16_t value = 0;
  EXPECT_FALSE(read("00g0", value));
}

}  // namespace
}  // namespace steer::proxy::hex
