#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "core/base/counter.h"
#include "core/base/limits.h"

namespace steer::transport {

// What one shard counts of its connections. Written by it alone, read by the control thread;
// outlives the shard.
struct alignas(kCacheLine) StreamCounters {
  Counter open_now;  // Not a sum.
  Counter accepted;
  Counter opened;  // To a target, and it answered.

  Counter messages;     // Framed.
  Counter keep_alives;  // Answered by one CRLF.

  // Refused before they were connections:
  Counter refused_total;
  Counter refused_source;
  Counter refused_descriptors;
  // Not opened:
  Counter open_failed;
  Counter open_timed_out;
  Counter open_backed_off;  // Another had just failed; not tried.
  Counter open_full;        // No place for one more.

  // Why connections ended:
  Counter closed_by_peer;
  Counter closed_reset;
  Counter closed_idle;
  Counter closed_late;     // A message was not whole in time.
  Counter closed_unread;   // The peer did not read, or read too slowly.
  Counter closed_framing;  // Where the next message begins was not known.
  Counter closed_memory;   // All connections together held too many octets.
  Counter closed_half;     // Its peer had ended its output, and nothing more was owed to it.

  Counter lost_sends;  // Messages that no connection took.
};

// The public name of each but for open_now: never change one.
struct StreamCounterRow {
  Counter StreamCounters::* counter;
  std::string_view metric;
  std::string_view reason;  // Empty: the metric has no such label.
};
inline constexpr std::array kStreamCounters{
    StreamCounterRow{&StreamCounters::accepted, "sipsteer_connections_accepted_total", ""},
    StreamCounterRow{&StreamCounters::opened, "sipsteer_connections_opened_total", ""},
    StreamCounterRow{&StreamCounters::messages, "sipsteer_stream_messages_total", ""},
    StreamCounterRow{&StreamCounters::keep_alives, "sipsteer_stream_keep_alives_total", ""},
    StreamCounterRow{&StreamCounters::refused_total, "sipsteer_connections_refused_total", "total"},
    StreamCounterRow{&StreamCounters::refused_source, "sipsteer_connections_refused_total",
                     "source"},
    StreamCounterRow{&StreamCounters::refused_descriptors, "sipsteer_connections_refused_total",
                     "descriptors"},
    StreamCounterRow{&StreamCounters::open_failed, "sipsteer_connections_not_opened_total",
                     "refused"},
    StreamCounterRow{&StreamCounters::open_timed_out, "sipsteer_connections_not_opened_total",
                     "timeout"},
    StreamCounterRow{&StreamCounters::open_backed_off, "sipsteer_connections_not_opened_total",
                     "backoff"},
    StreamCounterRow{&StreamCounters::open_full, "sipsteer_connections_not_opened_total", "full"},
    StreamCounterRow{&StreamCounters::closed_by_peer, "sipsteer_connections_closed_total", "peer"},
    StreamCounterRow{&StreamCounters::closed_reset, "sipsteer_connections_closed_total", "reset"},
    StreamCounterRow{&StreamCounters::closed_idle, "sipsteer_connections_closed_total", "idle"},
    StreamCounterRow{&StreamCounters::closed_late, "sipsteer_connections_closed_total", "late"},
    StreamCounterRow{&StreamCounters::closed_unread, "sipsteer_connections_closed_total", "unread"},
    StreamCounterRow{&StreamCounters::closed_framing, "sipsteer_connections_closed_total",
                     "framing"},
    StreamCounterRow{&StreamCounters::closed_memory, "sipsteer_connections_closed_total", "memory"},
    StreamCounterRow{&StreamCounters::closed_half, "sipsteer_connections_closed_total", "half"},
    StreamCounterRow{&StreamCounters::lost_sends, "sipsteer_stream_lost_messages_total", ""},
};

}  // namespace steer::transport
