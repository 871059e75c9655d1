#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "admin/fault.h"
#include "admin/json.h"
#include "admin/rpc.h"
#include "admin/service.h"

// Methods as rows of tables: rpc.cc looks one up and calls it.

namespace steer::admin {

struct Call {
  std::string_view method;
  const Json& parameters;  // Null: none were given.
  Service& service;
  Session& session;
  std::string& out;  // The result, as JSON, is appended to it.
};

// Nothing: `out` has the result. Else what is wrong; what was appended does not matter then.
using Verdict = std::optional<Fault>;

enum class Effect : std::uint8_t { kReads, kChanges };  // Over HTTP changes need the token.

struct MethodRow {
  std::string_view name;
  Verdict (*call)(const Call& call) = nullptr;
  Effect effect = Effect::kReads;
};

// Where `dispatcher.list` of Kamailio and `dispatcher:list` of OpenSIPS lie; which, and
// system.listMethods, are rpc.cc's.
std::span<const MethodRow> own_methods();
std::span<const MethodRow> kamailio_methods();
std::span<const MethodRow> opensips_methods();

}  // namespace steer::admin
