#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "admin/fault.h"
#include "admin/service.h"

// JSON-RPC 2.0: one line in, one line out. docs/rpc.md shows every method.

namespace steer::admin {

// A client that asked for sipsteer.events with {"follow": true}.
struct Following {
  bool active = false;
  std::uint64_t next = 1;  // The sequence of the next event that it has not been told.
};

// What one client may do, and what it has asked for. Lives as long as its connection.
struct Session {
  bool may_change = true;
  std::string why_not;         // The cure, if it may not change anything.
  bool can_follow = false;     // Lines may be sent to it without being asked.
  bool change_denied = false;  // Set if a change was asked for and refused, never unset.
  Following following;
};

// The answer to one line, without a line end; empty if it asks for none (notifications). Never
// throws and never refuses: whatever the octets are, the answer says what is wrong with them.
std::string handle(std::string_view line, Service& service, Session& session);

// Of somebody who may change everything and cannot follow.
std::string handle(std::string_view line, Service& service);

// For a client that follows: what happened since, one notification a line without the last line
// end; empty if nothing did. At most kRpcFollowCountMax events at a time.
std::string news_for(Following& following, Service& service);

// An answer to nobody's request in particular: the line was too long, there are too many clients.
std::string rpc_refusal(RpcError code, std::string_view text);

}  // namespace steer::admin
