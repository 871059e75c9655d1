#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/source.h"
#include "core/base/address.h"
#include "core/base/time.h"
#include "dispatch/definition.h"

// What sipsteer.toml says: plain values, checked one by one, before lists and names are looked at.

namespace steer::config {

// One entry of `listen`. The address may be a wildcard; the shell makes concrete listeners of it.
struct ListenSpec {
  Transport transport = Transport::kUdp;
  Address address;
  std::string advertise_host;        // Empty: what Settings says.
  std::uint16_t advertise_port = 0;  // 0: the listener's port.
  bool force_rport = false;
  Place place;
};

enum class IoChoice : std::uint8_t { kAuto, kIoUring, kEpoll };
std::string_view name_of(IoChoice io) noexcept;  // "auto", "io_uring", "epoll"

// Which shard the kernel gives a datagram to.
enum class SpreadChoice : std::uint8_t { kSource, kChance };
std::string_view name_of(SpreadChoice spread) noexcept;  // "source", "chance"

enum class Dialect : std::uint8_t { kKamailio, kOpensips };
std::string_view name_of(Dialect dialect) noexcept;  // "kamailio", "opensips"

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
std::string_view name_of(LogLevel level) noexcept;  // "debug", "info", "warning", "error"

// A [[set]]: what differs from the rest.
struct SetSettings {
  dispatch::SetId id;
  std::optional<dispatch::ProbeMode> probe;
  Place place;
};

struct Settings {
  std::vector<ListenSpec> listen;
  std::string advertise_host;           // Empty: each listener's address.
  std::uint16_t advertise_port = 0;     // 0: each listener's port.
  std::optional<std::uint32_t> shards;  // Nothing: one per allowed core.
  IoChoice io = IoChoice::kAuto;
  bool gso = true;  // Messages of one size to one target leave together.
  SpreadChoice spread = SpreadChoice::kSource;
  std::string state_directory;
  std::string cluster_key_file;  // Empty: cluster.key in the state directory.
  Duration drain_deadline{};
  LogLevel log_level = LogLevel::kInfo;

  // Where destinations are kept, as people are shown it: a path, or a URL without its password.
  // Empty: what the file said is refused.
  std::string source;
  SourceAddress origin;  // The same, ready to be read.
  TableSettings table;   // If it is a table.
  bool watch = false;    // Reload when it changes.
  Dialect dialect = Dialect::kKamailio;

  std::string admin_socket;
  std::optional<Address> admin_http;  // Nothing: no HTTP.
  std::string admin_token_file;       // Empty: nothing can be changed over HTTP.
  dispatch::HealthDefinition health;
  dispatch::LimitsDefinition limits;
  dispatch::TimersDefinition timers;
  std::vector<SetSettings> sets;                  // Each id once.
  std::vector<dispatch::RouteDefinition> routes;  // Empty: the lowest set by Call-ID.

  std::string file;         // The path given; what places name.
  bool list_alone = false;  // Made by settings_for_list_alone().
  // Where each key was set, by its path ("health.interval"). Keys that are missing have defaults.
  std::map<std::string, Place, std::less<>> places;

  // Where `key` was set, else the head of the file.
  Place place_of(std::string_view key) const;
};

}  // namespace steer::config
