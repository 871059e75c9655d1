#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace steer::dispatch {

// The variables that algorithm 7 may name, in the spelling of Kamailio and OpenSIPS.
enum class PseudoVariable : std::uint8_t {
  kLiteral,        // Text between variables.
  kCallId,         // $ci
  kCseq,           // $cs  number
  kMethod,         // $rm
  kRequestUri,     // $ru
  kRequestUser,    // $rU
  kRequestHost,    // $rd
  kRequestPort,    // $rp
  kFromUri,        // $fu
  kFromUser,       // $fU
  kFromHost,       // $fd
  kFromTag,        // $ft
  kToUri,          // $tu
  kToUser,         // $tU
  kToHost,         // $td
  kToTag,          // $tt
  kSourceIp,       // $si
  kSourcePort,     // $sp
  kReceivedIp,     // $Ri  the listener's address
  kReceivedPort,   // $Rp
  kUserAgent,      // $ua
  kAuthUser,       // $au
  kHeader,         // $hdr(Name)
  kProtocol,       // $pr  "udp", "tcp"
  kMessageLength,  // $ml
  kCount
};

struct PseudoVariablePart {
  PseudoVariable variable = PseudoVariable::kLiteral;
  std::string text;  // kLiteral: the text. kHeader: the name.
};

// "$fU@$ci", read once when the configuration is.
struct PseudoVariableFormat {
  std::string source;
  std::vector<PseudoVariablePart> parts;
};

// The column (from 1) of the first mistake goes into Error::where, as digits.
[[nodiscard]] Result<PseudoVariableFormat> parse_pseudo_variables(std::string_view text);

// True if an ACK to a non-2xx and a CANCEL carry the same value as their INVITE (RFC 3261 §9.1,
// §17.1.1.3), so that a route without transactions may hash over it.
bool repeated_by_ack_and_cancel(PseudoVariable variable) noexcept;

// "$fU"; "$hdr(X)" for kHeader.
std::string spelling_of(const PseudoVariablePart& part);

}  // namespace steer::dispatch
