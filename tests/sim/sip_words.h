#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"

// SIP as the simulated user agents write and read it: plain text, on purpose nothing of the code
// under test. It reads what they and the dispatcher write, not what strangers could.

namespace steer::sim {

// All lines of a message's head that begin with `name` (with its colon), in their order.
std::vector<std::string> lines_of(std::string_view text, std::string_view name);
std::string method_of(std::string_view request);     // Of the start line.
std::string uri_of(std::string_view request);        // Likewise.
std::uint16_t status_of(std::string_view response);  // 0: a request.
std::string branch_of(std::string_view text);        // Of the first Via.
std::string cseq_method_of(std::string_view text);
std::uint32_t cseq_of(std::string_view text);
std::string tag_of(std::string_view field);  // Of a From or To value; empty: none.
std::string uri_in(std::string_view field);  // What stands between < and >.
// Where the first Via of a response's rest sends it: sent-by, or received and rport if there.
Address via_target(std::string_view via_line);
Address address_in(std::string_view uri);  // Of a sip: URI with an IP address.

// A response to `request` with its Via, From, To, Call-ID, CSeq and Record-Route fields.
struct Answer {
  std::uint16_t status = 200;
  std::string_view to_tag;
  std::string_view contact;  // An address and port; empty: none.
  std::string_view extra;    // Lines with their CRLF.
};
std::string answer_to(std::string_view request, const Answer& answer);

}  // namespace steer::sim
