#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace steer::admin {

// The hash that Kamailio's and OpenSIPS's dispatchers count slots with, for their dispatcher.hash.
// Nothing here chooses a destination by it: ours are chosen by another one.
std::uint32_t slot_hash(std::span<const std::string_view> keys);

}  // namespace steer::admin
