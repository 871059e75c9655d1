#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/address.h"
#include "core/base/datagram.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "dispatch/pseudo_variable.h"

// What a configuration says, validated and resolved, before it becomes a snapshot: plain values
// that the config folder makes and the snapshot builder takes. Lives on the control thread only.

namespace steer::dispatch {

struct SetId {
  std::uint32_t value = 0;
  friend auto operator<=>(SetId, SetId) = default;
};

// Where a statement was made, for messages: "dispatcher.list:14:3".
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// Who is asked how it is; the eager ones first.
enum class ProbeMode : std::uint8_t {
  kAll,          // Every target is probed.
  kProbingOnly,  // Only targets that are down, to notice their return.
  kNone,
};
std::string_view name_of(ProbeMode mode) noexcept;  // "all", "probing-only", "none".

// First layer of truth: what the list says of a destination.
enum class ConfiguredState : std::uint8_t {
  kActive,    // Takes traffic at once.
  kProbing,   // Takes traffic after its first good probes.
  kInactive,  // Takes none until the list or an operator says otherwise; never probed back.
  kDisabled,  // As inactive, and never probed.
};
std::string_view name_of(ConfiguredState state) noexcept;  // "active", "probing", …

struct DestinationDefinition {
  std::string uri;  // As listed: what operators know it by.
  Transport transport = Transport::kUdp;
  Address address;   // Resolved, with port.
  std::string host;  // Lower case host part of the URI as written; for "Request-URI addresses it".
  ConfiguredState state = ConfiguredState::kActive;
  bool probed = true;              // False: the list asks for no pings.
  std::optional<ProbeMode> probe;  // Of its attribute; stands above its set's and the general one.
  std::uint32_t weight = 1;        // 0: no new traffic.
  std::int32_t priority = 0;
  std::string unique_id;  // duid; empty: the URI is its identity.
  std::vector<std::pair<std::string, std::string>> attributes;  // All of them, in list order.
  std::optional<ListenerIndex> socket;                          // The listener that socket= names.
  std::optional<Address> source;  // The source address the system would choose towards it.
  Place place;
  bool added = false;  // By an operator, beside the list.
};

struct SetDefinition {
  SetId id;
  std::optional<ProbeMode> probe;                   // Of its [[set]]; stands above the general one.
  std::vector<DestinationDefinition> destinations;  // In list order.
};

enum class AlgorithmKind : std::uint8_t {
  kCallId,
  kFromUri,
  kToUri,
  kRequestUri,
  kRoundRobin,    // Needs transactions, as does
  kAuthUsername,  // this.
  kRandom,
  kPseudoVariables,
  kFirst,
  kPriority  // As kFirst, but by priority.
};
std::string_view name_of(AlgorithmKind kind) noexcept;  // "call-id", "pv", … of CONTRACT.

struct RouteMatch {
  std::vector<std::string> methods;  // Empty: any. Upper case.
  std::vector<Network> sources;      // Empty: any.
  std::string request_uri_user;      // Glob with * and ?; empty: any.
  std::optional<Transport> transport;
  std::optional<SetId> from_set;  // The source address belongs to a destination of this set.
};

// What a route does when nobody of its set is up.
enum class PanicMode : std::uint8_t {
  kNone,    // 503 with Retry-After.
  kUseAll,  // Chooses as if all were up: a probe may be wrong, an answer of ours helps nobody.
};
std::string_view name_of(PanicMode mode) noexcept;  // "none", "use-all".

// Final responses that speak against a destination: single codes and whole classes.
struct BadCodes {
  std::vector<std::uint16_t> codes;
  std::uint8_t classes = 0;  // Bit n: class n.

