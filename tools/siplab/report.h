#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/address.h"
#include "core/base/time.h"
#include "tools/siplab/histogram.h"

namespace steer::siplab {

struct RelayReport {
  std::uint64_t relayed = 0;
  std::uint64_t icmp_errors = 0;
  std::uint64_t sends_failed = 0;
  Duration elapsed{};
};

// What one port of `siplab uas` did.
struct PortReport {
  Address address;
  std::uint64_t invites = 0;
  std::uint64_t acks = 0;
  std::uint64_t byes = 0;
  std::uint64_t cancels = 0;
  std::uint64_t options = 0;
  std::uint64_t others = 0;     // Requests of other methods, answered like OPTIONS.
  std::uint64_t answers = 0;    // Final ones.
  std::uint64_t dropped = 0;    // On purpose.
  std::uint64_t malformed = 0;  // No request that could be answered.
  std::uint64_t overflows = 0;  // More delayed answers than there is room for.
};
struct UasReport {
  std::vector<PortReport> ports;
  Duration elapsed{};
};

struct UacReport {
  std::string unit;                // "transactions" or "calls".
  std::uint64_t started = 0;       // Of `unit`.
  std::uint64_t completed = 0;     // All steps got their final answer.
  std::uint64_t lost = 0;          // A step was not answered in time.
  std::uint64_t lost_ringing = 0;  // Of these: after 101 to 199, so that nobody else is asked.
  std::uint64_t lost_byes = 0;     // Of these: up, and the BYE was not answered.
  std::uint64_t refused = 0;       // First requests answered with 300 to 699.
  std::uint64_t byes_refused = 0;
  std::uint64_t unfinished = 0;  // Still going when SIGINT came.
  std::uint64_t requests = 0;    // Datagrams sent, ACKs and repetitions included.
  std::uint64_t repeated = 0;
  std::uint64_t provisional = 0;
  std::uint64_t duplicates = 0;  // A final answer once more.
  std::uint64_t late = 0;        // A final answer after its timeout.
  std::uint64_t unexpected = 0;  // Nothing of ours.
  std::uint64_t send_failures = 0;
  std::uint64_t icmp_errors = 0;
  std::array<std::uint64_t, 700> by_status{};
  std::map<std::string, std::uint64_t, std::less<>>
      by_destination;  // Final answers to first requests.
  Histogram latency;   // First request to its final answer.
  Duration elapsed{};

  double loss() const noexcept {
    const std::uint64_t ended = completed + lost;
    return ended == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(ended);
  }
};

// The text for people, or one JSON object with the same figures, to standard output.
void print(const RelayReport& report, bool json);
void print(const UasReport& report, bool json);
void print(const UacReport& report, bool json);

std::string to_text(const RelayReport& report);
std::string to_text(const UasReport& report);
std::string to_text(const UacReport& report);

// By the one file that includes nlohmann-json. Octets that are not UTF-8 are replaced.
std::string to_json(const RelayReport& report);
std::string to_json(const UasReport& report);
std::string to_json(const UacReport& report);

// "85 us", "1.25 ms", "3.2 s".
std::string duration_text(Duration value);

}  // namespace steer::siplab
