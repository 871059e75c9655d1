#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/sip/parse.h"

namespace steer::test {

// A message and the octets that its views point into.
struct Parsed {
  explicit Parsed(std::string_view from)
      : text{std::make_unique<std::string>(from)}, message{std::make_unique<sip::Message>()} {
    EXPECT_EQ(sip::parse(*text, *message), sip::ParseError::kNone) << *text;
  }
  sip::Message* operator->() const { return message.get(); }
  const sip::Message& operator*() const { return *message; }

  std::unique_ptr<std::string> text;
  std::unique_ptr<sip::Message> message;
};

// A request with the given lines (each ended by CRLF) above the usual rest.
inline std::string request_with(std::string_view top_lines, std::string_view lower_lines = "") {
  return std::string{"INVITE sip:bob@example.com SIP/2.0\r\n"}
      .append(top_lines)
      .append("From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>\r\nCall-ID: c1@x\r\n")
      .append("CSeq: 7 INVITE\r\n")
      .append(lower_lines)
      .append("Content-Length: 0\r\n\r\n");
}

}  // namespace steer::test
