#pragma once

#include <string>

#include "admin/http_server.h"
#include "admin/service.h"
#include "admin/unix_server.h"
#include "config/settings.h"
#include "core/base/result.h"

// Where operators come in: the control socket, and HTTP if it is configured.

namespace steer {

Result<admin::UnixServer> open_control_socket(const std::string& path, admin::Service service);

// Listens where admin.http says, with the secret of admin.token. `warning`: what an operator should
// mend, though it serves.
Result<admin::HttpServer> open_http(const config::Settings& settings, admin::Service service,
                                    std::string& warning);

}  // namespace steer
