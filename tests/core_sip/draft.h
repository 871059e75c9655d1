#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace steer::test {

// A message in the making: a good INVITE of which a test spoils one thing.
struct Draft {
  std::string start = "INVITE sip:bob@example.com SIP/2.0";
  std::vector<std::string> lines = {
      "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport",
      "Max-Forwards: 70",
      "From: \"Alice\" <sip:alice@example.com>;tag=a1",
      "To: <sip:bob@example.com>",
      "Call-ID: call-1@192.0.2.1",
      "CSeq: 1 INVITE",
      "Content-Length: 4",
  };
  std::string body = "v=0\n";

  // The line that begins with `name`, replaced; an empty `line` takes it away.
  Draft with(std::string_view name, std::string_view line) const;
  Draft plus(std::string_view line) const;
  Draft starting(std::string_view line) const;
  std::string text() const;
};

// A good response to it, with our Via on top.
Draft response_draft();

}  // namespace steer::test
