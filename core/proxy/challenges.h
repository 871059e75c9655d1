#pragma once

#include <cstddef>
#include <span>

#include "core/base/limits.h"
#include "core/sip/message.h"

namespace steer::proxy {

// A response to which challenges were added grows no further: over UDP it must still arrive.
inline constexpr std::size_t kChallengedSizeMax = 8 * kKiB;

// RFC 3261 §16.7 step 7: the WWW-Authenticate and Proxy-Authenticate fields of `from`, as they are,
// behind the fields of the response that the first `size` octets of `out` hold. Its size then; as
// it was where there are none, or no room.
std::size_t add_challenges(const sip::Message& from, std::span<char> out,
                           std::size_t size) noexcept;

}  // namespace steer::proxy
