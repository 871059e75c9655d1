#include "config/keys.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/transaction_rows.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

constexpr std::int64_t kSecond = 1'000;  // Durations are bounded in milliseconds.
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kSetIdMax = 0x7fff'ffff;  // What the peers' signed integers hold.

constexpr std::array kTopRows{
    KeyRow{.id = KeyId::kListen,
           .path = "listen",
           .type = KeyType::kListen,
           .default_text = R"(["udp:0.0.0.0:5060"])",
           .reload = ReloadClass::kRestart,
           .min = 1,
           .max = kListenerCountMax,
           .help = "Where SIP is received: \"udp:address:port\", IPv6 in brackets, or a table with "
                   "the three keys below. A wildcard becomes one socket per local address."},
    KeyRow{.id = KeyId::kListenAddress,
           .path = "listen.address",
           .type = KeyType::kText,
           .reload = ReloadClass::kRestart,
           .help = "\"udp:address:port\" of a listener written as a table."},
    KeyRow{.id = KeyId::kListenAdvertise,
           .path = "listen.advertise",
           .type = KeyType::kText,
           .reload = ReloadClass::kRestart,
           .help = "`advertise` for this listener alone."},
    KeyRow{.id = KeyId::kListenForceRport,
           .path = "listen.force_rport",
           .type = KeyType::kBoolean,
           .default_text = "false",
           .reload = ReloadClass::kRestart,
           .help = "Answer to the source port even if the Via does not ask for it (RFC 3581)."},
    KeyRow{.id = KeyId::kAdvertise,
           .path = "advertise",
           .type = KeyType::kText,
           .reload = ReloadClass::kRestart,
           .help = "\"host:port\" that our Via names instead of the listener's address, for use "
                   "behind address translation. The port may be left out."},
    KeyRow{.id = KeyId::kShards,
           .path = "shards",
           .type = KeyType::kAutoOrInteger,
           .default_text = "\"auto\"",
           .reload = ReloadClass::kRestart,
           .min = 1,
           .max = kShardCountMax,
           .help = "Threads that forward; \"auto\" is one per core that the process may use."},
    KeyRow{.id = KeyId::kIo,
           .path = "io",
           .type = KeyType::kChoice,
           .default_text = "\"auto\"",
           .reload = ReloadClass::kRestart,
           .choices = "auto|io_uring|epoll",
           .help = "How the network is spoken to; \"auto\" takes io_uring if the kernel lets us."},
    KeyRow{.id = KeyId::kGso,
           .path = "gso",
           .type = KeyType::kBoolean,
           .default_text = "true",
           .reload = ReloadClass::kRestart,
           .help = "Hand datagrams of one size to one target to the kernel together (UDP "
                   "generic segmentation); they leave as single datagrams all the same. Where "
                   "the system refuses, they are sent one by one."},
    KeyRow{.id = KeyId::kSpread,
           .path = "spread",
           .type = KeyType::kChoice,
           .default_text = "\"source\"",
           .reload = ReloadClass::kRestart,
           .choices = "source|chance",
           .help = "Which shard gets a datagram first: one for each source address and port, or "
                   "any by chance, for trunks that send everything from one port. Calls of routes "
                   "with transactions reach the shard that owns them either way."},
    KeyRow{.id = KeyId::kClusterKey,
           .path = "cluster_key",
           .type = KeyType::kText,
           .help = "\"file:/path\" of the cluster's secret: one or two lines of 64 hexadecimal "
                   "digits; the first signs, both verify. The same on all nodes. Not set: "
                   "cluster.key in the state directory, made when missing."},
    KeyRow{.id = KeyId::kStateDirectory,
           .path = "state_directory",
           .type = KeyType::kText,
           .default_text = "\"/var/lib/sipsteer\"",
           .reload = ReloadClass::kRestart,
           .help = "Where run-time state is kept."},
    KeyRow{.id = KeyId::kDrainDeadline,
           .path = "drain_deadline",
           .type = KeyType::kDuration,
           .default_text = "\"10s\"",
           .min = 0,
           .max = kDay,
           .help = "How long SIGTERM waits for what is under way before the process ends."},
    KeyRow{.id = KeyId::kLogLevel,
           .path = "log_level",
           .type = KeyType::kChoice,
           .default_text = "\"info\"",
           .choices = "debug|info|warning|error",
           .help = "The least severe messages that standard error shows."},
};

