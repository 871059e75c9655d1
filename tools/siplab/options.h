#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/address.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/choose_io.h"

namespace steer::siplab {

// What every command understands.
struct CommonOptions {
  net::IoKind io = net::IoKind::kAuto;
  Duration duration{};        // 0: no time limit.
  bool json = false;          // The summary as one JSON object on standard output.
  bool progress = false;      // A line per second on standard error.
  bool allow_remote = false;  // Addresses outside of loopback.
};

struct UasOptions {
  CommonOptions common;
  std::vector<Address> listen;  // One socket each; port 0: a free one.
  std::uint16_t code = 200;
  std::uint16_t ring = 0;   // Provisional answer to an INVITE; 0: none.
  Duration delay{};         // Before the final answer.
  double drop = 0;          // Share of requests that get no answer, 0 to 1.
  bool retransmit = false;  // Final answers to INVITEs, until their ACK.
  std::uint64_t seed = 0;
};

enum class Mode : std::uint8_t { kOptions, kInvite, kCall };

struct UacOptions {
  CommonOptions common;
  Address target;
  Address local;  // Port 0: free ones.
  Mode mode = Mode::kOptions;
  std::uint64_t count = 0;  // Transactions or calls; 0: as many as fit into the duration.
  double rate = 0;          // Per second, open loop; 0: closed loop.
  std::uint32_t window = 0;
  std::uint32_t sources = 1;
  std::uint32_t size = 0;  // Octets of the first request, padded; 0: as it is.
  Duration timeout{};
  Duration hold{};          // Between ACK and BYE.
  bool retransmit = false;  // RFC 3261 §17.1: timers A and E.
  double max_loss = 0;      // Share of losses that still counts as success, 0 to 1.
  std::string from, to, request_uri, call_id_prefix;  // "%n" stands for the number.
  std::uint64_t seed = 0;
};

struct RelayOptions {
  CommonOptions common;
  Address listen;
  std::vector<Address> targets;
  bool plain = false;  // The reference loop of recvmmsg and sendmmsg instead of our I/O.
};

// The text to print and the exit code when there is nothing to run: help, version, a wrong flag.
struct Advice {
  std::string text;
  int exit_code = 0;
};
using Command = std::variant<Advice, UasOptions, UacOptions, RelayOptions>;

// "50ms", "1s", "2m", "250us"; a bare 0. Nothing else: a number without unit is a mistake.
std::optional<Duration> parse_duration(std::string_view text) noexcept;
// "10%" or "10": 0.1.
std::optional<double> parse_percent(std::string_view text) noexcept;
// "udp:127.0.0.1:7000", "udp:[::1]:7000"; "udp:" may be left out. Says what is wrong and how it is
// written. Port 0 only if `port_may_be_free`.
Result<Address> parse_endpoint(std::string_view text, bool port_may_be_free);
// 127.0.0.0/8 and ::1.
bool is_loopback(const Address& address) noexcept;

}  // namespace steer::siplab
