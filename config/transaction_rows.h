#pragma once

#include <array>

#include "config/keys.h"
#include "core/base/limits.h"

// Rows of the table of keys that are about transactions.

namespace steer::config::detail {

inline constexpr std::array kTransactionRows{
    KeyRow{.id = KeyId::kLimitsTransactions,
           .path = "limits.transactions",
           .type = KeyType::kInteger,
           .default_text = "100000",
           .reload = ReloadClass::kRestart,
           .min = 16,
           .max = kTransactionCountMax,
           .help =
               "Transactions that each shard can have at a time, those that ended and are still "
               "remembered included. When all are taken the oldest of these are forgotten, then "
               "new requests get 503 with Retry-After."},
    KeyRow{.id = KeyId::kLimitsTransactionBytes,
           .path = "limits.transaction_bytes",
           .type = KeyType::kSize,
           .default_text = "\"256MiB\"",
           .reload = ReloadClass::kRestart,
           .min = static_cast<std::int64_t>(kMiB),
           .max = static_cast<std::int64_t>(kTransactionBytesMax),
           .help = "Octets that each shard may keep of their requests and responses."},
    KeyRow{.id = KeyId::kTimersT1,
           .path = "timers.t1",
           .type = KeyType::kDuration,
           .default_text = "\"500ms\"",
           .min = 10,
           .max = 10'000,
           .help = "Round trip time that is reckoned with: the first repetition of a request comes "
                   "after it, and 64 times as long an answer is waited for."},
    KeyRow{.id = KeyId::kTimersT2,
           .path = "timers.t2",
           .type = KeyType::kDuration,
           .default_text = "\"4s\"",
           .min = 10,
           .max = 60'000,
           .help = "The longest time between two repetitions; not shorter than t1."},
    KeyRow{.id = KeyId::kTimersT4,
           .path = "timers.t4",
           .type = KeyType::kDuration,
           .default_text = "\"5s\"",
           .min = 10,
           .max = 60'000,
           .help = "How long a message stays in the network."},
    KeyRow{.id = KeyId::kTimersC,
           .path = "timers.c",
           .type = KeyType::kDuration,
           .default_text = "\"3m1s\"",
           .min = 180'001,
           .max = 86'400'000,
           .help = "How long a call may ring without a word from its destination before it is "
                   "cancelled; more than three minutes (RFC 3261 §16.6)."},
};

inline constexpr std::array kFailoverRows{
    KeyRow{.id = KeyId::kRouteFailoverOn,
           .path = "route.failover.on",
           .type = KeyType::kCodeList,
           .default_text = R"(["transport", 503])",
           .min = 300,
           .max = 599,
           .help =
               "What sends a request to the next destination: \"timeout\" (no answer but 100 "
               "within failover.timeout), \"transport\" (ICMP says that nobody is there), "
               "final codes and classes such as 503 or \"5xx\". Never after 101 to 199, a 6xx or "
               "a CANCEL."},
    KeyRow{.id = KeyId::kRouteFailoverTries,
           .path = "route.failover.tries",
           .type = KeyType::kInteger,
           .default_text = "3",
           .min = 1,
           .max = kTriesMax,
           .help = "How many destinations a request is sent to at most, the first included. 1: no "
                   "failover."},
    KeyRow{.id = KeyId::kRouteFailoverTimeout,
           .path = "route.failover.timeout",
           .type = KeyType::kDuration,
           .default_text = "\"2s\"",
           .min = 50,
           .max = 60'000,
           .help =
               "With \"timeout\" in `on`: how long a destination has to answer with more than a "
               "100. Longer than your servers take to ring."},
    KeyRow{.id = KeyId::kRouteFailoverForward503,
           .path = "route.failover.forward_503",
           .type = KeyType::kBoolean,
           .default_text = "false",
           .help =
               "A 503 of the last destination goes to the caller as it came; else as 500, since "
               "503 would keep the caller away from this proxy (RFC 3261 §16.7)."},
};

}  // namespace steer::config::detail
