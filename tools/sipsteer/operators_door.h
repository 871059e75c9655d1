#pragma once

#include <string>

#include "admin/service.h"
#include "admin/unix_server.h"
#include "core/base/result.h"

// Where operators come in: the control socket, and HTTP if it is configured.

namespace steer {

Result<admin::UnixServer> open_control_socket(const std::string& path, admin::Service service);

}  // namespace steer
