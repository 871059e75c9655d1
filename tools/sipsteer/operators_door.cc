#include "tools/sipsteer/operators_door.h"

#include <utility>

#include "admin/rpc.h"

namespace steer {

Result<admin::UnixServer> open_control_socket(const std::string& path, admin::Service service) {
  return admin::UnixServer::open(
      path,
      [service](std::string_view line, admin::Session& session) mutable {
        return admin::handle(line, service, session);
      },
      [service](admin::Following& following) mutable {
        return admin::news_for(following, service);
      });
}

}  // namespace steer
