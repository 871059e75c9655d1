#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "tests/dispatch/byte_compare.h"
#include "tests/dispatch/message_generator.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

// What may change on the way through us, and nothing else may (RFC 3261 §16.6, §16.7).

namespace steer::dispatch {
namespace {

using test::World;

constexpr int kMessageCount = 100'000;

TEST(Bytes, RequestsGoOutWithTheAllowedChangesAlone) {
  const Seed seed = test::run_seed();
  SCOPED_TRACE("--seed=" + std::to_string(seed.value));
  test::MessageGenerator generator{seed};
  World world;
  const test::AllowedChanges allowed;
  int forwarded = 0;
  for (int i = 0; i < kMessageCount; ++i) {
    const std::string request = generator.request();

    const auto sent = world.send(request);

    ASSERT_TRUE(sent.has_value()) << request;
    if (test::status_of(sent->text) == "420") continue;
    const std::string difference = test::request_difference(request, sent->text, allowed);
    ASSERT_EQ(difference, "") << "message " << i << ":\n" << request << "\nbecame\n" << sent->text;
    ++forwarded;
  }
  EXPECT_EQ(forwarded, kMessageCount);
  std::printf("[ figures  ] %d requests, every octet accounted for\n", forwarded);
}

TEST(Bytes, ResponsesLoseOurViaAlone) {
  const Seed seed = test::run_seed();
  SCOPED_TRACE("--seed=" + std::to_string(seed.value));
  test::MessageGenerator generator{seed};
  World world;
  const std::string request = test::RequestText{}.text();
  const auto forwarded = world.send(request);
  const std::string answer = test::response_to(
      test::replaced(forwarded->text, "From:", "Via: SIP/2.0/UDP b;branch=z9hG4bK9\r\nFrom:"), 200);
  for (int i = 0; i < 20'000; ++i) {
    const std::string response = generator.respell_vias(answer);

    const auto sent = world.send(response, forwarded->target);

    ASSERT_TRUE(sent.has_value()) << response;
    ASSERT_EQ(test::response_difference(response, sent->text), "") << response;
    ASSERT_EQ(sent->target, test::client_address());
  }
}

TEST(Bytes, TheJudgeNoticesWhatIsNotAllowed) {
  World world;
  const test::AllowedChanges allowed;
  test::RequestText request;
  request.extra = {"Subject:  two  blanks", "X: y"};
  request.body = "v=0\r\n";
  const std::string text = request.text();
  const std::string good = world.send(text)->text;
  ASSERT_EQ(test::request_difference(text, good, allowed), "");

  for (const auto& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
           {"Subject:  two", "Subject: two"},
           {"X: y\r\n", ""},
           {"X: y\r\n", "X: y\r\nZ: y\r\n"},
           {"v=0", "v=1"},
           {"Max-Forwards: 69", "Max-Forwards: 68"},
           {"INVITE sip:bob", "INVITE sip:rob"},
           {"branch=z9hG4bKabc123", "branch=z9hG4bKabc124"},
           {"received=203.0.113.7", "received=203.0.113.8"}}) {
    EXPECT_NE(test::request_difference(text, test::replaced(good, from, to), allowed), "") << to;
  }
}

}  // namespace
}  // namespace steer::dispatch
