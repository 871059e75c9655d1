#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/datagram.h"
#include "core/sip/parse.h"
#include "dispatch/engine.h"
#include "dispatch/snapshot.h"

namespace steer::dispatch {

// One destination that selection looked at. Attempt 0 is the first choice of the hash; of algorithm
// "first" it is the place among those with a weight.
struct Asked {
  const Destination* destination = nullptr;
  std::uint32_t attempt = 0;
  bool taken = false;
};

// How selection came to its winner. Pointers lead into the snapshot.
struct Choice {
  AlgorithmKind algorithm = AlgorithmKind::kCallId;
  std::string hash_key;           // The octets that were hashed.
  bool hash_key_is_whole = true;  // False: it was too long, this is its last part.
  std::optional<RouteHash> hash;  // Nothing: this algorithm hashes nothing.
  // In order, each destination once and at most kAskedCountMax of those not taken; then the winner.
  std::vector<Asked> asked;
  const Destination* winner = nullptr;  // Null: nobody takes new requests.
  // Turns or dice of the shard decide at that moment (routes with transactions): `winner` is one of
  // those whom they may name, `next` are whom the rest of the selection would bring after it.
  bool varies = false;
  bool in_panic = false;  // The winner is not up either; the route takes all then.
  // Who would be taken if the winner were down, if that one were down, too, … At most
  // kNextCountMax.
  std::vector<Asked> next;
};
inline constexpr std::size_t kAskedCountMax = 64;
inline constexpr std::size_t kNextCountMax = 3;

// What happens to one datagram, and why.
struct Decision {
  sip::ParseError parse_error = sip::ParseError::kNone;  // If any, nothing below is set.
  bool is_request = true;                                // False: likewise.
  bool is_ack = false;                                   // Never answered.
  RequestVerdict verdict;                                // Of the engine itself.
  std::vector<Mismatch> passed_over;  // Why each route before the one that matched did not.
  std::optional<std::size_t> route;   // In Snapshot::routes.
  const DestinationSet* set = nullptr;
  std::optional<Choice> choice;  // Nothing: no algorithm was asked.
};

struct ExplainOptions {
  std::optional<SetId> set;  // Ask this set for a new request, whatever the routes say.
};

// Runs what a shard runs for this datagram, without sending or counting anything, and looks on.
// Reads the records of the snapshot; any thread that may read those.
Decision explain(const Snapshot& snapshot, const Datagram& datagram,
                 const ExplainOptions& options = {});

}  // namespace steer::dispatch
