#include "config/lint_reference.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "config/list_rule.h"
#include "tests/support/shared_folder.h"

namespace steer::config {
namespace {

constexpr const char* kPath = STEER_SOURCE_DIR "/docs/lint.md";

TEST(LintReference, TheDocumentIsWhatTheTableSays) {
  if (std::getenv("STEER_UPDATE_DOCS") != nullptr) {
    std::ofstream{kPath, std::ios::binary} << lint_reference_markdown();
  }

  EXPECT_EQ(steer::test::read_file(kPath).value_or(""), lint_reference_markdown())
      << "run the config tests once with STEER_UPDATE_DOCS=1";
}

TEST(LintReference, EveryRuleHasARowAndTheExampleShowsSome) {
  const std::string text = lint_reference_markdown();
  for (const ListRuleRow& row : list_rules()) {
    EXPECT_NE(text.find("| `" + std::string{row.id} + "` | "), std::string::npos) << row.id;
  }
  EXPECT_NE(text.find("  fix | 1 sip:192.0.2.11:5060 0 0 weight=10\n"), std::string::npos);
}

}  // namespace
}  // namespace steer::config
