#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

// What the control socket can ask of the daemon. The composition root fills Service; the RPC code
// turns JSON into these calls and their answers into JSON, so tests need no daemon.

namespace steer::admin {

struct DestinationRow {
  std::string uri;
  std::string unique_id;                       // duid, empty if none.
  std::string state;                           // Effective: active, inactive, probing, disabled.
  std::string configured;                      // What the list says.
  std::optional<std::string> operator_intent;  // "disabled"; null if the operator said nothing.
  std::string health;                          // "up", "down", "unknown".
  std::string reason;                          // Why it is in this state, in words.
  WallTime since;                              // Of the effective state.
  std::uint32_t weight = 1;
  std::int32_t priority = 0;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string address;  // "udp:192.0.2.1:5060"
  std::uint64_t selected = 0;
  std::uint64_t in_dialog = 0;
  std::uint64_t active_calls = 0;
  std::optional<double> probe_last_ms;
  std::optional<double> probe_p50_ms;
  std::optional<double> probe_p99_ms;
};

struct SetRow {
  std::uint32_t id = 0;
  std::string algorithm;  // Of the first route that names the set; "" if none does.
  std::vector<DestinationRow> destinations;
};

struct ListAnswer {
  std::uint64_t generation = 0;
  std::vector<SetRow> sets;  // Ascending ids; destinations in list order.
};

struct InfoAnswer {
  std::string version;
  std::string io;         // "io_uring" or "epoll"
  std::string io_reason;  // Why it is not io_uring; empty otherwise.
  std::uint32_t shards = 0;
  std::int64_t pid = 0;
  WallTime started;
  std::uint64_t generation = 0;
  bool ready = false;  // Takes new calls: some set has an active destination, no drain.
  std::string not_ready_because;
  std::vector<std::string> listeners;                           // "udp:192.0.2.1:5060"
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // Name with labels, value.
};

struct ReloadAnswer {
  std::uint64_t generation = 0;       // Now serving.
  std::vector<std::string> warnings;  // "file:line:column: warning: text"
  std::string summary;                // "+1 -0 ~2 destinations"
};

struct StateChange {
  std::string destination;  // SET/URI, a URI that one set has, or a duid.
  std::string state;        // "active" (take the operator's word back) or "disabled".
  std::string reason;       // The operator's words; may be empty.
  bool force = false;       // Also when it is the last active one of its set.
};

// The daemon refuses with one of these, so that sipsteerctl can choose its exit code.
enum class RefusalKind : std::uint8_t { kFailed, kNoSuchDestination, kUnsafe };
struct Refusal {
  RefusalKind kind = RefusalKind::kFailed;
  std::string text;
  std::vector<std::string> details;  // A failed reload: each mistake as file:line:column: …
};
template <class T>
using Answer = std::expected<T, Refusal>;

// Called on the control thread only.
struct Service {
  std::function<ListAnswer()> list;
  std::function<InfoAnswer()> info;
  std::function<Answer<ReloadAnswer>()> reload;
  std::function<Answer<std::string>(const StateChange&)> set_state;  // A sentence of what happened.
};

}  // namespace steer::admin
