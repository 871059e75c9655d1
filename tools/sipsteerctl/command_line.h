#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

enum class Verb : std::uint8_t {
  kList,
  kShow,
  kDrain,
  kUndrain,
  kDisable,
  kEnable,
  kWeight,
  kReload,
  kPlan,
  kApply,
  kExplain,
  kSimulate,
  kLint,
  kConvert,
  kEvents,
  kTop,
  kReady,
  kInfo,
  kVersion,
  kCompletion
};

// Where a command reads its configuration when it asks no daemon.
struct OfflineOptions {
  std::string list;     // Empty, and `config` too: the daemon is asked.
  std::string config;   // A sipsteer.toml.
  std::string dialect;  // Of `list`; empty: kamailio.
  std::string key;      // File of the cluster key; empty: what the configuration says, else none.

  bool given() const { return !list.empty() || !config.empty(); }
};

// convert, whose FROM is the list of OfflineOptions.
struct ConvertOptions {
  std::string to;
  std::string table = "dispatcher";
  std::string to_table;    // Empty: as `table`.
  std::string to_dialect;  // Empty: the one that it has.
};

struct Options {
  Verb verb = Verb::kList;
  std::string socket = "/run/sipsteer/ctl.sock";
  std::chrono::milliseconds timeout = std::chrono::seconds{10};
  bool json = false;

  // drain, undrain, disable, enable, weight
  std::string destination;
  std::string reason;
  bool force = false;
  bool node = false;                         // The whole daemon.
  Duration lasts{};                          // Zero: until it is taken back.
  Duration wait{};                           // Zero: do not wait.
  Duration quiet = std::chrono::minutes{1};  // So long without a message is silence.
  std::optional<std::uint32_t> weight;       // Nothing: what the list says.

  std::optional<std::uint32_t> set;  // show, explain, simulate
  std::string token;                 // apply

  // explain
  std::string call_id;
  std::string message_file;  // "-": standard input.
  std::string source;
  std::string transport;

  OfflineOptions offline;  // explain, simulate, lint
  ConvertOptions convert;
  std::size_t calls = 100'000;       // simulate
  std::vector<std::string> down;     // simulate: destinations
  std::vector<std::string> weights;  // simulate: DEST=WEIGHT
  std::vector<std::string> added;    // simulate: URI or URI=WEIGHT

  bool strict = false;   // lint, convert: warnings fail, too.
  bool resolve = false;  // lint: look names up.

  bool follow = false;                          // events
  std::optional<std::uint64_t> from;            // events
  std::optional<std::size_t> count;             // events, top
  Duration interval = std::chrono::seconds{2};  // top

  std::string what;  // completion
};

// What the operator wrote. If it was a wish for help, or a mistake, that has been printed and the
// answer is how to exit.
std::expected<Options, ExitCode> parse_command_line(int argc, char** argv);

// Names of commands and of each one's options, for the completion: "list --json --socket …".
std::vector<std::string> command_words();

}  // namespace steer::ctl
