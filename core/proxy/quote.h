#pragma once

#include <string_view>

#include "core/base/address.h"
#include "core/base/mark.h"

namespace steer::proxy {

// True if `quoted`, octets that an ICMP error brought back, are the head of a request that we sent
// to `peer`: our Via with its branch, and under it the client's Via that the return mark covers.
// Whoever did not see the request cannot make that up. Says no if the quote ends before the
// client's Via does, or if that is folded. Cold path.
[[nodiscard]] bool is_quote_of_forwarded(const MarkKey& key, std::string_view quoted,
                                         const Address& peer) noexcept;

}  // namespace steer::proxy
