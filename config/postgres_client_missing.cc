// In place of postgres_client.cc where the build finds no library.
#include "config/sql_client.h"

namespace steer::config {

Result<SqlClient> open_postgres(const SourceAddress& /*address*/) {
  return std::unexpected{not_built_in("PostgreSQL's client", "libpq-dev")};
}

std::string postgres_version() {
  return {};
}

}  // namespace steer::config
