#pragma once

#include <string>
#include <vector>

namespace steer::test {

// One row of the outcome table of the RFC 4475 and 5118 messages, and the message itself.
struct TortureCase {
  std::string name;
  bool is_request = true;
  bool valid = false;
  std::string must;
  std::string may;
  std::string adapted;
  std::string call_id;
  std::string from_uri;
  std::string to_uri;
  std::string request_uri;
  std::string bytes;

  // `outcome` is one of the words in `must` or `may` (of `adapted` too, for a response).
  bool tolerates(const std::string& outcome) const;
};

// All of them; empty if the shared folder is missing.
std::vector<TortureCase> torture_cases();

}  // namespace steer::test