constexpr std::array kSectionRows{
    KeyRow{.id = KeyId::kDestinationsSource,
           .path = "destinations.source",
           .type = KeyType::kText,
           .default_text = "\"dispatcher.list\"",
           .help =
               "Where destinations are kept: the path of a list, relative to the folder of this "
               "file, text:///folder of a db_text table, or sqlite://, mysql://, postgres://: "
               "[sources.md](sources.md)."},
    KeyRow{.id = KeyId::kDestinationsDialect,
           .path = "destinations.dialect",
           .type = KeyType::kChoice,
           .default_text = "\"kamailio\"",
           .choices = "kamailio|opensips",
           .help = "How the list is to be read: column 4 is a priority in Kamailio's and a weight "
                   "in OpenSIPS's, and the flags differ. Numbers of algorithms follow it, too."},
    KeyRow{.id = KeyId::kDestinationsTable,
           .path = "destinations.table",
           .type = KeyType::kText,
           .default_text = "\"dispatcher\"",
           .help =
               "Name of the table, unless the source is a list: with text:///folder the file in "
               "it. Whether it is OpenSIPS's or Kamailio's is told from its columns."},
    KeyRow{.id = KeyId::kDestinationsColumns,
           .path = "destinations.columns",
           .type = KeyType::kTextList,
           .help =
               "Columns that the table calls something else, as in [\"setid=grp\", "
               "\"destination=uri\"]. Ours: id, setid, destination, socket, state, flags, weight, "
               "priority, attrs, probe_mode."},
    KeyRow{.id = KeyId::kDestinationsStrict,
           .path = "destinations.strict",
           .type = KeyType::kBoolean,
           .default_text = "false",
           .help = "One mistake refuses the whole table, and nothing is corrected, as OpenSIPS and "
                   "Kamailio do it. false: a bad row of a table costs itself alone. Lists are "
                   "always taken wholly or not at all."},
    KeyRow{.id = KeyId::kDestinationsWatch,
           .path = "destinations.watch",
           .type = KeyType::kBoolean,
           .default_text = "false",
           .help = "Reload by itself when the list or the table changes, as db_mode 1 of db_text "
                   "does; false is its db_mode 0. A burst of changes is one reload."},
    KeyRow{.id = KeyId::kHealthMethod,
           .path = "health.method",
           .type = KeyType::kText,
           .default_text = "\"OPTIONS\"",
           .help = "Method of the probes."},
    KeyRow{.id = KeyId::kHealthInterval,
           .path = "health.interval",
           .type = KeyType::kDuration,
           .default_text = "\"10s\"",
           .min = 100,
           .max = kDay,
           .help = "Time between two probes of one target."},
    KeyRow{.id = KeyId::kHealthTimeout,
           .path = "health.timeout",
           .type = KeyType::kDuration,
           .default_text = "\"1s\"",
           .min = 10,
           .max = kMinute,
           .help = "How long an answer is waited for; not longer than the interval."},
    KeyRow{.id = KeyId::kHealthFall,
           .path = "health.fall",
           .type = KeyType::kInteger,
           .default_text = "3",
           .min = 1,
           .max = 1'000,
           .help = "Failed probes in a row that take a target down."},
    KeyRow{.id = KeyId::kHealthRise,
           .path = "health.rise",
           .type = KeyType::kInteger,
           .default_text = "2",
           .min = 1,
           .max = 1'000,
           .help = "Good answers in a row that bring it back."},
    KeyRow{.id = KeyId::kHealthMode,
           .path = "health.mode",
           .type = KeyType::kChoice,
           .default_text = "\"all\"",
           .choices = "all|probing-only|none",
           .help = "Who is probed: all targets, only those that are down, or nobody."},
    KeyRow{.id = KeyId::kHealthFrom,
           .path = "health.from",
           .type = KeyType::kText,
           .default_text = "\"sip:sipsteer@localhost\"",
           .help = "From URI of the probes."},
    KeyRow{.id = KeyId::kHealthOkCodes,
           .path = "health.ok_codes",
           .type = KeyType::kCodeList,
           .default_text = "[\"2xx\"]",
           .min = 200,
           .max = 699,
           .help = "Answers that count as good, as codes or classes: [\"2xx\", 404]. "
                   "2xx always does."},
    KeyRow{.id = KeyId::kHealthJitter,
           .path = "health.jitter",
           .type = KeyType::kInteger,
           .default_text = "10",
           .min = 0,
           .max = 50,
           .help = "Random part of the interval, in percent either way, so that probes spread."},
    KeyRow{.id = KeyId::kHealthHoldDown,
           .path = "health.hold_down",
           .type = KeyType::kDuration,
           .default_text = "\"5s\"",
           .min = 0,
           .max = kHour,
           .help = "How long a target that went down a second time must stay good before it takes "
                   "traffic again; doubles with each further fall. 0s: `rise` alone decides."},
    KeyRow{.id = KeyId::kHealthHoldDownMax,
           .path = "health.hold_down_max",
           .type = KeyType::kDuration,
           .default_text = "\"5m\"",
           .min = 0,
           .max = kDay,
           .help = "The most that hold_down grows to. A target that stays up for so long has its "
                   "former falls forgotten."},
    KeyRow{.id = KeyId::kHealthSlowStart,
           .path = "health.slow_start",
           .type = KeyType::kDuration,
           .default_text = "\"0s\"",
           .min = 0,
           .max = kHour,
           .help = "A target that comes back gets a sixteenth of its calls at first, and all of "
                   "them after this time. 0s: all at once."},
    KeyRow{.id = KeyId::kHealthProbeFrom,
           .path = "health.probe_from",
           .type = KeyType::kChoice,
           .default_text = "\"ephemeral\"",
           .reload = ReloadClass::kRestart,
           .choices = "ephemeral|listener",
           .help = "The port that probes leave from: one that the system chooses, or the "
                   "listener's own, for targets that answer nobody else."},
    KeyRow{.id = KeyId::kHealthPassiveEnabled,
           .path = "health.passive.enabled",
           .type = KeyType::kBoolean,
           .default_text = "true",
           .help = "Look at real traffic, too: an ICMP error brings a probe at once, 503 with "
                   "Retry-After keeps new calls away for that time (5 minutes at most), and the "
                   "responses of `codes` count."},
    KeyRow{.id = KeyId::kHealthPassiveFall,
           .path = "health.passive.fall",
           .type = KeyType::kInteger,
           .default_text = "5",
           .min = 1,
           .max = 1'000,
           .help = "Responses of `codes` in a row, without another final one between them, that "
                   "take a target down. Of a target that nobody probes, ICMP errors count, too."},
    KeyRow{.id = KeyId::kHealthPassiveCodes,
           .path = "health.passive.codes",
           .type = KeyType::kCodeList,
           .min = 300,
           .max = 699,
           .help = "Final responses to real requests that speak against a destination, as in "
                   "[500, \"5xx\"]. Name only what callers cannot cause by what they dial. Not "
                   "set: none."},
    KeyRow{.id = KeyId::kAdminSocket,
           .path = "admin.socket",
           .type = KeyType::kText,
           .default_text = "\"/run/sipsteer/ctl.sock\"",
           .reload = ReloadClass::kRestart,
           .help = "Path of the control socket that sipsteerctl talks to (mode 0660)."},
    KeyRow{.id = KeyId::kAdminHttp,
           .path = "admin.http",
           .type = KeyType::kText,
           .default_text = "\"127.0.0.1:9060\"",
           .reload = ReloadClass::kRestart,
           .help =
               "Address and port of the HTTP server: /metrics, /healthz, /readyz and POST /rpc. "
               "It reads without a secret, so keep it on loopback or in a network that you "
               "trust. \"off\": none."},
    KeyRow{.id = KeyId::kAdminToken,
           .path = "admin.token",
           .type = KeyType::kText,
           .reload = ReloadClass::kRestart,
           .help = "File with the secret that changes over HTTP need, as in "
                   "\"file:/etc/sipsteer/admin.token\". Not set: nothing can be changed over "
                   "HTTP."},
    KeyRow{.id = KeyId::kLimitsMaxForwards,
           .path = "limits.max_forwards",
           .type = KeyType::kInteger,
           .default_text = "70",
           .min = 1,
           .max = kMaxForwardsMax,
           .help = "Max-Forwards that is put in when absent, and the most that leaves us."},
    KeyRow{.id = KeyId::kLimitsMessageBytes,
           .path = "limits.message_bytes",
           .type = KeyType::kSize,
           .default_text = "65507",
           .min = 512,
           .max = kDatagramSizeMax,
           .help = "Largest datagram that leaves; a request that would pass it gets 513."},
    KeyRow{.id = KeyId::kLimitsRemovedLinger,
           .path = "limits.removed_linger",
           .type = KeyType::kDuration,
           .default_text = "\"4h\"",
           .min = 0,
           .max = 30 * kDay,
           .help =
               "How long in-dialog requests still reach a destination that left the list. Those "
               "of calls with record_route do so for longer: their Route names it."},
};

