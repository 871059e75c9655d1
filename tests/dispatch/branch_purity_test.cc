#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

// RFC 3261 §16.11: our branch is a function of what all messages of a transaction have in common.

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

std::string branch_of(const RequestText& request) {
  World world{test::simple_definition(1)};
  const auto sent = world.send(request.text());
  EXPECT_TRUE(sent.has_value()) << request.text();
  return test::top_branch(sent->text);
}

TEST(BranchPurity, ARetransmissionGetsTheSameBranch) {
  World world;

  const auto first = world.send(RequestText{}.text());
  const auto second = world.send(RequestText{}.text());

  EXPECT_EQ(first->text, second->text);
  EXPECT_EQ(first->target, second->target);
}

TEST(BranchPurity, CancelAndAckToANon2xxGetTheInvitesBranch) {
  RequestText cancel;
  cancel.method = "CANCEL";
  RequestText ack;
  ack.method = "ACK";
  ack.to += ";tag=uas-1";

  EXPECT_EQ(branch_of(cancel), branch_of(RequestText{}));
  EXPECT_EQ(branch_of(ack), branch_of(RequestText{}));
}

TEST(BranchPurity, ToTagCredentialsAndTheRestPlayNoPart) {
  const std::string branch = branch_of(RequestText{});
  std::vector<RequestText> same(5);
  same[0].to += ";tag=other";
  same[1].extra = {"Authorization: Digest username=\"a\"", "Proxy-Authorization: Digest x=\"b\""};
  same[2].extra = {"Proxy-Require:"};
  same[3].body = "v=0\r\n";
  same[4].max_forwards = "";

  for (const RequestText& request : same) {
    EXPECT_EQ(branch_of(request), branch) << request.text();
  }
  RequestText cancel;  // Where Proxy-Require does not lead to a 420.
  cancel.method = "CANCEL";
  cancel.extra = {"Proxy-Require: foo"};
  EXPECT_EQ(branch_of(cancel), branch);
}

TEST(BranchPurity, AnotherTransactionGetsAnotherBranch) {
  const std::string branch = branch_of(RequestText{});
  std::vector<RequestText> others(7);
  others[0].uri = "sip:carol@example.com";
  others[1].call_id = "Call-ID: call-2@example.com";
  others[2].from = "From: <sip:alice@example.com>;tag=f2";
  others[3].cseq = 2;
  others[4].vias = {"Via: SIP/2.0/UDP 203.0.113.7:5070;branch=z9hG4bKabc124;rport"};
  others[5].vias = {"Via: SIP/2.0/UDP 203.0.113.8:5070;branch=z9hG4bKabc123;rport"};
  others[6].vias = {"Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bKabc123;rport"};

  for (const RequestText& request : others) {
    EXPECT_NE(branch_of(request), branch) << request.text();
  }
}

TEST(BranchPurity, TwoClientsWithABareCookieAreToldApartByTheRest) {
  RequestText bare;
  bare.vias = {"Via: SIP/2.0/UDP 203.0.113.7:5070;branch=z9hG4bK"};
  RequestText old = bare;
  old.vias = {"Via: SIP/2.0/UDP 203.0.113.7:5070;branch=1"};
  RequestText other_call = bare;
  other_call.call_id = "Call-ID: call-2@example.com";

  EXPECT_EQ(branch_of(old), branch_of(bare));
  EXPECT_NE(branch_of(other_call), branch_of(bare));
}

TEST(BranchPurity, TheNextHopIsPartOfIt) {
  Definition definition = test::simple_definition(0);
  definition.sets[0].destinations = {test::destination_definition(9)};
  World world{definition};

  EXPECT_NE(test::top_branch(world.send(RequestText{}.text())->text), branch_of(RequestText{}));
}

}  // namespace
}  // namespace steer::dispatch
