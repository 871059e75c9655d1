#pragma once

#include <optional>
#include <string>

#include "config/source_content.h"
#include "config/sql_client.h"

namespace steer::config {

// A database's table, and what its version table says. Waits, for a bounded time.
[[nodiscard]] std::optional<SourceContent> read_database(const SourceInputs& inputs,
                                                         const Place& place,
                                                         Diagnostics& diagnostics);

// The same over an open connection, for who asks more than once.
[[nodiscard]] Result<SourceContent> read_database(SqlClient& client, const SourceInputs& inputs);

// A text that is another one after each change that was committed to the table, and cheaper to ask
// for than the table.
[[nodiscard]] Result<std::string> generation_of(SqlClient& client, const SourceInputs& inputs);

// What people are told when the database `address` says `error`.
std::string database_problem(const SourceAddress& address, const Error& error);

}  // namespace steer::config
