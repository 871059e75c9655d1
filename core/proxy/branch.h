// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/base/address.h"
#include "core/base/mark.h"
#include "core/sip/message.h"

// Our branch on stateless routes (RFC 3261 §16.11) and the keyed marks in our Via. Pure functions.
//
//   z9hG4bKss.LLLLLLLLLLLLLLLL.DDDDDDDD.HHHHHHHHPPPPu.MMMMMMMMMMMMMMMM ;sr=TTTTRRRRRRRRRRRRRRRR
//           |  loop part        |        |  next hop    mark             |   return mark
//           stateless           destination                              listener tag
//
// Each digest is SipHash over a letter for its purpose and what it covers, every text with its
// length before it: two different lists of inputs are never the same octets, and a digest that is
// seen in one place is of no use in another. The loop part is not under the branch's inputs but
// covers them itself; the mark covers it, so an answer proves the Request-URI without carrying it.

namespace steer::proxy {

// What a request, its retransmissions, its CANCEL, the ACK to its non-2xx and its responses have in
// common. Views into the message it was taken from.
struct TransactionInputs {
  std::string_view branch;  // Of the client's Via, if longer than the bare cookie; else empty.
  std::string_view sent_by_host;
  std::uint16_t sent_by_port = 0;
  std::string_view call_id;
  std::string_view from_tag;
  std::uint32_t cseq = 0;
};
// From the message and the client's Via: the topmost of a request, the second of a response.
TransactionInputs transaction_inputs(const sip::Message& message,
                                     const sip::Via& client_via) noexcept;

struct NextHop {
  Address address;
  Transport transport = Transport::kUdp;
  std::uint32_t destination = 0;  // Names the destination across snapshots; 0: none.
};

// What our branch says when read back.
struct Branch {
  std::uint64_t loop = 0;
  NextHop hop;
  std::uint64_t mark = 0;
};

// Where an answer goes and from which of our sockets (RFC 3261 §18.2.2, RFC 3581 §4).
struct ReturnRoute {
  Address target;
  Transport transport = Transport::kUdp;
  std::uint16_t listener_tag = 0;  // Names the listener across restarts.
};

// The same for two messages exactly if they would loop: Request-URI, Call-ID, From tag, CSeq
// number.
std::uint64_t loop_part(const MarkKey& key, const TransactionInputs& inputs,
                        std::string_view request_uri) noexcept;

// Covers the inputs, the loop part (and so the Request-URI) and the next hop.
std::uint64_t branch_mark(const MarkKey& key, const TransactionInputs& inputs,
                          const Branch& branch) noexcept;

// Of Call-ID, From tag and CSeq number: the To tag of our own answers.
std::uint64_t answer_tag(const MarkKey& key, const TransactionInputs& inputs) noexcept;

// Covers the branch (by its mark) and where the answers go.
std::uint64_t return_mark(const MarkKey& key, std::uint64_t mark,
                          const ReturnRoute& route) noexcept;

inline constexpr std::string_view kBranchPrefix = "z9hG4bKss.";
// starts_with(), but of a size that the compiler knows: no call.
inline bool has_branch_prefix(std::string_view branch) noexcept {
  return branch.size() >= kBranchPrefix.size() &&
         std::memcmp(branch.data(), kBranchPrefix.data(), kBranchPrefix.size()) == 0;
}
inline constexpr std::string_view kReturnParameter = ";sr=";
inline constexpr std::size_t kLoopTextSize = kBranchPrefix.size() + 16;
inline constexpr std::size_t kBranchSizeMax = kLoopTextSize + 1 + 8 + 1 + 37 + 1 + 16;
inline constexpr std::size_t kReturnTextSize = kReturnParameter.size() + 4 + 16;

// "z9hG4bKss." and the loop part: what a loop looks like in a Via. kLoopTextSize octets.
void write_loop_text(std::uint64_t loop, char* out) noexcept;
// At most kBranchSizeMax octets; returns their number.
std::size_t write_branch(const Branch& branch, char* out) noexcept;
// ";sr=…", kReturnTextSize octets.
void write_return(std::uint16_t listener_tag, std::uint64_t mark, char* out) noexcept;

// Our whole Via line with its CRLF: `via_start` as the listener has it, the branch, the return
// text. Returns its size; 0 if it does not fit.
[[nodiscard]] std::size_t write_via_line(std::string_view via_start, const Branch& branch,
                                         std::uint16_t listener_tag, std::uint64_t return_mark,
                                         std::span<char> out) noexcept;
// What surely suffices: a host name has at most 255 octets.
inline constexpr std::size_t kViaLineSizeMax = 320 + kBranchSizeMax + kReturnTextSize + 2;

// False: not a branch of ours.
[[nodiscard]] bool read_branch(std::string_view text, Branch& out) noexcept;
// Value of our sr parameter. False: not ours.
[[nodiscard]] bool read_return(std::string_view value, std::uint16_t& listener_tag,
                               std::uint64_t& mark) noexcept;

}  // namespace steer::proxy
