#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace steer::net {

// Why a socket could not be bound or opened, with the cure. `where` is "udp:192.0.2.1:5060".
Error bind_error(const std::string& where, std::uint16_t port, int error);
Error open_error(const std::string& where, int error);

}  // namespace steer::net
