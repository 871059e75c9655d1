#include "config/reference.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "config/keys.h"
#include "tests/support/shared_folder.h"

namespace steer::config {
namespace {

constexpr const char* kPath = STEER_SOURCE_DIR "/docs/config.md";

TEST(Reference, TheDocumentIsWhatTheTableSays) {
  if (std::getenv("STEER_UPDATE_DOCS") != nullptr) {
    std::ofstream{kPath, std::ios::binary} << config_reference_markdown();
  }

  EXPECT_EQ(steer::test::read_file(kPath).value_or(""), config_reference_markdown())
      << "run the config tests once with STEER_UPDATE_DOCS=1";
}

TEST(Reference, EveryKeyHasARow) {
  const std::string text = config_reference_markdown();
  for (const KeyRow& row : key_table()) {
    EXPECT_NE(text.find(row.help), std::string::npos) << row.path;
  }
}

}  // namespace
}  // namespace steer::config
