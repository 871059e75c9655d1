#include "core/proxy/branch.h"

#include <array>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/core_proxy/parsed.h"
#include "tests/support/alloc_guard.h"
#include "tests/support/guarded_buffer.h"

namespace steer::proxy {
namespace {

ClusterKey cluster_key(std::uint8_t fill) {
  ClusterKey key;
  key.octets.fill(fill);
  return key;
}

const MarkKey& key() {
  static const MarkKey made{cluster_key(1)};
  return made;
}

constexpr std::string_view kVia = "Via: SIP/2.0/UDP pc.example.com:5062;branch=z9hG4bKx1\r\n";

TransactionInputs usual_inputs() {
  return {.branch = "z9hG4bKx1",
          .sent_by_host = "pc.example.com",
          .sent_by_port = 5'062,
          .call_id = "c1@x",
          .from_tag = "f1",
          .cseq = 7};
}

Branch usual_branch() {
  Branch branch;
  branch.loop = 0x0123'4567'89ab'cdef;
  branch.hop = {ipv4(10, 0, 0, 1, 5'060), Transport::kUdp, 0xdead'beef};
  branch.mark = 0xfedc'ba98'7654'3210;
  return branch;
}

std::string text_of(const Branch& branch) {
  std::string text(kBranchSizeMax, '?');
  text.resize(write_branch(branch, text.data()));
  return text;
}

std::uint64_t mark_with(const TransactionInputs& inputs, const Branch& branch) {
  return branch_mark(key(), inputs, branch);
}

TEST(Branch, TakesItsInputsFromTheMessageAndTheClientsVia) {
  const test::Parsed request{test::request_with(kVia)};

  const TransactionInputs inputs = transaction_inputs(*request, request->via);

  EXPECT_EQ(inputs.branch, "z9hG4bKx1");
  EXPECT_EQ(inputs.sent_by_host, "pc.example.com");
  EXPECT_EQ(inputs.sent_by_port, 5'062);
  EXPECT_EQ(inputs.call_id, "c1@x");
  EXPECT_EQ(inputs.from_tag, "f1");
  EXPECT_EQ(inputs.cseq, 7U);
}

TEST(Branch, ABareCookieAndAnOlderBranchSayNothing) {
  for (const std::string branch : {";branch=z9hG4bK", ";branch=1a2b3c", ""}) {
    const test::Parsed request{
        test::request_with("Via: SIP/2.0/UDP pc.example.com:5062" + branch + "\r\n")};

    EXPECT_EQ(transaction_inputs(*request, request->via).branch, "") << branch;
  }
}

TEST(Branch, ReadsBackWhatItWrote) {
  Branch ipv6 = usual_branch();
  ipv6.hop.address = *parse_ip("2001:db8::1:2", 65'535);
  ipv6.hop.transport = Transport::kTls;
  for (const Branch& branch : {usual_branch(), ipv6}) {
    Branch read;
    ASSERT_TRUE(read_branch(text_of(branch), read));

    EXPECT_EQ(read.loop, branch.loop);
    EXPECT_EQ(read.mark, branch.mark);
    EXPECT_EQ(read.hop.address, branch.hop.address);
    EXPECT_EQ(read.hop.transport, branch.hop.transport);
    EXPECT_EQ(read.hop.destination, branch.hop.destination);
  }
}

TEST(Branch, BeginsWithTheCookieAndStaysWithinItsSize) {
  Branch ipv6 = usual_branch();
  ipv6.hop.address = *parse_ip("2001:db8::1", 5'060);

  EXPECT_TRUE(text_of(usual_branch()).starts_with("z9hG4bK"));  // RFC 3261 §8.1.1.7.
  EXPECT_LT(text_of(usual_branch()).size(), kBranchSizeMax);
  EXPECT_EQ(text_of(ipv6).size(), kBranchSizeMax);
}

TEST(Branch, RefusesEveryOtherSizeAndEveryOctetThatIsNotItsOwn) {
  const std::string good = text_of(usual_branch());
  test::GuardedBuffer buffer{kBranchSizeMax + 1};
  Branch read;
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read_branch(buffer.hold(good.substr(0, size)), read)) << size;
  }
  EXPECT_FALSE(read_branch(buffer.hold(good + "0"), read));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'G', ' ', '-', '\x80', 'F'}) {
      if (good[i] == c) continue;
      std::string changed = good;
      changed[i] = c;

      EXPECT_FALSE(read_branch(buffer.hold(changed), read)) << changed;
    }
  }
}

TEST(Branch, AnotherSpellingOfTheSameOctetsIsNotTheSameBranch) {
  std::string upper = text_of(usual_branch());
  for (char& c : upper) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  Branch read;

  EXPECT_FALSE(read_branch(upper, read));
}

TEST(Branch, TheMarkCoversEveryInput) {
  const TransactionInputs inputs = usual_inputs();
  const Branch branch = usual_branch();
  std::set<std::uint64_t> marks{mark_with(inputs, branch)};
  std::vector<TransactionInputs> other_inputs(6, inputs);
  other_inputs[0].branch = "z9hG4bKx2";
  other_inputs[1].sent_by_host = "pd.example.com";
  other_inputs[2].sent_by_port = 5'063;
  other_inputs[3].call_id = "c2@x";
  other_inputs[4].from_tag = "f2";
  other_inputs[5].cseq = 8;
  std::vector<Branch> other_branches(5, branch);
  other_branches[0].loop ^= 1;
  other_branches[1].hop.address.octets[3] ^= 1;
  other_branches[2].hop.address.port ^= 1;
  other_branches[3].hop.transport = Transport::kTcp;
  other_branches[4].hop.destination ^= 1;

  for (const TransactionInputs& other : other_inputs) {
    marks.insert(mark_with(other, branch));
  }
  for (const Branch& other : other_branches) {
    marks.insert(mark_with(inputs, other));
  }

  EXPECT_EQ(marks.size(), 1 + other_inputs.size() + other_branches.size());
}

TEST(Branch, MovingAnOctetFromOneInputToTheNextChangesTheMark) {
  TransactionInputs a = usual_inputs();
  TransactionInputs b = usual_inputs();
  a.call_id = "c1@xf";
  a.from_tag = "1";
  TransactionInputs c = usual_inputs();
  c.branch = "z9hG4bKx1p";
  c.sent_by_host = "c.example.com";

  EXPECT_NE(mark_with(a, usual_branch()), mark_with(b, usual_branch()));
  EXPECT_NE(mark_with(c, usual_branch()), mark_with(b, usual_branch()));
}

TEST(Branch, LongInputsCountToTheirLastOctet) {
  for (const std::size_t size : {95U, 96U, 97U, 200U, 4'000U, 60'000U}) {
    const std::string text(size, 'x');
    std::string changed = text;
    changed.back() = 'y';
    TransactionInputs inputs = usual_inputs();
    TransactionInputs other = usual_inputs();

    inputs.call_id = text;
    other.call_id = changed;
    EXPECT_NE(mark_with(inputs, usual_branch()), mark_with(other, usual_branch())) << size;
    inputs = other = usual_inputs();
    inputs.branch = text;
    other.branch = changed;
    EXPECT_NE(mark_with(inputs, usual_branch()), mark_with(other, usual_branch())) << size;
    EXPECT_NE(loop_part(key(), usual_inputs(), text), loop_part(key(), usual_inputs(), changed))
        << size;
  }
}

TEST(Branch, TheLoopPartIsOfRequestUriCallIdFromTagAndCseqAlone) {
  const auto loop_of = [](const TransactionInputs& inputs, std::string_view uri) {
    return loop_part(key(), inputs, uri);
  };
  TransactionInputs same = usual_inputs();
  same.branch = "z9hG4bKother";
  same.sent_by_host = "other.example.com";
  same.sent_by_port = 1;
  std::vector<TransactionInputs> others(3, usual_inputs());
  others[0].call_id = "c2@x";
  others[1].from_tag = "f2";
  others[2].cseq = 8;

  const std::uint64_t loop = loop_of(usual_inputs(), "sip:b@example.com");

  EXPECT_EQ(loop_of(same, "sip:b@example.com"), loop);
  EXPECT_NE(loop_of(same, "sip:c@example.com"), loop);
  for (const TransactionInputs& other : others) {
    EXPECT_NE(loop_of(other, "sip:b@example.com"), loop);
  }
}

TEST(Branch, TheReturnMarkCoversTheBranchAndWhereTheAnswersGo) {
  const ReturnRoute route{ipv4(203, 0, 113, 7, 5'070), Transport::kUdp, 77};
  std::vector<ReturnRoute> others(4, route);
  others[0].target.octets[0] ^= 1;
  others[1].target.port ^= 1;
  others[2].transport = Transport::kTcp;
  others[3].listener_tag ^= 1;
  std::set<std::uint64_t> marks{return_mark(key(), 5, route), return_mark(key(), 6, route)};

  for (const ReturnRoute& other : others) {
    marks.insert(return_mark(key(), 5, other));
  }

  EXPECT_EQ(marks.size(), 2 + others.size());
}

TEST(Branch, ADigestForOnePurposeIsOfNoUseForAnother) {
  const TransactionInputs inputs = usual_inputs();
  const ReturnRoute route{ipv4(203, 0, 113, 7, 5'070), Transport::kUdp, 77};

  const std::set<std::uint64_t> all{loop_part(key(), inputs, ""), answer_tag(key(), inputs),
                                    mark_with(inputs, usual_branch()),
                                    return_mark(key(), 5, route)};

  EXPECT_EQ(all.size(), 4U);
}

TEST(Branch, AnotherClusterKeyMakesOtherMarks) {
  const MarkKey other{cluster_key(2)};
  const TransactionInputs inputs = usual_inputs();

  EXPECT_NE(branch_mark(other, inputs, usual_branch()), mark_with(inputs, usual_branch()));
}

TEST(Branch, TheReturnTextReadsBackAndRefusesAllElse) {
  std::array<char, kReturnTextSize> text;
  write_return(0xbeef, 0x0123'4567'89ab'cdef, text.data());
  const std::string whole{text.data(), text.size()};
  ASSERT_TRUE(whole.starts_with(kReturnParameter));
  const std::string value = whole.substr(kReturnParameter.size());
  std::uint16_t tag = 0;
  std::uint64_t mark = 0;

  ASSERT_TRUE(read_return(value, tag, mark));

  EXPECT_EQ(tag, 0xbeef);
  EXPECT_EQ(mark, 0x0123'4567'89ab'cdefU);
  EXPECT_FALSE(read_return(value + "0", tag, mark));
  for (std::size_t i = 0; i < value.size(); ++i) {
    std::string changed = value;
    changed[i] = 'g';
    EXPECT_FALSE(read_return(changed, tag, mark));
    EXPECT_FALSE(read_return(value.substr(0, i), tag, mark));
  }
}

TEST(Branch, TheViaLineIsItsPartsInARow) {
  std::array<char, kViaLineSizeMax> out;
  std::array<char, kReturnTextSize> return_text;
  write_return(7, 8, return_text.data());

  const std::size_t size =
      write_via_line("Via: SIP/2.0/UDP us:1;branch=", usual_branch(), 7, 8, out);

  const std::string expected = "Via: SIP/2.0/UDP us:1;branch=" + text_of(usual_branch()) +
                               std::string(return_text.data(), return_text.size()) + "\r\n";
  EXPECT_EQ(std::string(out.data(), size), expected);
  EXPECT_EQ(write_via_line(std::string(400, 'x'), usual_branch(), 7, 8, out), 0U);
}

TEST(Branch, AllocatesNothing) {
  const std::string long_text(5'000, 'x');
  TransactionInputs inputs = usual_inputs();
  inputs.call_id = long_text;
  std::array<char, kBranchSizeMax> text;
  const test::AllocGuard guard;

  Branch branch = usual_branch();
  branch.mark = mark_with(inputs, branch);
  const std::size_t size = write_branch(branch, text.data());
  const bool read = read_branch({text.data(), size}, branch);

  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(read);
}

}  // namespace
}  // namespace steer::proxy
