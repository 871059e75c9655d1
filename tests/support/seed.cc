#include "tests/support/seed.h"

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace steer::test {
namespace {

constexpr std::uint64_t kFixedSeed = 20'261'123;
constexpr std::string_view kFlag = "--seed=";

}  // namespace

Seed run_seed() {
  std::string text;
  for (const std::string& argument : testing::internal::GetArgvs()) {
    if (argument.starts_with(kFlag)) text = argument.substr(kFlag.size());
  }
  const char* chosen = std::getenv("STEER_SEED");
  if (text.empty() && chosen != nullptr) text = chosen;
  std::uint64_t value = kFixedSeed;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return {value};
}

}  // namespace steer::test
