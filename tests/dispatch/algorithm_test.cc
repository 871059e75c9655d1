#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dispatch/algorithm/key_text.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

constexpr std::size_t kDestinationCount = 64;  // So that two equal choices are no accident.

Definition with_algorithm(AlgorithmKind algorithm, bool user_only = false) {
  Definition definition = test::simple_definition(kDestinationCount);
  definition.routes[0].algorithm = algorithm;
  definition.routes[0].user_only = user_only;
  return definition;
}

// The destinations that these requests go to, each in a dialog-less request of its own.
std::set<Address> targets(World& world, const std::vector<RequestText>& requests) {
  std::set<Address> result;
  for (const RequestText& request : requests) {
    const auto sent = world.send(request.text());
    EXPECT_TRUE(sent && test::status_of(sent->text).empty()) << request.text();
    if (sent) result.insert(sent->target);
  }
  return result;
}

std::vector<RequestText> with_from(const std::vector<std::string>& uris) {
  std::vector<RequestText> requests;
  for (const std::string& uri : uris) {
    RequestText request;
    request.from = "From: " + uri + ";tag=f" + std::to_string(requests.size());
    request.call_id = "Call-ID: c" + std::to_string(requests.size());
    requests.push_back(request);
  }
  return requests;
}

TEST(Algorithm, SevenSpellingsOfOneCallIdGoToOneDestination) {
  World world{with_algorithm(AlgorithmKind::kCallId)};
  std::vector<RequestText> requests;
  for (const std::string spelling :
       {"Call-ID: f81d4fae@x", "i: f81d4fae@x", "CALL-ID:f81d4fae@x", "call-id : f81d4fae@x",
        "Call-ID:\r\n f81d4fae@x", "I\t:\tf81d4fae@x\t ", "Call-ID: f81d4fae@x \r\n "}) {
    requests.emplace_back().call_id = spelling;
  }
  RequestText other;
  other.call_id = "Call-ID: F81d4fae@x";

  EXPECT_EQ(targets(world, requests).size(), 1U);
  requests.push_back(other);
  EXPECT_EQ(targets(world, requests).size(), 2U);
}

TEST(Algorithm, AllRequestsOfACallGoToOneDestination) {
  World world{with_algorithm(AlgorithmKind::kCallId)};
  std::vector<RequestText> requests;
  for (const std::string method : {"INVITE", "ACK", "CANCEL", "BYE", "INFO"}) {
    RequestText& request = requests.emplace_back();
    request.method = method;
    request.cseq = static_cast<std::uint32_t>(requests.size());
  }

  EXPECT_EQ(targets(world, requests).size(), 1U);
}

TEST(Algorithm, FromUriGoesByUserHostAndPort) {
  World world{with_algorithm(AlgorithmKind::kFromUri)};

  EXPECT_EQ(targets(world, with_from({"<sip:alice@example.com>", "<sip:alice@EXAMPLE.com>",
                                      "<sip:alice@example.com:5060>", "sip:alice@example.com",
                                      "\"Alice\" <sip:alice@example.com;user=phone>",
                                      "<sip:alice:secret@example.com?x=y>",
                                      "<sips:alice@example.com:5061>"}))
                .size(),
            1U);
  EXPECT_EQ(targets(world, with_from({"<sip:alice@example.com>", "<sip:Alice@example.com>",
                                      "<sip:alice@example.net>", "<sip:alice@example.com:5099>",
                                      "<sip:example.com>"}))
                .size(),
            5U);
}

TEST(Algorithm, OtherSchemesGoByTheirWholeText) {
  World world{with_algorithm(AlgorithmKind::kFromUri)};

  EXPECT_EQ(targets(world, with_from({"<tel:+4930123456>", "<tel:+4930123456>"})).size(), 1U);
  EXPECT_EQ(targets(world, with_from({"<tel:+4930123456>", "<tel:+4930123457>", "<isbn:2983792873>",
                                      "<http://www.example.com>"}))
                .size(),
            4U);
}

TEST(Algorithm, UserOnlyLeavesTheHostOut) {
  World world{with_algorithm(AlgorithmKind::kFromUri, true)};

  EXPECT_EQ(
      targets(world, with_from({"<sip:alice@example.com>", "<sip:alice@example.org:99>"})).size(),
      1U);
}

