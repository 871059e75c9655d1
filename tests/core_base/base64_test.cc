#include "core/base/base64.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace steer {
namespace {

using std::string_literals::operator""s;

TEST(Base64, TheVectorsOfRfc4648) {
  for (const auto& [octets, text] : {std::pair{""s, ""s},
                                     {"f"s, "Zg=="s},
                                     {"fo"s, "Zm8="s},
                                     {"foo"s, "Zm9v"s},
                                     {"foob"s, "Zm9vYg=="s},
                                     {"fooba"s, "Zm9vYmE="s},
                                     {"foobar"s, "Zm9vYmFy"s},
                                     {"\xff\xfe\0"s, "//4A"s}}) {
    EXPECT_EQ(base64_of(octets), text);
    EXPECT_EQ(octets_of_base64(text), octets);
  }
}

TEST(Base64, AnyOctetsComeBack) {
  SCOPED_TRACE("--seed=" + std::to_string(test::run_seed().value));
  test::Random random{test::run_seed().value};
  std::string octets;
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(octets_of_base64(base64_of(octets)), octets);
    octets += static_cast<char>(random());
  }
}

TEST(Base64, WhatItWouldNotWriteIsRefused) {
  for (const std::string text : {"Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm9v\n",
                                 "Zm 9", "Zm-_", "Z===", "Zg==Zg==", "Zm\xc3\xa4"}) {
    EXPECT_FALSE(octets_of_base64(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace steer
