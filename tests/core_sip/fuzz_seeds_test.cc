#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/core_sip/torture.h"
#include "tests/fuzz/entries.h"
#include "tests/support/shared_folder.h"

namespace steer {
namespace {

std::vector<std::string> seeds(const std::string& kind) {
  std::vector<std::string> texts;
  const std::string folder = std::string{STEER_SOURCE_DIR} + "/tests/fuzz/seeds/" + kind;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    texts.push_back(test::read_file(entry.path()).value_or(""));
  }
  for (const test::TortureCase& message : test::torture_cases()) {
    texts.push_back(message.bytes);
  }
  return texts;
}

// The entries end the process if a promise is broken.
TEST(FuzzSeeds, KeepThePromisesOfTheParser) {
  const auto texts = seeds("message");
  ASSERT_GT(texts.size(), 20U);
  for (const std::string& text : texts) {
    fuzz::check_parse(text);
  }
}

TEST(FuzzSeeds, KeepThePromisesOfReplies) {
  for (const std::string& text : seeds("message")) {
    fuzz::check_reply(text);
  }
}

TEST(FuzzSeeds, KeepThePromisesOfStreams) {
  std::string all;
  for (const std::string& text : seeds("message")) {
    fuzz::check_stream(text);
    all += text;
    fuzz::check_stream(all.substr(all.size() - std::min<std::size_t>(all.size(), 3'000)));
  }
}

TEST(FuzzSeeds, KeepThePromisesOfUris) {
  for (const std::string& text : seeds("uri")) {
    fuzz::check_uri(text);
  }
}

}  // namespace
}  // namespace steer