TEST(Algorithm, ToUriAndRequestUriGoByTheirOwn) {
  World to{with_algorithm(AlgorithmKind::kToUri)};
  World request_uri{with_algorithm(AlgorithmKind::kRequestUri)};
  std::vector<RequestText> same_to(2);
  same_to[1].uri = "sip:carol@example.com";
  same_to[1].call_id = "Call-ID: other";
  std::vector<RequestText> same_uri(2);
  same_uri[0].uri = "sip:bob@example.com;transport=udp";
  same_uri[1].to = "To: <sip:carol@example.com>";
  same_uri[1].call_id = "Call-ID: other";

  EXPECT_EQ(targets(to, same_to).size(), 1U);
  EXPECT_EQ(targets(request_uri, same_to).size(), 2U);
  EXPECT_EQ(targets(to, same_uri).size(), 2U);
  EXPECT_EQ(targets(request_uri, same_uri).size(), 1U);
}

TEST(Algorithm, RandomKeepsACallTogetherAndDiffersByStart) {
  World one{with_algorithm(AlgorithmKind::kRandom), Seed{1}};
  World again{with_algorithm(AlgorithmKind::kRandom), Seed{1}};
  World other{with_algorithm(AlgorithmKind::kRandom), Seed{2}};
  std::size_t same = 0;
  for (std::size_t i = 0; i < 1'000; ++i) {
    RequestText request;
    request.call_id = "Call-ID: c" + std::to_string(i);
    const Address target = one.send(request.text())->target;

    EXPECT_EQ(again.send(request.text())->target, target);
    if (other.send(request.text())->target == target) ++same;
  }
  EXPECT_LT(same, 60U);  // 1 in 64 by chance.
}

TEST(Algorithm, FirstIsTheFirstThatTakesTraffic) {
  Definition definition = with_algorithm(AlgorithmKind::kFirst);
  definition.sets[0].destinations[0].weight = 0;
  World world{definition};

  EXPECT_EQ(world.send(RequestText{}.text())->target, test::destination_address(2));
  world.set_health(test::destination_address(2), Health::kDown);
  EXPECT_EQ(world.send(RequestText{}.text())->target, test::destination_address(3));
  world.set_health(test::destination_address(2), Health::kUp);
  EXPECT_EQ(world.send(RequestText{}.text())->target, test::destination_address(2));
}

TEST(Priority, TheHighestThatTakesCallsAndAmongEqualsTheFirstOfTheList) {
  Definition definition = with_algorithm(AlgorithmKind::kPriority);
  definition.sets[0].destinations[5].priority = 9;
  definition.sets[0].destinations[7].priority = 9;
  World world{definition};

  EXPECT_EQ(world.send(RequestText{}.text())->target, test::destination_address(6));
  world.set_health(test::destination_address(6), Health::kDown);
  EXPECT_EQ(world.send(RequestText{}.text())->target, test::destination_address(8));
  world.set_health(test::destination_address(8), Health::kDown);
  EXPECT_EQ(world.send(RequestText{}.text())->target, test::destination_address(1));
}

TEST(KeyText, EveryOctetOfALongKeyCounts) {
  const RouteHasher hasher{test::cluster_key(7)};
  std::set<std::uint64_t> hashes;
  std::string text(5'000, 'x');
  for (const std::size_t size : {1'023U, 1'024U, 1'025U, 2'048U, 5'000U}) {
    for (std::size_t i = 0; i < size; i += 97) {
      std::string changed = text.substr(0, size);
      changed[i] = 'y';
      KeyText key{hasher};
      key.add(changed);
      EXPECT_TRUE(hashes.insert(key.hash().value).second) << size << " " << i;
    }
  }
}

TEST(KeyText, HowItIsCutIntoPiecesPlaysNoPart) {
  const RouteHasher hasher{test::cluster_key(7)};
  const std::string text(3'000, 'x');
  KeyText whole{hasher};
  KeyText pieces{hasher};
  whole.add(text);
  for (std::size_t at = 0; at < text.size(); at += 7) {
    pieces.add(std::string_view{text}.substr(at, 7));
  }

  EXPECT_EQ(whole.hash(), pieces.hash());
}

TEST(KeyText, UpToItsSizeItIsTheTextItself) {
  const RouteHasher hasher{test::cluster_key(7)};
  const std::string text(kHashKeySizeMax, 'x');
  KeyText key{hasher};
  key.add(text);

  EXPECT_EQ(key.view(), text);
  EXPECT_EQ(key.hash(), hasher(text));
}

}  // namespace
}  // namespace steer::dispatch
