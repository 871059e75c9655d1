#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Why a request goes where it goes: what `explain` shows, over the socket and offline.

namespace steer::admin {

// Who was asked in turn. The first that is taken is the winner; those after it would be next.
struct ExplainedCandidate {
  std::uint32_t attempt = 0;  // 0: the first choice of the hash.
  std::string uri;
  std::string address;  // "udp:192.0.2.1:5060"
  std::string state;    // Effective.
  bool taken = false;
  std::string skipped_because;  // In words; empty if it was taken or would be next.
};

struct Explanation {
  std::uint64_t generation = 0;
  std::string outcome;  // "forwarded", "answered 404", "dropped", "answered 200 by us", …
  std::string because;  // In words, one sentence.
  std::optional<std::uint32_t> route;      // Number of the rule that matched, from 1 in file order.
  std::string route_place;                 // "sipsteer.toml:12:1"; empty for the built-in route.
  std::vector<std::string> route_skipped;  // "route 1: method INVITE wanted, this is OPTIONS"
  std::optional<std::uint32_t> set;
  std::string algorithm;  // "call-id"; empty if none was asked (in-dialog).
  std::string hash_key;   // The octets that were hashed, as text.
  std::string hash;       // 16 hexadecimal digits.
  std::string winner;     // URI; empty: nobody.
  std::string winner_address;
  bool in_dialog = false;  // The Request-URI named the destination.
  std::vector<ExplainedCandidate> candidates;
};

// What to explain: either a whole message, or a Call-ID for a request that is made up around it.
struct ExplainQuestion {
  std::string message;  // Octets as received; empty: made up.
  std::string call_id;
  std::string source;                // "192.0.2.7:5060"; empty: 127.0.0.1:5060.
  std::string transport;             // "udp"; empty: udp.
  std::optional<std::uint32_t> set;  // Ask this set, whatever the routes say.
};

}  // namespace steer::admin
