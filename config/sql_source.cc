#include "config/sql_source.h"

namespace steer::config {

std::optional<SourceContent> read_database(const SourceInputs& inputs, const Place& place,
                                           Diagnostics& diagnostics) {
  diagnostics.error(place, std::string{name_of(inputs.address.kind)} +
                               " sources are not built yet; write the destinations into a list "
                               "file or db_text and name that");
  return std::nullopt;
}

}  // namespace steer::config
