#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/service.h"

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
  kNotAllowed = -32'003,  // A change by somebody who may only look.
  kKamailio = 500,        // What the module jsonrpcs answers to whatever went wrong.
  kOpensipsNotFound = 404,
  kOpensipsFailed = 500,
};

// What goes into the error object.
struct Fault {
  RpcError code = RpcError::kFailed;
  std::string text;  // Ends with the cure.
  std::vector<std::string> details;
};

Fault fault_of(const Refusal& refusal);

// The daemon has not this part: an empty function of Service.
Fault not_available(std::string_view method);

// A stranger's text in an error of ours: its beginning, in quotes.
std::string in_quotes(std::string_view text);

// No control characters: what goes into logs and tables.
bool is_one_line(std::string_view text);

}  // namespace steer::admin
