#include "core/sip/runs.h"

#include <string>

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/support/guarded_buffer.h"

namespace steer::sip {
namespace {

template <Run kRun>
void expect_agreement(char inside) {
  test::GuardedBuffer buffer{kPageSize};
  for (int octet = 0; octet < 256; ++octet) {
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(40, inside);
      text[at] = static_cast<char>(octet);
      const std::string_view held = buffer.hold(text);
      const char* begin = held.data();
      const bool stays = is_in_run(kRun, text[at]);
      const char* expected = begin + (stays ? 40 : at);
      EXPECT_EQ(skip_run<kRun>(begin, begin + 40, begin + 40), expected) << octet << " at " << at;
      // The end of the run's text comes before what follows it, whatever that is.
      const char* expected_early = begin + (stays || at > 20 ? 20 : at);
      EXPECT_EQ(skip_run<kRun>(begin, begin + 20, begin + 40), expected_early) << octet;
    }
  }
}

TEST(Runs, AgreeWithTheTableForEveryOctetAtEveryPlace) {
  expect_agreement<Run::kValue>('v');
  expect_agreement<Run::kAddress>('a');
  expect_agreement<Run::kHost>('h');
  expect_agreement<Run::kToken>('t');
  expect_agreement<Run::kPrintable>('p');
  expect_agreement<Run::kQuoted>('q');
  expect_agreement<Run::kUriParameter>('=');
  expect_agreement<Run::kUser>('u');
}

}  // namespace
}  // namespace steer::sip
