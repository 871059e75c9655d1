#include "config/toml_document.h"

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

TEST(TomlDocument, KeepsValuesWithTheirPlaces) {
  Diagnostics diagnostics;

  const auto document = parse_toml("a = \"x\"\n[t]\n  b = [1, true, 2.5]\n", "f", diagnostics);

  ASSERT_TRUE(document.has_value());
  const TomlNode* a = document->find(document->nodes[0], "a");
  const TomlNode* t = document->find(document->nodes[0], "t");
  ASSERT_TRUE(a != nullptr && t != nullptr);
  EXPECT_EQ(a->text, "x");
  EXPECT_EQ(format({Severity::kNote, document->place_of(*a), ""}), "f:1:5: note: ");
  const TomlNode* b = document->find(*t, "b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->key_line, 3U);
  EXPECT_EQ(b->key_column, 3U);
  ASSERT_EQ(b->children.size(), 3U);
  EXPECT_EQ(document->nodes[b->children[0]].integer, 1);
  EXPECT_EQ(document->nodes[b->children[1]].kind, TomlKind::kBoolean);
  EXPECT_EQ(document->nodes[b->children[2]].kind, TomlKind::kOther);
  EXPECT_EQ(document->find(*t, "none"), nullptr);
}

TEST(TomlDocument, ASyntaxErrorIsADiagnosticWithItsPlace) {
  Diagnostics diagnostics;

  EXPECT_FALSE(parse_toml("a = 1\nb = = 2\n", "f", diagnostics).has_value());

  EXPECT_EQ(diagnostics.error_count(), 1U);
  EXPECT_EQ(test::joined(diagnostics).find("f:2:"), 0U) << test::joined(diagnostics);
}

TEST(TomlDocument, LettersOutsideQuotesAreAMistakeAndNothingWorse) {
  for (const char* const text : {"\xd1\x9f", "\xc3\xbc = 1", "a = \xc3\xbc", "a \xc2\xa0 = 1"}) {
    Diagnostics diagnostics;
    const bool is_toml = parse_toml(text, "f", diagnostics).has_value();
    EXPECT_NE(is_toml, diagnostics.has_errors()) << text;
  }
  Diagnostics diagnostics;
  EXPECT_FALSE(parse_toml("\xc3\xbc = 1", "f", diagnostics).has_value());
}

TEST(TomlDocument, DeepNestingIsRefusedAndNotFollowed) {
  Diagnostics diagnostics;

  EXPECT_FALSE(parse_toml("a = " + std::string(100'000, '['), "f", diagnostics).has_value());
}

TEST(TomlDocument, QuotesWhatItReadsBack) {
  const std::string text = "a \"b\" \\ \x01 ü";
  Diagnostics diagnostics;

  const auto document = parse_toml("a = " + toml_quoted(text), "f", diagnostics);

  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->find(document->nodes[0], "a")->text, text);
}

}  // namespace
}  // namespace steer::config
