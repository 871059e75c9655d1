#include "config/destination_uri.h"

#include <gtest/gtest.h>

namespace steer::config {
namespace {

struct Refusal {
  const char* uri;
  std::size_t offset;
  const char* words;
};

TEST(DestinationUri, IsTakenApart) {
  const auto uri =
      parse_destination_uri("SIP:Gw@AS.Example.NET:5070;transport=UDP;lr", Dialect::kKamailio);

  ASSERT_TRUE(uri.has_value()) << uri.error().text;
  EXPECT_EQ(uri->text, "SIP:Gw@AS.Example.NET:5070;transport=UDP;lr");
  EXPECT_EQ(uri->user, "Gw");
  EXPECT_EQ(uri->host, "as.example.net");
  EXPECT_EQ(uri->port, 5070);
  EXPECT_FALSE(uri->is_literal);
}

TEST(DestinationUri, LiteralsGetTheirPort) {
  const auto four = parse_destination_uri("sip:192.0.2.1", Dialect::kKamailio);
  const auto six = parse_destination_uri("sip:[2001:DB8::7]:5070", Dialect::kOpensips);

  ASSERT_TRUE(four.has_value() && six.has_value());
  EXPECT_EQ(to_string(four->address), "192.0.2.1:5060");
  EXPECT_EQ(to_string(six->address), "[2001:db8::7]:5070");
  EXPECT_EQ(six->host, "[2001:db8::7]");
}

TEST(DestinationUri, AMissingSchemeIsAddedForKamailioOnly) {
  const auto uri = parse_destination_uri("192.0.2.1:5080", Dialect::kKamailio);

  ASSERT_TRUE(uri.has_value());
  EXPECT_TRUE(uri->scheme_added);
  EXPECT_EQ(uri->text, "sip:192.0.2.1:5080");
  EXPECT_TRUE(parse_destination_uri("[2001:db8::1]:5080", Dialect::kKamailio).has_value());
  const auto other = parse_destination_uri("192.0.2.1:5080", Dialect::kOpensips);
  ASSERT_FALSE(other.has_value());
  EXPECT_NE(other.error().text.find("write sip:192.0.2.1:5080"), std::string::npos);
}

TEST(DestinationUri, EveryMistakeIsPointedAtWithACure) {
  const Refusal refusals[] = {
      {"sip:", 4, "URI has no host"},
      {"sip::5060", 4, "URI has no host"},
      {"sip:;lr", 4, "URI has no host"},
      {"sip:a@", 6, "URI has no host"},
      {"sip:@192.0.2.1", 4, "before '@'"},
      {"sip:192.0.2.1:99999", 14, "1 to 65535"},
      {"sip:192.0.2.1:0", 14, "1 to 65535"},
      {"sip:192.0.2.1:", 14, "1 to 65535"},
      {"sip:192.0.2.1:50a", 14, "1 to 65535"},
      {"sip:2001:db8::1", 4, "needs brackets"},
      {"sip:2001:db8::1:5060", 4, "needs brackets"},
      {"sip:[2001:db8::1", 4, "']' is missing"},
      {"sip:[2001:zz::1]", 4, "not an IPv6 address"},
      {"sip:[fe80::1%25eth0]", 4, "not an IPv6 address"},
      {"sip:[fe80::1]", 4, "link-local"},
      {"sip:[2001:db8::1]5060", 17, "write ':' and a port"},
      {"sip:192.0.2.300", 4, "not an IPv4 address"},
      {"sip:192.0.2", 4, "not an IPv4 address"},
      {"sip:a..b", 4, "neither an address nor a host name"},
      {"sip:0.0.0.0", 4, "not the address of one host"},
      {"sip:255.255.255.255", 4, "not the address of one host"},
      {"sip:224.0.0.1", 4, "not the address of one host"},
      {"sip:[::]", 4, "not the address of one host"},
      {"sip:[ff02::1]", 4, "not the address of one host"},
      {"sip:192.0.2.1;transport=tcp", 14, "not built yet"},
      {"sip:192.0.2.1;transport=TLS", 14, "not built yet"},
      {"sip:192.0.2.1;transport=ws", 14, "not supported"},
      {"sip:192.0.2.1;transport=upd", 14, "did you mean 'udp'"},
      {"sip:192.0.2.1;transport", 14, "unknown transport"},
      {"sips:192.0.2.1", 0, "need TLS, which is not built yet"},
      {"tel:+4912345", 0, "cannot have the scheme 'tel'"},
      {"udp:192.0.2.1:5060", 0, "cannot have the scheme 'udp'"},
      {"sip:192.0.2.1;weight=50", 14, "column 5"},
      {"sip:192.0.2.1;lr;duid=a", 17, "column 5"},
      {"sip:192.0.2.1;maddr=192.0.2.2", 14, "maddr is not followed"},
      {"sip:192.0.2.1?X=y", 13, "no header fields"},
      {"sip:192.0.2.1;;lr", 14, "empty URI parameter"},
      {"sip:192.0.2.1,sip:192.0.2.2", 13, "one destination per line"},
      {"sip:192.0.2.1,192.0.2.2", 13, "one destination per line"},
      {"sip:192.0.2.1#x", 13, "comment"},
      {"<sip:192.0.2.1>", 0, "cannot stand in a URI"},
  };
  for (const Refusal& refusal : refusals) {
    const auto uri = parse_destination_uri(refusal.uri, Dialect::kKamailio);
    ASSERT_FALSE(uri.has_value()) << refusal.uri;
    EXPECT_EQ(uri.error().offset, refusal.offset) << refusal.uri << ": " << uri.error().text;
    EXPECT_NE(uri.error().text.find(refusal.words), std::string::npos)
        << refusal.uri << ": " << uri.error().text;
  }
}

}  // namespace
}  // namespace steer::config
