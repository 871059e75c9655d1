#include "config/attributes.h"

#include <gtest/gtest.h>

#include "tests/config/list_fixture.h"

namespace steer::config {
namespace {

struct Parsed {
  std::string file = "d.list";
  Diagnostics diagnostics;
  std::vector<Attribute> attributes;

  explicit Parsed(std::string_view text) {
    ListContext context{file, diagnostics};
    attributes = parse_attributes({text, 20}, 3, context);
  }
};

TEST(Attributes, AreKeysAndValuesBetweenSemicolons) {
  const Parsed parsed{"duid=a;weight=50;;flag;note=\"x;y\";url=http://h/?a=b,c;"};

  EXPECT_TRUE(parsed.diagnostics.all().empty()) << test::joined(parsed.diagnostics);
  ASSERT_EQ(parsed.attributes.size(), 5U);
  EXPECT_EQ(parsed.attributes[1].key, "weight");
  EXPECT_EQ(parsed.attributes[1].value, "50");
  EXPECT_EQ(parsed.attributes[1].column, 27U);
  EXPECT_EQ(parsed.attributes[2].key, "flag");
  EXPECT_EQ(parsed.attributes[2].value, "");
  EXPECT_EQ(find_attribute(parsed.attributes, "note")->value, "x;y");
  EXPECT_EQ(find_attribute(parsed.attributes, "url")->value, "http://h/?a=b,c");
  EXPECT_EQ(find_attribute(parsed.attributes, "none"), nullptr);
}

TEST(Attributes, ACommaBetweenThemIsAnError) {
  const Parsed parsed{"duid=a,weight=50"};

  EXPECT_EQ(test::joined(parsed.diagnostics),
            "d.list:3:26: error: ',' between attributes; write ';' in its place\n");
}

TEST(Attributes, TwiceNamelessAndUnquotedAreErrors) {
  EXPECT_EQ(test::joined(Parsed{"weight=1;weight=2"}.diagnostics),
            "d.list:3:29: error: attribute 'weight' is given twice; delete one of them\n");
  EXPECT_TRUE(Parsed{"=5"}.diagnostics.has_errors());
  EXPECT_TRUE(Parsed{"a=\"x;b=c"}.diagnostics.has_errors());
}

}  // namespace
}  // namespace steer::config