constexpr std::array kSetRows{
    KeyRow{.id = KeyId::kSetId,
           .path = "set.id",
           .type = KeyType::kInteger,
           .min = 0,
           .max = kSetIdMax,
           .help = "Id of the set that this table is about. Required."},
    KeyRow{.id = KeyId::kSetProbe,
           .path = "set.probe",
           .type = KeyType::kChoice,
           .choices = "all|probing-only|none",
           .help = "health.mode for the destinations of this set. Not set: health.mode."},
};

constexpr std::array kRouteRows{
    KeyRow{.id = KeyId::kRouteMatchMethod,
           .path = "route.match.method",
           .type = KeyType::kTextList,
           .help = "Methods, upper case, as in [\"INVITE\", \"SUBSCRIBE\"]. INVITE stands for its "
                   "ACK and CANCEL, "
                   "too. Not set: any."},
    KeyRow{.id = KeyId::kRouteMatchSource,
           .path = "route.match.source",
           .type = KeyType::kTextList,
           .help = "Networks that the request comes from, as in [\"10.0.0.0/8\"]. Not set: any."},
    KeyRow{.id = KeyId::kRouteMatchRuriUser,
           .path = "route.match.ruri_user",
           .type = KeyType::kText,
           .help = "Pattern with * and ? for the user part of the Request-URI. Not set: any."},
    KeyRow{.id = KeyId::kRouteMatchTransport,
           .path = "route.match.transport",
           .type = KeyType::kChoice,
           .choices = "udp|tcp|tls",
           .help = "Transport that the request came by. Not set: any."},
    KeyRow{.id = KeyId::kRouteMatchFromSet,
           .path = "route.match.from_set",
           .type = KeyType::kInteger,
           .min = 0,
           .max = kSetIdMax,
           .help = "The source address belongs to a destination of this set."},
    KeyRow{.id = KeyId::kRouteSet,
           .path = "route.set",
           .type = KeyType::kInteger,
           .min = 0,
           .max = kSetIdMax,
           .help = "Id of the set that gets the request. Required."},
    KeyRow{.id = KeyId::kRouteAlgorithm,
           .path = "route.algorithm",
           .type = KeyType::kTextOrNumber,
           .default_text = "\"call-id\"",
           .help =
               "How a destination is chosen: call-id (0), from-uri (1), to-uri (2), "
               "request-uri (3), round-robin (4), auth-username (5), random (6), pv (7), "
               "priority (8) or first. 4 and 5 need transactions: not with mode = \"stateless\"."},
    KeyRow{.id = KeyId::kRouteHash,
           .path = "route.hash",
           .type = KeyType::kText,
           .help = "For algorithm pv: the text that is hashed, with variables such as $fU or $ci."},
    KeyRow{.id = KeyId::kRouteUserOnly,
           .path = "route.user_only",
           .type = KeyType::kBoolean,
           .default_text = "false",
           .help = "Algorithms from-uri, to-uri and request-uri hash the user part alone."},
    KeyRow{.id = KeyId::kRoutePanic,
           .path = "route.panic",
           .type = KeyType::kChoice,
           .default_text = "\"none\"",
           .choices = "none|use-all",
           .help = "When no destination of the set is up: 503 with Retry-After, or a choice among "
                   "all that are neither inactive, disabled nor draining, as if they were up."},
    KeyRow{.id = KeyId::kRouteMode,
           .path = "route.mode",
           .type = KeyType::kChoice,
           .default_text = "\"stateful\"",
           .choices = "stateful|stateless",
           .help =
               "With transactions (repetitions, failover, CANCEL and timers are handled here) or "
               "without (each message by itself, at less cost). docs/concepts.md says when to "
               "use which."},
    KeyRow{.id = KeyId::kRouteCompleted,
           .path = "route.completed",
           .type = KeyType::kDuration,
           .default_text = "\"32s\"",
           .min = 100,
           .max = kHour,
           .help = "How long a finished transaction is remembered, so that late repetitions are "
                   "known. Less needs less memory."},
    KeyRow{.id = KeyId::kRouteRecordRoute,
           .path = "route.record_route",
           .type = KeyType::kBoolean,
           .default_text = "false",
           .help = "Stay in the path of later requests of a dialog: INVITE, SUBSCRIBE, REFER and "
                   "NOTIFY get our Record-Route, with a mark that leads what follows to the same "
                   "destination."},
    KeyRow{.id = KeyId::kRoutePath,
           .path = "route.path",
           .type = KeyType::kBoolean,
           .default_text = "false",
           .help = "Stay in the path to who registers: a REGISTER with \"Supported: path\" gets "
                   "our Path (RFC 3327)."},
};

