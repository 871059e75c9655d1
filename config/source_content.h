#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "config/list_row.h"
#include "config/settings.h"
#include "config/source.h"
#include "config/table.h"

// The one way from wherever destinations are kept to the rows that the validator looks at.

namespace steer::config {

// What a source said when it was read: a list's text or a table. Owns the octets that rows are
// views into.
struct SourceContent {
  std::string text;
  std::optional<Table> table;
  std::optional<std::uint32_t> version;  // What the table `version` says of it, if it is there.
};

// The same for the same octets in the same cells, in whatever order the rows come.
std::uint64_t digest_of(const SourceContent& content);

struct SourceInputs {
  const SourceAddress& address;
  const TableSettings& table;
};

// Reads a source once. Waits for disks, and a bounded time for databases. Nothing: it cannot be
// read, which is said at `place`, or has mistakes of its own, which are said where they are.
[[nodiscard]] std::optional<SourceContent> read_source(const SourceInputs& inputs,
                                                       const Place& place,
                                                       Diagnostics& diagnostics);

// Columns get the names that we know them by.
void rename_columns(const ColumnNames& names, Table& table);

struct SourceRows {
  std::vector<ListRow> rows;  // Views into the content.
  Dialect dialect = Dialect::kKamailio;
  std::string place;           // What places name.
  bool may_lose_rows = false;  // A row with a mistake costs itself alone.
};

// The rows of a content. Nothing: it holds no table of destinations, which has been said.
[[nodiscard]] std::optional<SourceRows> rows_of(const SourceContent& content,
                                                const SourceInputs& inputs, Dialect dialect,
                                                Diagnostics& diagnostics);

}  // namespace steer::config
