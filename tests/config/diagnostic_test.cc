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

}  // namespace
}  // namespace steer::config
