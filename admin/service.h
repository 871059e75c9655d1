#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/breather.h"
#include "admin/event.h"
#include "admin/explanation.h"
#include "admin/plan.h"
#include "core/base/result.h"
#include "core/base/time.h"

// What the control socket can ask of the daemon. The composition root fills Service; the RPC code
// turns JSON into these calls and their answers into JSON, so tests need no daemon.

namespace steer::admin {

// How often a destination became `to` because of `cause`; for metrics.
struct StateChanges {
  std::string to;
  std::string cause;
  std::uint64_t count = 0;
};

// Answered probes by duration: cumulative counts below kProbeBoundsSeconds, then all.
inline constexpr std::array<double, 12> kProbeBoundsSeconds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};
struct ProbeHistogram {
  std::array<std::uint64_t, kProbeBoundsSeconds.size()> below{};
  std::uint64_t count = 0;
  double sum_seconds = 0;
};

struct DestinationRow {
  std::string uri;
  std::string unique_id;        // duid, empty if none.
  std::string state;            // Effective: active, inactive, probing, draining, disabled.
  bool takes_new_calls = true;  // Active, with a weight, and not paused.
  std::string configured;       // What the list says.
  std::optional<std::string> operator_intent;     // "disabled", "draining"; null: nothing was said.
  std::string operator_reason;                    // The operator's words.
  std::optional<WallTime> operator_until;         // When the operator's word ends by itself.
  std::optional<std::uint32_t> operator_weight;   // Set by hand; `weight` is what counts.
  std::string operator_weight_reason;             // The words about the weight,
  std::optional<WallTime> operator_weight_until;  // beside those about the state.
  std::uint32_t configured_weight = 1;            // What the list says.
  double share = 1;     // Of its calls that it gets: below 1 while it starts slowly.
  bool paused = false;  // Asked for no new calls (503 with Retry-After).
  std::string health;   // "up", "down", "unknown".
  std::string reason;   // Why it is in this state, in words.
  WallTime since;       // Of the effective state.
  std::uint32_t weight = 1;
  std::int32_t priority = 0;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string address;  // "udp:192.0.2.1:5060"
  bool added = false;   // By an operator, beside the list.
  std::uint64_t selected = 0;
  std::uint64_t in_dialog = 0;       // Requests within dialogs to it,
  std::uint64_t in_dialog_from = 0;  // and from it.
  std::uint64_t active_calls = 0;
  std::array<std::uint64_t, 6> responses{};  // Final and provisional, by class: [0] = 1xx.
  // Requests that went on from here to another destination: after silence, an ICMP error, a status.
  std::array<std::uint64_t, 3> failovers{};
  std::vector<StateChanges> state_changes;  // How often it became what, by cause.
  ProbeHistogram probe;
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
  // Of each shard, in milliseconds: the longest time between two exchanges of the last 10 to 20 s.
  std::vector<double> longest_turns_ms;
  bool draining = false;               // drain_node() took it out; ends with the process.
  std::string drain_reason;            // The operator's words.
  std::vector<std::string> listeners;  // "udp:192.0.2.1:5060"
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // Name with labels, value.
};

struct ReloadAnswer {
  std::uint64_t generation = 0;       // Now serving.
  std::vector<std::string> warnings;  // "file:line:column: warning: text"
  std::string summary;                // "+1 -0 ~2 destinations"
};

struct StateChange {
  std::string destination;  // SET/URI, a URI that one set has, or a duid.
  std::string state;        // "active" (take the operator's word back), "draining", "disabled".
  std::string reason;       // The operator's words; may be empty.
  Duration lasts{};         // Zero: until it is taken back.
  bool force = false;       // Also when it is the last active one of its set.
};

struct WeightChange {
  std::string destination;
  std::optional<std::uint32_t> weight;  // Nothing: what the list says again.
  std::string reason;
  Duration lasts{};
  bool force = false;  // Also 0 for the last active one of its set.
};

// A destination that an operator adds or takes away by hand, beside the list.
struct Addition {
  std::uint32_t set = 0;
  std::string uri;
  std::uint32_t flags = 0;  // As in a list of the configured dialect.
  std::int32_t priority = 0;
  std::string attributes;
  friend bool operator==(const Addition&, const Addition&) = default;
};

// How busy shards are, and how long messages stay in one; for metrics.
struct ShardRow {
  double busy_ratio = 0;            // Of the last seconds, 0 to 1.
  double longest_turn_seconds = 0;  // Between two exchanges, of the last 10 to 20 s.
};
inline constexpr std::array<double, 12> kForwardBoundsSeconds = {
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1};
struct ForwardHistogram {
  std::array<std::uint64_t, kForwardBoundsSeconds.size()> below{};  // Cumulative.
  std::uint64_t count = 0;
  double sum_seconds = 0;
};
struct ProcessRow {
  std::vector<ShardRow> shards;
  ForwardHistogram forward;
  bool last_reload_successful = true;
  std::string source_problem;  // Why the database of destinations cannot be asked; empty: none.
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
  std::function<Answer<std::string>(const WeightChange&)> set_weight;
  // The node as a whole: true takes it out (OPTIONS to us answered 503, not ready), false back in.
  std::function<Answer<std::string>(bool drain, const std::string& reason)> drain_node;
  std::function<Answer<PlanAnswer>()> plan;
  std::function<Answer<ReloadAnswer>(const std::string& token)> apply;
  std::function<Answer<Explanation>(const ExplainQuestion&)> explain;
  std::function<EventsAnswer(const EventsQuestion&)> events;
  std::function<ProcessRow()> process;
  std::function<Answer<std::string>(const Addition&)> add;
  std::function<Answer<std::string>(std::uint32_t set, const std::string& uri)> remove;
  std::function<Answer<std::string>()> ping_active;  // Probe all targets now; a sentence.
  Breather breathe;                                  // For who makes a long answer.
};

}  // namespace steer::admin
