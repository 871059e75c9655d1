#include "config/diagnostic.h"

#include <gtest/gtest.h>

#include "core/base/limits.h"

namespace steer::config {
namespace {

TEST(Diagnostic, PrintsAsFileLineColumnSeverityText) {
  EXPECT_EQ(format({Severity::kWarning, {"d.list", 14, 3}, "odd"}), "d.list:14:3: warning: odd");
  EXPECT_EQ(format({Severity::kError, {"d.list", 0, 0}, "gone"}), "d.list:1:1: error: gone");
  EXPECT_EQ(format({Severity::kNote, {"x", 2, 1}, "hm"}), "x:2:1: note: hm");
}

TEST(Diagnostic, QuotesForeignTextSoThatNoTerminalObeysIt) {
  EXPECT_EQ(quote("a\x1b[2J"), "'a\\x1b[2J'");
  EXPECT_EQ(quote(std::string(60, 'x')), "'" + std::string(60, 'x') + "'");
  EXPECT_EQ(quote(std::string(61, 'x')), "'" + std::string(60, 'x') + "…'");
}

TEST(Diagnostics, KeepsTheLimitAndCountsOnePastIt) {
  Diagnostics diagnostics;
  for (std::size_t i = 0; i < kDiagnosticCountMax; ++i) {
    diagnostics.error({"f", 1, 1}, "x");
  }
  EXPECT_EQ(diagnostics.left_out_count(), 0U);
  EXPECT_EQ(diagnostics.lines().size(), kDiagnosticCountMax);

  diagnostics.error({"f", 1, 1}, "one more");

  EXPECT_EQ(diagnostics.error_count(), kDiagnosticCountMax + 1);
  EXPECT_EQ(diagnostics.lines().size(), kDiagnosticCountMax + 1);
  EXPECT_EQ(diagnostics.lines().back(), "… and 1 more; mend these first and check again");
}

TEST(Diagnostics, AFloodOfWarningsHidesNoError) {
  Diagnostics diagnostics;
  for (std::size_t i = 0; i < 2 * kDiagnosticCountMax; ++i) {
    diagnostics.warning({"f", 1, 1}, "w");
  }

  diagnostics.error({"f", 9, 9}, "the error");

  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.all().size(), kDiagnosticCountMax);
  EXPECT_EQ(diagnostics.all().back().text, "the error");
}

TEST(Diagnostics, ComeInTheOrderOfFilesLinesAndColumns) {
  Diagnostics diagnostics;
  diagnostics.note({"s.toml", 9, 1}, "1");
  diagnostics.warning({"d.list", 10, 3}, "5");
  diagnostics.error({"d.list", 2, 30}, "3");
  diagnostics.note({"d.list", 2, 4}, "2");
  diagnostics.error({"d.list", 10, 3}, "6, said later of the same place");
  diagnostics.error({"s.toml", 3, 1}, "0");
  diagnostics.error({"d.list", 9, 3}, "4");

  EXPECT_EQ(diagnostics.lines(),
            (std::vector<std::string>{"s.toml:3:1: error: 0", "s.toml:9:1: note: 1",
                                      "d.list:2:4: note: 2", "d.list:2:30: error: 3",
                                      "d.list:9:3: error: 4", "d.list:10:3: warning: 5",
                                      "d.list:10:3: error: 6, said later of the same place"}));
}

}  // namespace
}  // namespace steer::config
