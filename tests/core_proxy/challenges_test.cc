#include "core/proxy/challenges.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/core_proxy/parsed.h"

namespace steer::proxy {
namespace {

std::string refusal(const std::string& fields) {
  return "SIP/2.0 407 Proxy Authentication Required\r\n"
         "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKx\r\n"
         "From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>;tag=t1\r\nCall-ID: c1@x\r\n"
         "CSeq: 7 INVITE\r\n" +
         fields + "Content-Length: 2\r\n\r\nhi";
}

// `text` with what `from` challenges, in a buffer that has `room` more octets.
std::string added(const std::string& text, const std::string& from, std::size_t room = 4'096) {
  std::vector<char> out(text.size() + room);
  std::ranges::copy(text, out.begin());
  const std::size_t size = add_challenges(*test::Parsed{from}, out, text.size());
  return {out.data(), size};
}

TEST(Challenges, BothKindsAreAddedAsTheyAre) {
  const std::string first = "WWW-Authenticate: Digest realm=\"a\",\r\n nonce=\"1\"\r\n";
  const std::string second = "proxy-authenticate : Digest realm=\"b\"\r\n";

  const std::string text =
      added(refusal("Proxy-Authenticate: Digest realm=\"c\"\r\n"),
            refusal(first + "Server: x\r\n" + second + "Warning: 399 x \"y\"\r\n"));

  EXPECT_EQ(text, [&] {
    const std::string fields = "Proxy-Authenticate: Digest realm=\"c\"\r\n";
    std::string whole = refusal(fields);
    return whole.insert(whole.find("\r\n\r\n") + 2, first + second);
  }());
  EXPECT_EQ(test::Parsed { text } -> body, "hi");
}

TEST(Challenges, NothingIsAddedWhereThereIsNone) {
  const std::string text = refusal("");

  EXPECT_EQ(added(text, refusal("Authentication-Info: nextnonce=\"x\"\r\n")), text);
}

TEST(Challenges, WhatDoesNotFitIsLeftOutWhole) {
  const std::string text = refusal("");
  const std::string field = "WWW-Authenticate: Digest realm=\"a\"\r\n";

  EXPECT_EQ(added(text, refusal(field), field.size() - 1), text);
  EXPECT_EQ(added(text, refusal(field), field.size()).size(), text.size() + field.size());
}

TEST(Challenges, TheWholeStaysBelowItsBound) {
  const std::string field =
      "WWW-Authenticate: Digest realm=\"" + std::string(1'000, 'a') + "\"\r\n";
  std::string text = refusal("");
  for (int i = 0; i < 20; ++i) {
    text = added(text, refusal(field), 2 * kChallengedSizeMax);
  }

  EXPECT_LE(text.size(), kChallengedSizeMax);
  EXPECT_GT(text.size(), kChallengedSizeMax - field.size());
}

}  // namespace
}  // namespace steer::proxy
