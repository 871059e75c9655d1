#pragma once

#include <string>
#include <string_view>

#include "admin/service.h"

// JSON-RPC 2.0: one line in, one line out. docs/rpc.md shows every method.

namespace steer::admin {

// Codes of the error object; -32768…-32000 is what the specification reserves.
enum class RpcError : int {
  kParse = -32'700,
  kInvalidRequest = -32'600,
  kMethodNotFound = -32'601,
  kInvalidParams = -32'602,
  kInternal = -32'603,
  kFailed = -32'000,
  kNoSuchDestination = -32'001,
  kUnsafe = -32'002,
};

// The answer to one line, without a line end; empty if it asks for none (notifications). Never
// throws and never refuses: whatever the octets are, the answer says what is wrong with them.
std::string handle(std::string_view line, Service& service);

// An answer to nobody's request in particular: the line was too long, there are too many clients.
std::string rpc_refusal(RpcError code, std::string_view text);

}  // namespace steer::admin
