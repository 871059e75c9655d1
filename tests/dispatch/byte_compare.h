#pragma once

#include <string>
#include <string_view>
#include <vector>

// An independent judge of what a forwarded message may differ in. Written from RFC 3261 §16.6 and
// §16.7 alone; shares no code with the engine.

namespace steer::test {

struct AllowedChanges {
  std::string our_sent_by = "198.51.100.1:5060";           // As our Via says it.
  std::vector<std::string> own_routes = {"198.51.100.1"};  // Hosts of Route values that may go.
  std::string source_ip = "203.0.113.7";
  std::uint32_t hops_cap = 70;
};

// Empty if `forwarded` is `original` with our Via on top, received and rport in the client's Via,
// Max-Forwards lowered or added, own Routes at the top removed and octets after the body cut off,
// every other octet the same. Else what is wrong.
std::string request_difference(std::string_view original, std::string_view forwarded,
                               const AllowedChanges& allowed);

// Empty if `forwarded` is `original` without its topmost Via value. Else what is wrong.
std::string response_difference(std::string_view original, std::string_view forwarded);

}  // namespace steer::test
