#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

// Every bound in one place, so that they can argue with each other. A limit that is hit has a
// counter of its own; docs/config.md tells which of them a configuration can lower.

namespace steer {

inline constexpr std::size_t kKiB = 1'024;
inline constexpr std::size_t kMiB = 1'024 * kKiB;
inline constexpr std::size_t kCacheLine = 64;
inline constexpr std::size_t kPageSize = 4'096;

// --- Messages ------------------------------------------------------------------------------
inline constexpr std::size_t kDatagramSizeMax = 65'507;   // UDP over IPv4: 65,535 - 20 - 8.
inline constexpr std::size_t kHeaderFieldCountMax = 256;  // Per message; more is an attack.
inline constexpr std::uint32_t kMaxForwardsDefault = 70;  // RFC 3261 §16.6 step 3.
inline constexpr std::uint32_t kMaxForwardsMax = 255;     // RFC 3261 §20.22.
inline constexpr std::uint32_t kCseqMax = 0x7fff'ffff;    // RFC 3261 §8.1.1.5: below 2^31.

// --- Network -------------------------------------------------------------------------------
// A receive buffer holds the datagram and what the kernel writes before it: header, name, control.
inline constexpr std::size_t kReceiveBufferSize = 17 * kPageSize;
// Per shard. The kernel uses them in turn: more of them are only colder (512 cost 12 % more CPU per
// message than 128 under load), and what finds none waits in the socket's own buffer.
inline constexpr std::size_t kReceiveBufferCount = 128;
inline constexpr std::size_t kBatchSizeMax = 64;  // Datagrams handled between two submissions.
inline constexpr std::size_t kSendArenaSize = 8 * kMiB;  // Per shard; untouched pages cost nothing.
inline constexpr std::size_t kSendCountMax = 4 * kBatchSizeMax;
inline constexpr int kSendAttemptsMax =
    4;  // One refused by somebody else's ICMP error is repeated.
inline constexpr std::size_t kErrorQueueReadsMax = 1'024;  // ICMP errors read in one look.
inline constexpr std::size_t kQuoteSizeMax = 512;  // Of our octets in an ICMP error (RFC 1812).
inline constexpr std::size_t kListenerCountMax = 64;
inline constexpr std::size_t kShardCountMax = 256;
inline constexpr int kSocketBufferSize = 8 * static_cast<int>(kMiB);

// --- Between shards ------------------------------------------------------------------------
// Datagrams on their way to the shard that owns their call; untouched pages cost nothing.
inline constexpr std::size_t kHandOverSize = 4 * kMiB;          // From one shard to another.
inline constexpr std::size_t kHandOverSizeOfShard = 32 * kMiB;  // To all others together.

// --- Streams -------------------------------------------------------------------------------
// Of each shard.
inline constexpr std::size_t kConnectionCountMax = 65'535;  // ConnectionId has 16 bits for it.
inline constexpr std::size_t kOutgoingReserve =
    16'384;  // Places that no accepted connection takes.
inline constexpr std::size_t kStreamReadSize = 16 * kKiB;  // Some 30 messages: a fair turn.
inline constexpr std::size_t kStreamEventsMax = 256;       // Connections looked at in one turn.
inline constexpr std::size_t kStreamMessagesPerTurn = kBatchSizeMax;
inline constexpr std::size_t kStreamMessagesPerVisit = 16;  // Of one connection, then the next.
inline constexpr std::size_t kAcceptsPerTurn = 64;          // Of one listener.
inline constexpr std::size_t kStreamBytesMax = 256 * kMiB;  // Held for all connections.
inline constexpr std::size_t kOutgoingCountMax = 65'536;    // Targets whose failure is remembered.
inline constexpr std::size_t kBufferPoolSize = 64;  // Buffers kept for the next who needs one.
inline constexpr int kListenBacklog = 4'096;        // The system cuts it to its somaxconn.

// --- Destinations --------------------------------------------------------------------------
inline constexpr std::size_t kDestinationCountMax = 1'000'000;
inline constexpr std::uint32_t kWeightMax = 65'535;
inline constexpr std::size_t kExactSetSizeMax = 512;   // Larger sets use a table of buckets.
inline constexpr std::uint32_t kPickAttemptsMax = 32;  // Hashing again before a plain scan.
inline constexpr std::size_t kHashKeySizeMax = 1'024;  // Longer keys are hashed in pieces.
inline constexpr std::size_t kTriesMax = 8;            // Destinations that get one request in turn.

// --- Transactions --------------------------------------------------------------------------
// Per shard, and as much as a configuration may ask for.
inline constexpr std::size_t kTransactionCountMax = 4'000'000;
inline constexpr std::size_t kTransactionBytesMax = 16 * 1'024 * kMiB;

// --- Control -------------------------------------------------------------------------------
inline constexpr std::size_t kMailboxDepth = 64;
inline constexpr std::size_t kControlLineSizeMax = 64 * kKiB;
inline constexpr std::size_t kControlClientCountMax = 64;
inline constexpr std::size_t kControlLinesPerTurnMax = 64;      // Then the other work has its turn.
inline constexpr std::size_t kControlTurnSizeMax = 256 * kKiB;  // Octets of answers, likewise.
inline constexpr std::size_t kControlQueueSizeMax = 64 * kMiB;  // Unsent answers, all clients.
inline constexpr std::size_t kRpcNestingMax = 32;               // Of one JSON request.
inline constexpr std::size_t kRpcBatchSizeMax = 64;             // Requests in one line.
inline constexpr std::size_t kRpcReasonSizeMax = 256;           // An operator's words.
inline constexpr std::size_t kRpcEventCountMax = 1'000;         // In one answer of sipsteer.events.
inline constexpr std::size_t kRpcFollowCountMax = 100;          // Told in one turn to a follower.
inline constexpr std::size_t kConfigFileSizeMax = 64 * kMiB;
inline constexpr std::size_t kDiagnosticCountMax = 1'000;  // Printed per check; the rest counted.

static_assert(std::has_single_bit(kReceiveBufferCount), "the kernel masks the ring index");
static_assert(kReceiveBufferSize >= kDatagramSizeMax + 256, "room for header, name and control");
static_assert(kReceiveBufferCount >= 2 * kBatchSizeMax, "the kernel needs buffers during a batch");
static_assert(kSendArenaSize >= (kBatchSizeMax + 1) * (kDatagramSizeMax + kCacheLine),
              "a batch of the largest datagrams fits");

}  // namespace steer
