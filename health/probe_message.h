#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/address.h"
#include "core/base/hash.h"
#include "core/base/mark.h"

// The request that asks a target how it is, and how its answer is known again.

namespace steer::health {

// Which probe: of which configuration, in which place of the prober's table, the how manieth. No
// two probes of a process are equal.
struct ProbeIdentity {
  std::uint64_t generation = 0;
  std::uint64_t sequence = 0;
  std::uint32_t slot = 0;
  friend bool operator==(const ProbeIdentity&, const ProbeIdentity&) = default;
};

// An identity under a mark that only this process can make: what stands in Via branch, Call-ID and
// From tag. Strangers can neither foretell nor invent one (RFC 3261 §8.1.1.4, §19.3).
struct ProbeMark {
  ProbeIdentity identity;
  std::uint64_t mark = 0;
  friend bool operator==(const ProbeMark&, const ProbeMark&) = default;
};
ProbeMark mark_probe(const MarkKey& key, const ProbeIdentity& identity) noexcept;

// The key of a prober's marks. A purpose of its own: a seed that is used elsewhere makes other
// marks.
MarkKey probe_key(Seed seed) noexcept;

// True of a branch that a prober wrote, of whatever process; says nothing about its mark.
bool is_probe_branch(std::string_view branch) noexcept;

// The identity in a branch whose mark is right; nothing for any other text.
[[nodiscard]] std::optional<ProbeMark> read_branch(const MarkKey& key,
                                                   std::string_view branch) noexcept;

// The probe that `quoted`, octets of ours that an ICMP error brought back, is of. Nothing if its
// branch is cut off or bears another mark.
[[nodiscard]] std::optional<ProbeMark> read_quote(const MarkKey& key,
                                                  std::string_view quoted) noexcept;
// True if it is of this very probe.
[[nodiscard]] bool is_quote_of(const MarkKey& key, const ProbeMark& mark,
                               std::string_view quoted) noexcept;

// What every branch of a prober begins with; to be looked for in what an ICMP error quotes.
inline constexpr std::string_view kProbeBranchBegin = "z9hG4bKhp.";

// A glance: true of all that may be an answer to a probe of whatever process, and of little else.
bool mentions_probe(std::string_view bytes) noexcept;

// True if `call_id` is what write_probe() wrote for `mark`.
[[nodiscard]] bool is_call_id_of(const ProbeMark& mark, std::string_view call_id) noexcept;

// What a probe says besides its mark. Views of the caller.
struct ProbeText {
  std::string_view method;      // "OPTIONS"
  std::string_view uri;         // Request-URI and To, as listed.
  std::string_view from;        // A URI without <>.
  std::string_view user_agent;  // Empty: no User-Agent.
  Transport transport = Transport::kUdp;
  Address source;  // Where the answer shall come: sent-by and Contact.
};

inline constexpr std::uint32_t kProbeCseq = 1;

// Writes the request (RFC 3261 §8.1.1, §11.1) into `out` and returns its size; 0 if it does not
// fit. The same arguments give the same octets, as a retransmission must.
[[nodiscard]] std::size_t write_probe(const ProbeText& text, const ProbeMark& mark,
                                      std::span<char> out) noexcept;

}  // namespace steer::health
