#include "core/proxy/route_reader.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/core_proxy/parsed.h"

namespace steer::proxy {
namespace {

// All URIs, each with a bar where its field ends.
std::string uris_of(const std::string& route_lines) {
  const test::Parsed request{
      test::request_with("Via: SIP/2.0/UDP pc.example.com;branch=z9hG4bKx1\r\n" + route_lines)};
  RouteReader reader{*request};
  RouteValue value;
  std::string text;
  while (reader.next(value)) {
    const sip::HeaderField& field = request->fields[value.field];
    EXPECT_GE(value.begin, field.value_begin);
    EXPECT_LE(value.next, field.value_end);
    EXPECT_TRUE(value.begin == value.comma || (*request->bytes.substr(value.comma).data()) == ',');
    text.append(value.uri).append(value.next == field.value_end ? "|" : " ");
  }
  EXPECT_FALSE(reader.next(value));
  return text;
}

TEST(RouteReader, GoesThroughAllFieldsFromTheTop) {
  EXPECT_EQ(uris_of(""), "");
  EXPECT_EQ(uris_of("Route: <sip:a;lr>\r\n"), "sip:a;lr|");
  EXPECT_EQ(uris_of("Route: <sip:a>,<sip:b>\r\nRoute: <sip:c> , \r\n <sip:d>\r\n"),
            "sip:a sip:b|sip:c sip:d|");
}

TEST(RouteReader, QuotedNamesAndEscapesDoNotEndAValue) {
  EXPECT_EQ(uris_of("Route: \"a, <sip:x> \\\" b\" <sip:a;lr>;p=1, <sip:c,d@b>\r\n"),
            "sip:a;lr sip:c,d@b|");
}

TEST(RouteReader, WhatIsNoNameAddrEndsIt) {
  EXPECT_EQ(uris_of("Route: <sip:a>, sip:b\r\nRoute: <sip:c>\r\n"), "sip:a ");
  EXPECT_EQ(uris_of("Route:\r\nRoute: <sip:c>\r\n"), "");
  EXPECT_EQ(uris_of("Route: <sip:a>,\r\nRoute: <sip:c>\r\n"), "sip:a|sip:c|");
}

}  // namespace
}  // namespace steer::proxy
