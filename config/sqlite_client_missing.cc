// In place of sqlite_client.cc where the build finds no library.
#include "config/sql_client.h"

namespace steer::config {

Result<SqlClient> open_sqlite(const SourceAddress& /*address*/, const SqlOptions& /*options*/) {
  return std::unexpected{not_built_in("SQLite", "libsqlite3-dev")};
}

std::string sqlite_version() {
  return {};
}

}  // namespace steer::config
