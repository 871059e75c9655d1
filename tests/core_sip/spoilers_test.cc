#include "core/sip/spoilers.h"

#include <string>

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/seed.h"

namespace steer::sip {
namespace {

using Masks = std::array<std::uint64_t, kWindowBlocks>;

Masks masks_of(SpoilerFunction function, std::string_view text, std::size_t block) {
  Masks masks{};
  function(text.data(), text.size(), block, masks.data());
  return masks;
}

void expect_equal_forms(std::string_view text) {
  for (std::size_t block = 0; block * kBlockSize <= text.size(); ++block) {
    const Masks expected = masks_of(find_spoilers_scalar, text, block);
    EXPECT_EQ(masks_of(find_spoilers_sse2, text, block), expected);
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2")) continue;
    EXPECT_EQ(masks_of(find_spoilers_avx2, text, block), expected);
#endif
  }
}

TEST(Spoilers, EveryOctetIsJudgedAlikeAtEveryPlace) {
  test::GuardedBuffer buffer{kPageSize};
  for (int octet = 0; octet < 256; ++octet) {
    for (const std::size_t at : {0U, 15U, 16U, 31U, 32U, 63U, 64U, 127U, 255U, 256U, 299U}) {
      std::string text(300, 'x');
      text[at] = static_cast<char>(octet);
      expect_equal_forms(buffer.hold(text));
    }
  }
}

TEST(Spoilers, EverySizeIsReadWithinItsBounds) {
  test::GuardedBuffer buffer{kPageSize};
  const Seed seed = test::run_seed();
  SCOPED_TRACE(seed.value);
  test::Random random{seed.value};
  for (std::size_t size = 0; size <= 700; ++size) {
    std::string text(size, '\0');
    for (char& c : text) {
      c = static_cast<char>(random());
    }
    expect_equal_forms(buffer.hold(text));
  }
}

TEST(SpoilerScanner, FindsEachSpoilerAndThenTheEnd) {
  std::string text(1'000, 'x');
  text[0] = '\r';
  text[63] = '\n';
  text[64] = '\0';
  text[600] = '\x7f';
  SpoilerWindow scanner_window;
  SpoilerScanner<find_spoilers_scalar> scanner{text.data(), text.size(), scanner_window};

  EXPECT_EQ(scanner.next(), 0U);
  EXPECT_EQ(scanner.next(), 63U);
  EXPECT_EQ(scanner.next(), 64U);
  EXPECT_EQ(scanner.next(), 600U);
  EXPECT_EQ(scanner.next(), text.size());
}

TEST(SpoilerScanner, LeavesOutTheOctetBehindALineEnd) {
  for (std::size_t at = 0; at < 700; ++at) {
    std::string text(800, 'x');
    text.replace(at, 2, "\r\n");
    text[790] = '\0';
    SpoilerWindow scanner_window;
    SpoilerScanner<find_spoilers_sse2> scanner{text.data(), text.size(), scanner_window};

    ASSERT_EQ(scanner.next(), at);
    scanner.skip_behind(at);
    EXPECT_EQ(scanner.next(), 790U) << at;
  }
}

TEST(SpoilerScanner, GoesOnWhereItIsTold) {
  std::string text(800, 'x');
  for (std::size_t at = 0; at < text.size(); at += 10) {
    text[at] = '\r';
  }
  for (std::size_t from = 0; from < 700; ++from) {
    SpoilerWindow scanner_window;
    SpoilerScanner<find_spoilers_sse2> scanner{text.data(), text.size(), scanner_window};
    scanner.seek(from);
    EXPECT_EQ(scanner.next(), (from + 9) / 10 * 10);
    EXPECT_EQ(scanner.next(), (from + 9) / 10 * 10 + 10);
  }
}

TEST(SpoilerScanner, EndsAtTheSizeForEverySize) {
  for (std::size_t size = 0; size <= 600; ++size) {
    const std::string text(size, 'x');
    SpoilerWindow scalar_window;
    SpoilerScanner<find_spoilers_scalar> scalar{text.data(), size, scalar_window};
    SpoilerWindow sse2_window;
    SpoilerScanner<find_spoilers_sse2> sse2{text.data(), size, sse2_window};
    EXPECT_EQ(scalar.next(), size);
    EXPECT_EQ(sse2.next(), size);
    sse2.seek(size);
    EXPECT_EQ(sse2.next(), size);
  }
}

}  // namespace
}  // namespace steer::sip
