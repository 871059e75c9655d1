#include "health/probe_message.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "core/sip/message.h"
#include "core/sip/parse.h"
#include "health/limits.h"

namespace steer::health {
namespace {

constexpr ProbeIdentity kIdentity{.generation = 7, .sequence = 0x1234, .slot = 42};

MarkKey make_key(std::uint8_t first) {
  ClusterKey key;
  key.octets[0] = first;
  return MarkKey{key};
}

ProbeText make_text() {
  return {.method = "OPTIONS",
          .uri = "sip:pbx.example.com:5080;transport=udp",
          .from = "sip:sipsteer@localhost",
          .user_agent = "sipsteer/1.2.3",
          .transport = Transport::kUdp,
          .source = ipv4(192, 0, 2, 1, 40'000)};
}

std::string write(const ProbeText& text, const ProbeMark& mark) {
  std::array<char, kProbeSizeMax> octets{};
  return {octets.data(), write_probe(text, mark, octets)};
}

TEST(ProbeMessage, IsWhatRfc3261AsksOfARequest) {
  const ProbeMark mark = mark_probe(make_key(1), kIdentity);
  const std::string bytes = write(make_text(), mark);
  sip::Message message;

  ASSERT_EQ(sip::parse(bytes, message), sip::ParseError::kNone) << bytes;

  EXPECT_EQ(message.method, sip::Method::kOptions);
  EXPECT_EQ(message.request_uri, "sip:pbx.example.com:5080;transport=udp");
  EXPECT_EQ(message.via.transport, "UDP");
  EXPECT_EQ(message.via.host, "192.0.2.1");
  EXPECT_EQ(message.via.port, 40'000);
  EXPECT_TRUE(message.via.has_rport);
  EXPECT_TRUE(message.via.branch.starts_with("z9hG4bK"));
  EXPECT_EQ(message.max_forwards, 70U);
  EXPECT_EQ(message.from.uri, "sip:sipsteer@localhost");
  EXPECT_GE(message.from.tag.size(), 8U);  // RFC 3261 §19.3: at least 32 random bits.
  EXPECT_EQ(message.to.uri, message.request_uri);
  EXPECT_EQ(message.to.tag, "");
  EXPECT_EQ(message.cseq, 1U);
  EXPECT_EQ(message.cseq_method, "OPTIONS");
  EXPECT_TRUE(message.has_content_length);
  EXPECT_EQ(message.body, "");
  EXPECT_NE(bytes.find("\r\nUser-Agent: sipsteer/1.2.3\r\n"), std::string::npos);
  EXPECT_NE(bytes.find("\r\nContact: <sip:192.0.2.1:40000>\r\n"), std::string::npos);
}

TEST(ProbeMessage, WritesIpv6SourcesWithBrackets) {
  ProbeText text = make_text();
  text.source = *parse_ip("2001:db8::1", 40'000);
  const std::string bytes = write(text, mark_probe(make_key(1), kIdentity));
  sip::Message message;

  ASSERT_EQ(sip::parse(bytes, message), sip::ParseError::kNone) << bytes;

  EXPECT_EQ(message.via.host, "[2001:db8::1]");
}

TEST(ProbeMessage, TheBranchGivesTheIdentityBack) {
  const ProbeMark mark = mark_probe(make_key(1), kIdentity);
  const std::string bytes = write(make_text(), mark);
  sip::Message message;
  ASSERT_EQ(sip::parse(bytes, message), sip::ParseError::kNone);

  EXPECT_EQ(read_branch(make_key(1), message.via.branch), mark);
  EXPECT_TRUE(is_probe_branch(message.via.branch));
  EXPECT_TRUE(is_call_id_of(mark, message.call_id));
}

TEST(ProbeMessage, AnyOtherOctetInTheBranchIsRefused) {
  const std::string bytes = write(make_text(), mark_probe(make_key(1), kIdentity));
  sip::Message message;
  ASSERT_EQ(sip::parse(bytes, message), sip::ParseError::kNone);
  const std::string branch{message.via.branch};

  for (std::size_t at = 0; at < branch.size(); ++at) {
    for (const char octet : std::string_view{"0f.zZ-"}) {
      std::string changed = branch;
      changed[at] = octet;
      if (changed == branch) continue;
      EXPECT_FALSE(read_branch(make_key(1), changed)) << changed;
    }
    EXPECT_FALSE(read_branch(make_key(1), branch.substr(0, at))) << at;
  }
  EXPECT_FALSE(read_branch(make_key(1), branch + "0"));
  EXPECT_FALSE(read_branch(make_key(1), branch + "."));
  EXPECT_FALSE(read_branch(make_key(2), branch));
}

TEST(ProbeMessage, NoTwoProbesShareMarkCallIdOrTag) {
  const ProbeMark first = mark_probe(make_key(1), kIdentity);
  ProbeIdentity other = kIdentity;
  ++other.sequence;
  const ProbeMark second = mark_probe(make_key(1), other);

  EXPECT_NE(first.mark, second.mark);
  sip::Message a;
  sip::Message b;
  const std::string bytes_a = write(make_text(), first);
  const std::string bytes_b = write(make_text(), second);
  ASSERT_EQ(sip::parse(bytes_a, a), sip::ParseError::kNone);
  ASSERT_EQ(sip::parse(bytes_b, b), sip::ParseError::kNone);
  EXPECT_NE(a.call_id, b.call_id);
  EXPECT_NE(a.from.tag, b.from.tag);
  EXPECT_FALSE(is_call_id_of(first, b.call_id));
}

TEST(ProbeMessage, SaysNoWhenItDoesNotFit) {
  const ProbeMark mark = mark_probe(make_key(1), kIdentity);
  const std::size_t size = write(make_text(), mark).size();
  std::string exact(size, '\0');
  std::string less(size - 1, '\0');

  EXPECT_EQ(write_probe(make_text(), mark, exact), size);
  EXPECT_EQ(write_probe(make_text(), mark, less), 0U);
}

TEST(ProbeMessage, AQuoteNamesItsProbeOnlyWithItsWholeMark) {
  const MarkKey key = make_key(1);
  const ProbeMark mark = mark_probe(key, kIdentity);
  const std::string bytes = write(make_text(), mark);
  const std::size_t needed = bytes.find("\r\n", bytes.find("branch=")) + 1;

  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::optional<ProbeMark> read = read_quote(key, std::string_view{bytes}.substr(0, size));
    EXPECT_EQ(read.has_value(), size >= needed) << size;
    if (read) {
      EXPECT_EQ(*read, mark);
    }
  }
  EXPECT_FALSE(read_quote(make_key(2), bytes).has_value());
}

TEST(ProbeMessage, AGlanceSeesAProbeWithinTheFirstOctets) {
  const std::string branch{kProbeBranchBegin};

  EXPECT_TRUE(mentions_probe(branch));
  EXPECT_TRUE(mentions_probe(std::string(kProbeSizeMax - branch.size(), 'x') + branch));
  EXPECT_FALSE(mentions_probe(std::string(kProbeSizeMax - branch.size() + 1, 'x') + branch));
  EXPECT_FALSE(mentions_probe(branch.substr(0, branch.size() - 1)));
}

TEST(ProbeMessage, EachSeedHasAKeyOfItsOwn) {
  const std::string_view text = "text";

  EXPECT_EQ(probe_key({1})(text), probe_key({1})(text));
  EXPECT_NE(probe_key({1})(text), probe_key({2})(text));
}

}  // namespace
}  // namespace steer::health
