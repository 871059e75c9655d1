#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The one table of configuration keys. The reader of sipsteer.toml, the suggestions for misspelt
// keys, docs/config.md and --print-config all walk it.

namespace steer::config {

enum class KeyId : std::uint8_t {
  kListen,
  kListenAddress,
  kListenAdvertise,
  kListenForceRport,
  kAdvertise,
  kShards,
  kIo,
  kGso,
  kSpread,
  kClusterKey,
  kStateDirectory,
  kDrainDeadline,
  kLogLevel,
  kDestinationsSource,
  kDestinationsDialect,
  kDestinationsTable,
  kDestinationsColumns,
  kDestinationsStrict,
  kDestinationsWatch,
  kHealthMethod,
  kHealthInterval,
  kHealthTimeout,
  kHealthFall,
  kHealthRise,
  kHealthMode,
  kHealthFrom,
  kHealthOkCodes,
  kHealthJitter,
  kHealthHoldDown,
  kHealthHoldDownMax,
  kHealthSlowStart,
  kHealthProbeFrom,
  kHealthPassiveEnabled,
  kHealthPassiveFall,
  kHealthPassiveCodes,
  kAdminSocket,
  kAdminHttp,
  kAdminToken,
  kLimitsMaxForwards,
  kLimitsMessageBytes,
  kLimitsRemovedLinger,
  kLimitsTransactions,
  kLimitsTransactionBytes,
  kTimersT1,
  kTimersT2,
  kTimersT4,
  kTimersC,
  kSetId,
  kSetProbe,
  kRouteMatchMethod,
  kRouteMatchSource,
  kRouteMatchRuriUser,
  kRouteMatchTransport,
  kRouteMatchFromSet,
  kRouteSet,
  kRouteAlgorithm,
  kRouteHash,
  kRouteUserOnly,
  kRoutePanic,
  kRouteMode,
  kRouteCompleted,
  kRouteRecordRoute,
  kRoutePath,
  kRouteFailoverOn,
  kRouteFailoverTries,
  kRouteFailoverTimeout,
  kRouteFailoverForward503,
  kCount
};

enum class KeyType : std::uint8_t {
  kText,
  kInteger,
  kAutoOrInteger,
  kBoolean,
  kDuration,      // min and max in milliseconds.
  kSize,          // Octets: an integer or "64KiB".
  kChoice,        // One of `choices`.
  kTextList,      // A list of strings; a single string stands for a list of one.
  kListen,        // A list of strings and tables.
  kCodeList,      // Numbers and "2xx".
  kTextOrNumber,  // An algorithm.
};
std::string_view name_of(KeyType type) noexcept;  // In words, for people: "duration", …

enum class ReloadClass : std::uint8_t {
  kLive,     // Taken over by a reload.
  kRestart,  // Needs a restart; a reload that changes it says so.
};
std::string_view name_of(ReloadClass reload) noexcept;  // "live", "restart"

struct KeyRow {
  KeyId id = KeyId::kCount;
  std::string_view path{};  // "health.interval"; tables as "route.set".
  KeyType type = KeyType::kText;
  std::string_view default_text{};  // As toml writes it; empty: not set.
  ReloadClass reload = ReloadClass::kLive;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view choices{};  // "auto|io_uring|epoll"
  std::string_view
      not_built{};              // The cure, if the machinery is missing; `harmless` is still taken.
  std::string_view harmless{};  // The value that says what happens anyway, as toml writes it.
  std::string_view help{};
};

std::span<const KeyRow> key_table();
const KeyRow& row_of(KeyId id);
const KeyRow* find_key(std::string_view path);  // Null: no such key.

// True for a key of a table that may be there several times: a listener, a set, a route.
bool is_repeated(const KeyRow& row);

// True for "health", "route.match" and the like.
bool is_section(std::string_view path);

// "; did you mean 'interval'?" for an unknown key: first among its neighbours, then in other
// sections (then with the section's name).
std::string suggest_key(std::string_view path);

// The members of "a|b|c".
std::vector<std::string_view> split_choices(std::string_view choices);

}  // namespace steer::config
