// In place of mysql_client.cc where the build finds no library.
#include "config/sql_client.h"

namespace steer::config {

Result<SqlClient> open_mysql(const SourceAddress& /*address*/) {
  return std::unexpected{not_built_in("MariaDB's Connector/C", "libmariadb-dev")};
}

std::string mysql_version() {
  return {};
}

}  // namespace steer::config
