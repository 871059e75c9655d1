#include "core/sip/header_table.h"

#include <cctype>
#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/sip/forms.h"
#include "core/sip/parse.h"
#include "tests/support/shared_folder.h"

namespace steer::sip {
namespace {

std::string upper(std::string_view text) {
  std::string changed{text};
  for (char& c : changed) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return changed;
}

TEST(HeaderTable, KnowsEveryNameInEveryCase) {
  for (const HeaderName& name : kHeaderNames) {
    HeaderId id = HeaderId::kCount;
    EXPECT_TRUE(find_header(name.text, id)) << name.text;
    EXPECT_EQ(id, name.id);
    EXPECT_TRUE(find_header(upper(name.text), id)) << name.text;
  }
}

TEST(HeaderTable, KnowsNoNameThatDiffersInOneOctet) {
  for (const HeaderName& name : kHeaderNames) {
    for (std::size_t at = 0; at < name.text.size(); ++at) {
      std::string other{name.text};
      other[at] = '~';
      HeaderId id = HeaderId::kCount;
      EXPECT_FALSE(find_header(other, id)) << other;
    }
    HeaderId id = HeaderId::kCount;
    EXPECT_FALSE(find_header(std::string{name.text} + "x", id));
  }
}

#if defined(__SSE2__)
TEST(HeaderTable, TheVectorFormKnowsWhatTheScalarFormKnows) {
  for (const HeaderName& name : kHeaderNames) {
    for (int octet = 0; octet < 256; ++octet) {
      if (octet == '\r') continue;  // The line ends there: never part of what is asked for.
      for (std::size_t at = 0; at <= name.text.size(); ++at) {
        std::string line = std::string{name.text} + ": value that is long enough";
        line[at] = static_cast<char>(octet);
        const char* end = line.data() + line.size();
        HeaderId scalar = HeaderId::kCount;
        HeaderId vector = HeaderId::kCount;
        const std::size_t expected = ScalarForm::known_name(line.data(), end, end, scalar);
        const std::size_t found =
            VectorForm<find_spoilers_sse2>::known_name(line.data(), end, end, vector);
        if (name.text.size() >= kWideNameSize) continue;  // Left to the slower code.
        EXPECT_EQ(found, expected) << line;
        EXPECT_EQ(vector, scalar) << line;
      }
    }
  }
}
#endif

TEST(HeaderTable, EveryKnownHeaderIsInAFuzzSeed) {
  std::set<HeaderId> seen;
  const std::string folder = std::string{STEER_SOURCE_DIR} + "/tests/fuzz/seeds/message";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string text = test::read_file(entry.path()).value_or("");
    Message message;
    if (parse(text, message) != ParseError::kNone) continue;
    for (const HeaderField& field : message.fields) {
      seen.insert(field.id);
    }
  }

  EXPECT_EQ(seen.size(), static_cast<std::size_t>(HeaderId::kCount));
}

}  // namespace
}  // namespace steer::sip
