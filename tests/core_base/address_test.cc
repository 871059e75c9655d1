#include "core/base/address.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"
#include "tests/support/guarded_buffer.h"

namespace steer {
namespace {

std::string read_and_write(std::string_view text) {
  const std::optional<Address> address = parse_ip(text, 5'060);
  return address ? ip_text(*address) : "refused";
}

bool contains(std::string_view network, std::string_view ip) {
  const std::optional<Network> parsed = parse_network(network);
  const std::optional<Address> address = parse_ip(ip, 1);
  return parsed && address && parsed->contains(*address);
}

TEST(Address, ReadsIpv4) {
  EXPECT_EQ(parse_ip("192.0.2.1", 5'060), ipv4(192, 0, 2, 1, 5'060));
}

TEST(Address, ReadsIpv6WithAndWithoutBrackets) {
  EXPECT_EQ(read_and_write("2001:db8::1"), "[2001:db8::1]");
  EXPECT_EQ(read_and_write("[2001:db8::1]"), "[2001:db8::1]");
  EXPECT_EQ(parse_ip("2001:db8::1", 5'060), parse_ip("[2001:db8::1]", 5'060));
}

TEST(Address, WritesIpv6InItsShortestForm) {
  EXPECT_EQ(read_and_write("2001:0DB8:0:0:0:0:0:0001"), "[2001:db8::1]");
  EXPECT_EQ(read_and_write("0:0:0:0:0:0:0:0"), "[::]");
}

// RFC 5118 §4.10.
TEST(Address, ReadsThreeColonsAsTwo) {
  EXPECT_EQ(parse_ip("[2001:db8:::192.0.2.1]", 5'060), parse_ip("[2001:db8::192.0.2.1]", 5'060));
  EXPECT_TRUE(parse_ip("2001:db8:::192.0.2.1", 5'060));
}

TEST(Address, RefusesFourColonsAndASecondGap) {
  EXPECT_EQ(read_and_write("2001:db8::::192.0.2.1"), "refused");
  EXPECT_EQ(read_and_write("2001:::db8::1"), "refused");
}

TEST(Address, RefusesWhatIsNoLiteral) {
  const std::vector<std::string> texts = {"",
                                          "[",
                                          "[]",
                                          "]",
                                          "example.com",
                                          "192.0.2",
                                          "192.0.2.1.",
                                          "192.0.2.256",
                                          "1.2.3.04x",
                                          " 192.0.2.1",
                                          "[192.0.2.1]",
                                          "[2001:db8::1",
                                          "2001:db8::1]",
                                          "fe80::1%eth0",
                                          "::g",
                                          "1:2:3:4:5:6:7",
                                          "1:2:3:4:5:6:7:8:9",
                                          "0x7f.1"};
  for (const std::string& text : texts) {
    EXPECT_EQ(read_and_write(text), "refused") << text;
  }
}

TEST(Address, RefusesATextLongerThanAnyLiteral) {
  EXPECT_FALSE(parse_ip(std::string(63, ':'), 1));
  EXPECT_FALSE(parse_ip(std::string(64, ':'), 1));
  EXPECT_FALSE(parse_ip(std::string(70'000, '1'), 1));
}

TEST(Address, NeverReadsPastTheText) {
  test::GuardedBuffer buffer{64};
  constexpr std::string_view kText = "[2001:db8:::192.0.2.1]:5060";

  for (std::size_t size = 0; size <= kText.size(); ++size) {
    const std::string_view text = buffer.hold(kText.substr(0, size));
    static_cast<void>(parse_ip(text, 1));
    static_cast<void>(parse_port(text));
    static_cast<void>(parse_network(text));
    static_cast<void>(parse_address(text, 1));
  }
}

TEST(Address, ReadsAPortAfterTheHost) {
  EXPECT_EQ(parse_address("192.0.2.1:5061", 0), ipv4(192, 0, 2, 1, 5'061));
  EXPECT_EQ(parse_address("[2001:db8::1]:5061", 0), parse_ip("2001:db8::1", 5'061));
}

TEST(Address, TakesTheDefaultPortOnlyIfThereIsOne) {
  EXPECT_EQ(parse_address("192.0.2.1", 5'060), ipv4(192, 0, 2, 1, 5'060));
  EXPECT_EQ(parse_address("[2001:db8::1]", 5'060), parse_ip("2001:db8::1", 5'060));
  EXPECT_FALSE(parse_address("192.0.2.1", 0));
  EXPECT_FALSE(parse_address("[2001:db8::1]", 0));
}

TEST(Address, RefusesAnEmptyOrDoublePort) {
  EXPECT_FALSE(parse_address("192.0.2.1:", 5'060));
  EXPECT_FALSE(parse_address("[2001:db8::1]:", 5'060));
  EXPECT_FALSE(parse_address("192.0.2.1:5060:1", 5'060));
  EXPECT_FALSE(parse_address("[2001:db8::1]x:5060", 5'060));
}

TEST(Address, ReadsPortsFromOneTo65535) {
  EXPECT_EQ(parse_port("1"), 1);
  EXPECT_EQ(parse_port("65535"), 65'535);
  EXPECT_FALSE(parse_port("0"));
  EXPECT_FALSE(parse_port("65536"));
}

TEST(Address, RefusesPortsWithAnythingButDigits) {
  for (const std::string_view text : {"", "+5", "-5", " 5", "5 ", "5x", "0x5", "5060."}) {
    EXPECT_FALSE(parse_port(text)) << text;
  }
}

TEST(Address, WritesHostAndPort) {
  EXPECT_EQ(to_string(ipv4(192, 0, 2, 255, 5'060)), "192.0.2.255:5060");
  EXPECT_EQ(to_string(*parse_ip("2001:db8::1", 5'060)), "[2001:db8::1]:5060");
}

TEST(Address, TheLongestTextFitsItsBuffer) {
  const Address longest = *parse_ip("2001:1111:2222:3333:4444:5555:6666:7777", 1);
  std::array<char, kIpTextSizeMax> out{};

  EXPECT_EQ(write_ip(longest, out.data(), true), 41U);
  EXPECT_EQ(write_ip(longest, out.data(), false), 39U);
  EXPECT_EQ(write_ip(Address{}, out.data(), true), 0U);
}

TEST(Address, ReadingAndWritingAllocatesNothing) {
  std::array<char, kIpTextSizeMax> out{};
  std::size_t written = 0;

  const test::AllocGuard guard;
  written += write_ip(*parse_ip("[2001:db8:::192.0.2.1]", 1), out.data(), true);
  written += write_ip(*parse_address("192.0.2.1:5060", 0), out.data(), true);
  EXPECT_EQ(guard.count(), 0U);

  EXPECT_GT(written, 0U);
}

TEST(Address, ComparesHostAndPortApart) {
  const Address a = ipv4(192, 0, 2, 1, 5'060);
  const Address b = ipv4(192, 0, 2, 1, 5'061);

  EXPECT_TRUE(same_ip(a, b));
  EXPECT_NE(a, b);
  EXPECT_FALSE(same_ip(a, ipv4(192, 0, 2, 2, 5'060)));
}

TEST(Address, AnIpv4AddressIsNotTheIpv6AddressOfTheSameOctets) {
  EXPECT_FALSE(same_ip(ipv4(0x20, 0x01, 0, 0, 1), *parse_ip("2001::", 1)));
  EXPECT_FALSE(same_ip(ipv4(192, 0, 2, 1, 1), *parse_ip("::ffff:192.0.2.1", 1)));
}

TEST(Address, KnowsWildcards) {
  EXPECT_TRUE(is_wildcard(*parse_ip("0.0.0.0", 1)));
  EXPECT_TRUE(is_wildcard(*parse_ip("::", 1)));
  EXPECT_FALSE(is_wildcard(*parse_ip("::1", 1)));
}

TEST(Address, KnowsWhereNothingMayBeSent) {
  for (const std::string_view text : {"0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255",
                                      "240.0.0.1", "255.255.255.255", "::", "ff02::1"}) {
    EXPECT_TRUE(is_unroutable(*parse_ip(text, 1))) << text;
  }
  for (const std::string_view text :
       {"127.0.0.1", "10.0.0.1", "223.255.255.255", "::1", "fe80::1"}) {
    EXPECT_FALSE(is_unroutable(*parse_ip(text, 1))) << text;
  }
  EXPECT_TRUE(is_unroutable(Address{}));
}

TEST(Address, NamesTransports) {
  EXPECT_EQ(name_of(Transport::kUdp), "udp");
  EXPECT_EQ(name_of(Transport::kTcp), "tcp");
  EXPECT_EQ(via_name(Transport::kTls), "TLS");
}

TEST(Network, ContainsItsFirstAndLastAddressAndNotTheNeighbours) {
  EXPECT_TRUE(contains("10.16.0.0/12", "10.16.0.0"));
  EXPECT_TRUE(contains("10.16.0.0/12", "10.31.255.255"));
  EXPECT_FALSE(contains("10.16.0.0/12", "10.15.255.255"));
  EXPECT_FALSE(contains("10.16.0.0/12", "10.32.0.0"));
}

TEST(Network, ContainsEveryPrefixLengthOfItsOwnBase) {
  for (int bits = 0; bits <= 32; ++bits) {
    EXPECT_TRUE(contains("203.0.113.77/" + std::to_string(bits), "203.0.113.77")) << bits;
  }
  for (int bits = 0; bits <= 128; ++bits) {
    EXPECT_TRUE(contains("2001:db8::77/" + std::to_string(bits), "2001:db8::77")) << bits;
  }
}

TEST(Network, WithoutPrefixIsOneHost) {
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1", "192.0.2.0"));
  EXPECT_TRUE(contains("2001:db8::1", "2001:db8::1"));
  EXPECT_FALSE(contains("2001:db8::1", "2001:db8::"));
}

TEST(Network, OfAllAddressesHoldsOnlyItsFamily) {
  EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(contains("::/0", "192.0.2.1"));
}

TEST(Network, RefusesAWrongPrefix) {
  for (const std::string_view text : {"10.0.0.0/33", "2001:db8::/129", "10.0.0.0/", "10.0.0.0/-1",
                                      "10.0.0.0/8x", "/8", "", "10.0.0.0/8/8", "ten/8"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

TEST(Address, AnIpv4LiteralIsWhatTheSystemTakesForOne) {
  for (const std::string text :
       {"1.2.3.4",   "0.0.0.0",  "255.255.255.255", "256.1.1.1",        "1.2.3",
        "1.2.3.4.5", "01.2.3.4", "1.2.3.04",        "00.1.1.1",         "1..2.3",
        ".1.2.3.4",  "1.2.3.4.", "1.2.3.4 ",        " 1.2.3.4",         "1,2.3.4",
        "1.2.3.a",   "1.2.3.-4", "1.2.3.+4",        "4294967296.1.1.1", "",
        ".",         "...",      "1.2.3.1000"}) {
    std::array<std::uint8_t, 4> octets{};
    const bool good = inet_pton(AF_INET, text.c_str(), octets.data()) == 1;

    const std::optional<Address> address = parse_ip(text, 5'060);

    ASSERT_EQ(address.has_value(), good) << text;
    EXPECT_TRUE(!good || std::ranges::equal(address->ip(), octets)) << text;
  }
}

}  // namespace
}  // namespace steer
