#include "core/sip/uri.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"
#include "tests/support/guarded_buffer.h"

namespace steer::sip {
namespace {

TEST(Uri, TakesASipUriApart) {
  Uri uri;

  ASSERT_TRUE(parse_uri("SIPS:bob:secret@Example.com:5071;transport=tcp;lr?subject=x", uri));

  EXPECT_EQ(uri.scheme, UriScheme::kSips);
  EXPECT_EQ(uri.scheme_text, "SIPS");
  EXPECT_TRUE(uri.has_user);
  EXPECT_EQ(uri.user, "bob");
  EXPECT_EQ(uri.host, "Example.com");
  EXPECT_EQ(uri.port, 5'071);
  EXPECT_EQ(uri.parameters, "transport=tcp;lr");
  EXPECT_EQ(uri.headers, "subject=x");
}

TEST(Uri, AUserPartMayHoldParametersOfItsOwn) {
  Uri uri;

  ASSERT_TRUE(parse_uri("sip:user;par=u%40example.net@example.com", uri));

  EXPECT_EQ(uri.user, "user;par=u%40example.net");
  EXPECT_EQ(uri.host, "example.com");
}

TEST(Uri, WithoutUserTheHostComesFirst) {
  Uri uri;

  ASSERT_TRUE(parse_uri("sip:example.com;maddr=[2001:db8::1]", uri));

  EXPECT_FALSE(uri.has_user);
  EXPECT_EQ(uri.host, "example.com");
  EXPECT_EQ(uri.port, 0);
}

TEST(Uri, AnIpv6AddressKeepsItsBrackets) {
  Uri uri;

  ASSERT_TRUE(parse_uri("sip:[2001:db8::10]:5070", uri));

  EXPECT_EQ(uri.host, "[2001:db8::10]");
  EXPECT_EQ(uri.port, 5'070);
}

TEST(Uri, OtherSchemesStayWhole) {
  Uri uri;

  ASSERT_TRUE(parse_uri("tel:+4930;phone-context=de", uri));
  EXPECT_EQ(uri.scheme, UriScheme::kTel);
  EXPECT_EQ(uri.text, "+4930;phone-context=de");
  ASSERT_TRUE(parse_uri("soap.beep://192.0.2.103:3002", uri));
  EXPECT_EQ(uri.scheme, UriScheme::kOther);
  EXPECT_TRUE(uri.host.empty());
}

TEST(Uri, AcceptsWhatPhonesAndTortureTestsSend) {
  Uri uri;
  for (const char* text : {"sip:*98#@pbx", "sip:null-%00-null@example.com", "sip:a@h_1.local",
                           "sip:h:1", "sip:h:65535", "sip:user@[2001:db8:::192.0.2.1]", "sip:a:@h",
                           "sip:+1-2.3@h;x=%41;y", "urn:service:sos"}) {
    EXPECT_TRUE(parse_uri(text, uri)) << text;
  }
}

TEST(Uri, RefusesWhatBreaksTheGrammar) {
  Uri uri;
  for (const char* text : {"",
                           "sip",
                           "sip:",
                           ":x",
                           "1sip:h",
                           "s ip:h",
                           "sip:@h",
                           "sip::x@h",
                           "sip:a@",
                           "sip:a b@h",
                           "sip:a@b@c",
                           "sip:2001:db8::10",
                           "sip:[2001:db8::1",
                           "sip:[]",
                           "sip:[h]",
                           "sip:h:",
                           "sip:h:0",
                           "sip:h:65536",
                           "sip:h:99999999999999999999",
                           "sip:h:5060x",
                           "sip:a%4@h",
                           "sip:a%zz@h",
                           "sip:h;x=%1",
                           "sip:h;x=<",
                           "sip:h?",
                           "sip:h?a b",
                           "<sip:h>",
                           "sip:a\"b@h",
                           "tel:+49 30",
                           "sip:\xc3\xa4@h",
                           "sip:h\x01",
                           "http:<x>"}) {
    EXPECT_FALSE(parse_uri(text, uri)) << text;
  }
}

TEST(Uri, ReadsNothingBehindItsText) {
  test::GuardedBuffer buffer{256};
  const std::string text = "sip:user:pw@host.example.com:5060;transport=udp?a=b";
  Uri uri;

  for (std::size_t size = 0; size <= text.size(); ++size) {
    std::ignore = parse_uri(buffer.hold(text.substr(0, size)), uri);
  }

  EXPECT_TRUE(parse_uri(buffer.hold(text), uri));
}

TEST(Uri, DoesNotAllocate) {
  Uri uri;
  const test::AllocGuard guard;

  std::ignore = parse_uri("sip:bob@example.com:5060;transport=udp", uri);

  EXPECT_EQ(guard.count(), 0U);
}

TEST(UriParameter, IsFoundInAnyCaseByItsWholeName) {
  std::string_view value = "old";

  EXPECT_TRUE(find_parameter("a=1;LR;transport=tcp", "transport", value));
  EXPECT_EQ(value, "tcp");
  EXPECT_TRUE(find_parameter("a=1;LR;transport=tcp", "lr", value));
  EXPECT_EQ(value, "");
  EXPECT_FALSE(find_parameter("lrx=1;xlr;;x=lr", "lr", value));
  EXPECT_FALSE(find_parameter("", "lr", value));
}

TEST(UriPort, DependsOnTheScheme) {
  EXPECT_EQ(default_port(UriScheme::kSip), 5'060);
  EXPECT_EQ(default_port(UriScheme::kSips), 5'061);
}

}  // namespace
}  // namespace steer::sip
