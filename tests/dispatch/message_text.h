#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// SIP messages as text, made for tests. Every line without its CRLF.

namespace steer::test {

struct RequestText {
  std::string method = "INVITE";
  std::string uri = "sip:bob@example.com";
  std::vector<std::string> vias = {"Via: SIP/2.0/UDP 203.0.113.7:5070;branch=z9hG4bKabc123;rport"};
  std::string max_forwards = "Max-Forwards: 70";  // Empty: no such field.
  std::string from = "From: <sip:alice@example.com>;tag=f1";
  std::string to = "To: <sip:bob@example.com>";
  std::string call_id = "Call-ID: call-1@example.com";
  std::uint32_t cseq = 1;
  std::vector<std::string> routes;
  std::vector<std::string> extra;
  std::string body;
  std::string version = "SIP/2.0";

  std::string text() const;
};

// The head's lines (folds joined to their line), start line first; without CRLF.
std::vector<std::string> lines_of(std::string_view message);
// The first line that begins with `prefix`; empty if there is none.
std::string line_with(std::string_view message, std::string_view prefix);
// "483" of "SIP/2.0 483 Too Many Hops"; empty if it is no status line.
std::string status_of(std::string_view message);
// The branch of the message's first Via line.
std::string top_branch(std::string_view message);

// How the destination answers what it received: Vias, From, Call-ID and CSeq as they came, a To
// tag.
std::string response_to(std::string_view request, std::uint16_t status);

// `text` with the first `from` replaced; asserts that there is one.
std::string replaced(std::string_view text, std::string_view from, std::string_view to);

}  // namespace steer::test
