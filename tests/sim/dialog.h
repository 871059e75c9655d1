#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"

namespace steer::sim {

// What one side of a call knows of it, for requests of its own (RFC 3261 §12).
struct Dialog {
  std::string call_id;
  std::string local;   // From of what it sends, with its tag.
  std::string remote;  // To; without a tag as long as there is no dialog.
  std::string target;  // Request-URI.
  std::vector<std::string> routes;
};

struct RequestPlan {
  std::string method;
  std::uint32_t cseq = 0;
  std::string branch;
  Address self;
  bool asks_rport = true;
  std::string extra{};  // Lines with their CRLF.
};

std::string request_in(const Dialog& dialog, const RequestPlan& plan);

// The ACK to a failure belongs to its INVITE's transaction (RFC 3261 §17.1.1.3): the same branch
// and Route, the To of the response.
std::string ack_to_failure(const Dialog& dialog, RequestPlan invite, std::string_view response);

// The caller's dialog by a response that makes one (§12.1.2), `before`: as it began.
Dialog dialog_of_response(const Dialog& before, std::string_view response);
// The called side's by the request and the tag of its answer (§12.1.1).
Dialog dialog_of_request(std::string_view request, std::string_view tag);

// Where it sends to: the first Route, else the remote target.
Address next_hop_of(const Dialog& dialog);

}  // namespace steer::sim
