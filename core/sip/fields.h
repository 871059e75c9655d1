// HOT: runs once per datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/sip/message.h"

namespace steer::sip {

// Readers of single field values. `value` is trimmed; its line ends are folds, already checked.
// Each says false to what breaks its grammar and then leaves its results unspecified.

// Non-empty, printable, no blanks inside. Wider than RFC 3261 §25.1 (word ["@" word]), because a
// Call-ID is only ever compared, octet by octet.
[[nodiscard]] bool check_call_id(std::string_view value, const char* readable) noexcept;

// Number, LWS, method; the number below 2^31 (RFC 3261 §8.1.1.5).
[[nodiscard]] bool read_cseq(std::string_view value, std::uint32_t& number,
                             std::string_view& method) noexcept;

// Digits, 0 to 255 (RFC 3261 §20.22).
[[nodiscard]] bool read_max_forwards(std::string_view value, std::uint32_t& hops) noexcept;

// From or To (RFC 3261 §20.10, §25.1): name-addr or addr-spec, any scheme, then parameters. A tag
// may be absent, but neither empty nor doubled. `readable`: see skip_run().
[[nodiscard]] bool read_name_address(std::string_view value, const char* readable,
                                     NameAddress& out) noexcept;

// The method of this exact text; kOther if we do not know it (methods are case-sensitive, §7.1).
Method method_of(std::string_view text) noexcept;

// --- Parts of values, shared by the readers above and the one of Via -----------------------------

// `at` stands on the opening quote: one past the closing one, or null if there is none. A quoted
// pair hides any octet but CR and LF.
const char* skip_quoted(const char* at, const char* end, const char* readable) noexcept;

struct Parameter {
  std::string_view name;
  std::string_view value;  // With its quotes.
  bool has_value = false;
  const char* end = nullptr;  // One past its last octet, LWS after it not included.
};
// `at` stands on the ';'. False: no name, or a '=' without value (RFC 3261 §25.1, generic-param).
[[nodiscard]] bool read_parameter(const char* at, const char* end, const char* readable,
                                  Parameter& out) noexcept;

}  // namespace steer::sip
