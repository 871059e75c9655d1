#include "core/proxy/quote.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "core/proxy/branch.h"
#include "tests/support/guarded_buffer.h"

namespace steer::proxy {
namespace {

const Address kPeer = ipv4(10, 0, 0, 1, 5'060);
const Address kClient = ipv4(203, 0, 113, 7, 5'070);

MarkKey key_of(std::uint8_t fill) {
  ClusterKey key;
  key.octets.fill(fill);
  return MarkKey{key};
}

// The head of a request as it left us for kPeer.
std::string sent(const std::string& between = "",
                 const std::string& client_via = "Via: SIP/2.0/UDP 203.0.113.7:5070") {
  const MarkKey key = key_of(1);
  Branch branch{.loop = 7, .hop = {kPeer, Transport::kUdp, 9}, .mark = 0x1234};
  const ReturnRoute back{kClient, Transport::kUdp, 5};
  std::array<char, kViaLineSizeMax> line;
  const std::size_t size =
      write_via_line("Via: SIP/2.0/UDP 198.51.100.1:5060;branch=", branch, back.listener_tag,
                     return_mark(key, branch.mark, back), line);
  return "INVITE sip:bob@example.com SIP/2.0\r\n" + std::string{line.data(), size} + between +
         client_via + ";branch=z9hG4bKc\r\nMax-Forwards: 69\r\nFrom: <sip:a@b>;tag=1\r\n";
}

bool proves(const std::string& quoted, const Address& peer = kPeer) {
  return is_quote_of_forwarded(key_of(1), quoted, peer);
}

TEST(Quote, OfOurRequestToThisPeerProves) {
  EXPECT_TRUE(proves(sent()));
  EXPECT_TRUE(proves(sent("", "v :  SIP/2.0/UDP 203.0.113.7:5070")));
  EXPECT_TRUE(proves(sent("", "Via: SIP/2.0/UDP pc:9;received=203.0.113.7;rport=5070")));
  EXPECT_TRUE(proves(sent("Max-Forwards: 70\r\n"))) << "put in by us";
}

TEST(Quote, AboutAnotherPeerDoesNot) {
  EXPECT_FALSE(proves(sent(), ipv4(10, 0, 0, 2, 5'060)));
  EXPECT_FALSE(proves(sent(), ipv4(10, 0, 0, 1, 5'061)));
}

TEST(Quote, OfAnotherClientKeyOrMarkDoesNot) {
  EXPECT_FALSE(proves(sent("", "Via: SIP/2.0/UDP 203.0.113.8:5070")));
  EXPECT_FALSE(is_quote_of_forwarded(key_of(2), sent(), kPeer));
  std::string text = sent();
  char& octet = text[text.find(";sr=") + kReturnTextSize - 1];
  octet = octet == '0' ? '1' : '0';
  EXPECT_FALSE(proves(text));
}

TEST(Quote, NeverReadsPastItsEndAndProvesNothingBeforeTheClientsVia) {
  const std::string text = sent();
  const std::size_t needed = text.find("Max-Forwards");
  test::GuardedBuffer buffer{text.size()};
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view quote = buffer.hold(text.substr(0, size));
    EXPECT_EQ(is_quote_of_forwarded(key_of(1), quote, kPeer), size >= needed) << size;
  }
}

TEST(Quote, OfSomethingElseDoesNot) {
  for (const std::string text :
       {"", "z9hG4bKss.", "z9hG4bKss.;sr=", "z9hG4bKss.\r\n\r\n", "Via: z9hG4bKhp.1.2.3.4\r\n"}) {
    EXPECT_FALSE(proves(text)) << text;
  }
  EXPECT_FALSE(proves(sent("A: b\r\nC: d\r\n"))) << "we put nothing like that between";
  EXPECT_FALSE(proves(sent("", "Via:\r\nVia: SIP/2.0/UDP 203.0.113.7:5070")));
}

}  // namespace
}  // namespace steer::proxy
