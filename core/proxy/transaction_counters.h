// HOT: runs once per datagram.
#pragma once

#include "core/base/counter.h"

namespace steer::proxy {

// Written by the shard that owns the transactions, read by any thread.
struct TransactionCounters {
  Counter begun;
  Counter ended;              // Records given back; begun less ended is what is open or remembered.
  Counter recycled;           // Ended before their time, to make room.
  Counter refused_full;       // No record was free, and none could be recycled.
  Counter refused_octets;     // The same of the memory for messages.
  Counter requests_again;     // Retransmissions absorbed.
  Counter requests_repeated;  // Sent again by timer A or E.
  Counter responses_again;    // Final responses sent again, by timer G or on a retransmission.
  Counter tries_timed_out;
  Counter tries_unreachable;
  Counter tries_refused;        // Ended by a final response of 300 to 699.
  Counter retried;              // Went to another candidate.
  Counter not_retried_breadth;  // Max-Breadth (RFC 5393) did not allow another.
  Counter not_retried_full;     // No record was free for another try.
  Counter unremembered_full;    // An answer of our own is not remembered: no place was free.
  Counter cancels_received;
  Counter cancels_sent;
  Counter late_successes;    // 2xx from a try that was left behind, or after a failure was sent.
  Counter acks_missing;      // Timer H.
  Counter answered_by_us;    // Failures that no destination has said: 408, 487, 500.
  Counter timed_out_silent;  // A non-INVITE that ended without an answer (RFC 4320).
  Counter sends_dropped;     // The outbox was full.
  Counter octets_dropped;    // Something could not be kept to be sent again.
};

}  // namespace steer::proxy
