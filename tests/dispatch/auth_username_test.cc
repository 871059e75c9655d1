#include "dispatch/algorithm/auth_username.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

// The name found in a request with these header fields.
std::string name_in(const std::vector<std::string>& fields) {
  test::RequestText request;
  request.extra = fields;
  const std::string text = request.text();
  sip::Message message;
  EXPECT_EQ(sip::parse(text, message), sip::ParseError::kNone) << text;
  return std::string{auth_username(message)};
}

std::string unquoted(const std::string& text) {
  const RouteHasher hasher{test::cluster_key(7)};
  KeyText key{hasher};
  add_unquoted(text, key);
  return std::string{key.view()};
}

TEST(AuthUsername, IsFoundWhereverItStands) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"(Digest username="bob", realm="x")", "bob"},
      {R"(Digest realm="x",username="bob")", "bob"},
      {R"(Digest realm="x" , USERNAME = "bob" , uri="sip:x")", "bob"},
      {R"(digest	username="bob smith, jr=1")", "bob smith, jr=1"},
      {"Digest realm=\"x\",\r\n username=\"bob\"", "bob"},
      {R"(Digest username="b\"o\\b")", R"(b\"o\\b)"},
      {R"(Digest , ,username="bob")", "bob"},
      // What only looks like it.
      {R"(Digest realm="username=\"eve\"", username="bob")", "bob"},
      {R"(Digest xusername="eve", username="bob")", "bob"},
      {R"(Digest usernamex="eve", username="bob")", "bob"},
      {R"(Digest username*="eve", username="bob")", "bob"},
      {R"(Digest cnonce="a, username=\"eve\"")", ""},
      // What has none.
      {R"(Digest realm="x")", ""},
      {R"(Digest username="")", ""},
      {R"(Digest username="bob)", ""},
      {R"(Digest username=bob)", ""},
      {R"(Digest username)", ""},
      {R"(Digest username=)", ""},
      {"Basic Ym9iOnVzZXJuYW1lPQ==", ""},
      {"Digest", ""},
  };
  for (const auto& [value, name] : cases) {
    EXPECT_EQ(name_in({"Proxy-Authorization: " + value}), name) << value;
    EXPECT_EQ(name_in({"Authorization: " + value}), name) << value;
  }
}

TEST(AuthUsername, ProxyAuthorizationGoesBeforeAuthorization) {
  const std::string own = R"(Authorization: Digest username="own")";
  const std::string proxy = R"(Proxy-Authorization: Digest username="proxy")";

  EXPECT_EQ(name_in({own, proxy}), "proxy");
  EXPECT_EQ(name_in({own, R"(Proxy-Authorization: Digest realm="x")"}), "own");
  EXPECT_EQ(name_in({R"(Proxy-Authorization: Digest realm="x")", proxy}), "proxy");
  EXPECT_EQ(name_in({}), "");
}

TEST(AuthUsername, AllWaysOfQuotingItAreOneKey) {
  EXPECT_EQ(unquoted("bob"), "bob");
  EXPECT_EQ(unquoted(R"(b\o\b)"), "bob");
  EXPECT_EQ(unquoted(R"(b\"o\\b)"), R"(b"o\b)");
  EXPECT_EQ(unquoted(R"(bob\)"), "bob");
}

}  // namespace
}  // namespace steer::dispatch
