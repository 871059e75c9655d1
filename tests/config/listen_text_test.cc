#include "config/listen_text.h"

#include <gtest/gtest.h>

namespace steer::config {
namespace {

TEST(ListenText, ReadsTransportAddressAndPort) {
  const Result<ListenSpec> four = parse_listen("udp:0.0.0.0:5060");
  const Result<ListenSpec> six = parse_listen("UDP:[2001:db8::1]:5070");

  ASSERT_TRUE(four.has_value() && six.has_value());
  EXPECT_EQ(listen_text(four->transport, four->address), "udp:0.0.0.0:5060");
  EXPECT_EQ(listen_text(six->transport, six->address), "udp:[2001:db8::1]:5070");
}

TEST(ListenText, SaysWhatToWriteInstead) {
  const auto said = [](const char* text) { return parse_listen(text).error().what; };

  EXPECT_EQ(said("tcp:0.0.0.0:5060"), "tcp listeners are not built yet; use udp:0.0.0.0:5060");
  EXPECT_EQ(said("tls:0.0.0.0:5061"), "tls listeners are not built yet; use udp:0.0.0.0:5061");
  EXPECT_NE(said("192.0.2.1:5060").find("write \"udp:192.0.2.1:5060\""), std::string::npos);
  EXPECT_NE(said("upd:192.0.2.1:5060").find("did you mean 'udp'"), std::string::npos);
  EXPECT_NE(said("udp:192.0.2.1").find("lacks a port"), std::string::npos);
  for (const char* const text :
       {"", "udp", "udp:", "udp:host:5060", "udp:192.0.2.1:0", "udp:192.0.2.1:65536",
        "udp:2001:db8::1:5060", "udp:224.0.0.1:5060", "udp:255.255.255.255:5060"}) {
    EXPECT_FALSE(parse_listen(text).has_value()) << text;
  }
}

TEST(ListenText, ReadsWhatIsAdvertised) {
  const Result<HostPort> name = parse_advertise("sip.example.net:5070");

  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->host, "sip.example.net");
  EXPECT_EQ(name->port, 5070);
  EXPECT_EQ(parse_advertise("192.0.2.1").value().port, 0);
  EXPECT_EQ(parse_advertise("[2001:db8::1]:5060").value().host, "[2001:db8::1]");
  for (const char* const text : {"", ":5060", "host:", "host:0", "host:x", "a b", "2001:db8::1",
                                 "[2001:db8::1", "0.0.0.0:5060", "1.2.3.999", "a..b"}) {
    EXPECT_FALSE(parse_advertise(text).has_value()) << text;
  }
}

TEST(ListenText, TellsHostNamesFromAddresses) {
  EXPECT_TRUE(is_host_name("as-1.core.example.net."));
  EXPECT_TRUE(is_host_name("my_host"));
  EXPECT_TRUE(is_host_name(std::string(63, 'a')));
  EXPECT_FALSE(is_host_name(std::string(64, 'a')));
  EXPECT_FALSE(is_host_name("192.0.2.300"));
  EXPECT_FALSE(is_host_name("a..b"));
  EXPECT_FALSE(is_host_name(""));
  EXPECT_FALSE(is_host_name("."));
}

}  // namespace
}  // namespace steer::config