  bool has(std::uint16_t code) const noexcept {
    constexpr unsigned kClassSize = 100;
    return (classes >> code / kClassSize & 1U) != 0 ||
           std::ranges::find(codes, code) != codes.end();
  }
};

enum class RouteMode : std::uint8_t {
  kStateful,   // With a transaction for each request.
  kStateless,  // Each message by itself.
};
std::string_view name_of(RouteMode mode) noexcept;  // "stateful", "stateless".

// When a request goes to the next destination of its selection.
struct FailoverDefinition {
  bool on_timeout = false;   // Nothing but a 100 within `timeout`.
  bool on_transport = true;  // ICMP says that nobody is there.
  BadCodes codes{.codes = {503}};
  std::uint32_t tries = 3;  // Destinations that get a request, the first included.
  Duration timeout = std::chrono::seconds{2};
  bool forward_503 = false;  // The last one's 503 is not made a 500 (RFC 3261 §16.7 step 6).
};

struct RouteDefinition {
  RouteMatch match;
  SetId set;
  PanicMode panic = PanicMode::kNone;
  RouteMode mode = RouteMode::kStateful;
  Duration completed = std::chrono::seconds{32};  // How long an ended transaction is remembered.
  FailoverDefinition failover;
  AlgorithmKind algorithm = AlgorithmKind::kCallId;
  PseudoVariableFormat hash;  // For kPseudoVariables.
  bool user_only = false;     // Algorithms 1 to 3: hash the user part alone.
  bool record_route = false;  // Stay in the path of later requests of a dialog.
  bool path = false;          // REGISTER: stay in the path of requests to who registers.
  Place place;
};

struct ListenerDefinition {
  Transport transport = Transport::kUdp;
  Address address;                   // Concrete: never a wildcard, port known.
  std::string advertise_host;        // What Via says; empty: the address.
  std::uint16_t advertise_port = 0;  // 0: the address's port.
  bool force_rport = false;
};

struct LimitsDefinition {
  std::uint32_t max_forwards = 70;  // Put in when absent, and the most that leaves us.
  std::uint32_t message_bytes = 65'507;
  Duration removed_linger = std::chrono::hours{4};
  std::uint32_t transactions = 100'000;          // Of each shard.
  std::size_t transaction_bytes = 256UL << 20U;  // Likewise: of their requests and responses.
};

// RFC 3261 §17, table 4.
struct TimersDefinition {
  Duration t1 = std::chrono::milliseconds{500};
  Duration t2 = std::chrono::seconds{4};
  Duration t4 = std::chrono::seconds{5};
  Duration c = std::chrono::seconds{181};
};

// The first key signs, all verify (key change without lost calls).
struct ClusterKeys {
  ClusterKey signing;
  std::optional<ClusterKey> verifying;
};

// Which answers to a probe are good: single codes and whole classes ("2xx" is class 2).
struct GoodCodes {
  std::vector<std::uint16_t> codes;
  std::uint8_t classes = 1U << 2;  // Bit n: class n. 2xx is always good.
};

// What the real traffic of a target says of its health.
struct PassiveDefinition {
  bool enabled = true;
  std::uint32_t fall = 5;  // Bad responses in a row that take a target down.
  BadCodes bad;
};

// Where probes leave from.
enum class ProbeSource : std::uint8_t {
  kEphemeral,  // A socket of the health thread: a listener's address, a port of the system's
               // choice.
  kListener,   // The listener itself, by a shard: for targets that know no other port.
};
std::string_view name_of(ProbeSource source) noexcept;  // "ephemeral", "listener".

struct HealthDefinition {
  std::string method = "OPTIONS";
  Duration interval = std::chrono::seconds{10};
  Duration timeout = std::chrono::seconds{1};
  std::uint32_t fall = 3;  // Failures in a row that take a target down.
  std::uint32_t rise = 2;  // Good answers in a row that bring it back.
  ProbeMode mode = ProbeMode::kAll;
  std::string from = "sip:sipsteer@localhost";
  GoodCodes good;
  std::uint32_t jitter_percent = 10;  // Of the interval, either way.
  // How long a target that fell again must stay good before it takes traffic; doubles with each
  // further fall up to the second, and is forgotten after a calm time as long as that.
  Duration hold_down = std::chrono::seconds{5};
  Duration hold_down_max = std::chrono::minutes{5};
  Duration slow_start{};  // From its return to its full share; zero: at once.
  ProbeSource probe_from = ProbeSource::kEphemeral;
  PassiveDefinition passive;
};

// All that a snapshot is made of.
struct Definition {
  std::vector<ListenerDefinition> listeners;  // Index = ListenerIndex. Fixed for the process.
  std::vector<SetDefinition> sets;            // Ascending ids.
  std::vector<RouteDefinition> routes;        // First match wins.
  HealthDefinition health;
  LimitsDefinition limits;
  TimersDefinition timers;
  ClusterKeys keys;
};

}  // namespace steer::dispatch