constexpr std::size_t kRowCount = kTopRows.size() + kSectionRows.size() +
                                  detail::kTransactionRows.size() + kSetRows.size() +
                                  kRouteRows.size() + detail::kFailoverRows.size();
static_assert(kRowCount == std::to_underlying(KeyId::kCount), "each key has one row");

constexpr std::array<KeyRow, kRowCount> joined_rows() {
  std::array<KeyRow, kRowCount> all{};
  auto* at = all.begin();
  at = std::ranges::copy(kTopRows, at).out;
  at = std::ranges::copy(kSectionRows, at).out;
  at = std::ranges::copy(detail::kTransactionRows, at).out;
  at = std::ranges::copy(kSetRows, at).out;
  at = std::ranges::copy(kRouteRows, at).out;
  std::ranges::copy(detail::kFailoverRows, at);
  return all;
}
constexpr std::array kRows = joined_rows();

constexpr bool rows_follow_their_ids() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (std::to_underlying(kRows[i].id) != i) return false;
  }
  return true;
}
static_assert(rows_follow_their_ids(), "row_of() takes the id for an index");

}  // namespace

std::string_view name_of(KeyType type) noexcept {
  switch (type) {
    case KeyType::kText: return "string";
    case KeyType::kInteger: return "integer";
    case KeyType::kAutoOrInteger: return "\"auto\" or integer";
    case KeyType::kBoolean: return "true or false";
    case KeyType::kDuration: return "duration";
    case KeyType::kSize: return "size";
    case KeyType::kChoice: return "choice";
    case KeyType::kTextList: return "list of strings";
    case KeyType::kListen: return "list of listeners";
    case KeyType::kCodeList: return "list of codes";
    case KeyType::kTextOrNumber: return "name or number";
  }
  return "?";
}

std::string_view name_of(ReloadClass reload) noexcept {
  return reload == ReloadClass::kLive ? "live" : "restart";
}

std::span<const KeyRow> key_table() {
  return kRows;
}

const KeyRow& row_of(KeyId id) {
  return kRows[std::to_underlying(id)];
}

}  // namespace steer::config
