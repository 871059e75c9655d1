#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/diagnostic.h"
#include "config/table.h"

// Tables as db_text of Kamailio and OpenSIPS keeps them: a file each. The first line names the
// columns, "id(int,auto) setid(int) …"; each further one is a row, its fields separated by ':'.
// NULL is the empty field. A backslash stands before n, r, t, 0, ':' and itself; there are neither
// quotes nor comments.

namespace steer::config {

enum class DbTextMode : std::uint8_t {
  // A row with a mistake is left out and told; what people write by mistake and the peers take for
  // something else (null, quotes, CR LF, tabs in the header) is corrected and told each time.
  kTolerant,
  // Nothing is corrected, and one mistake refuses the table, as with the peers.
  kStrict
};

struct DbTextInputs {
  const std::string& place;  // The file, for places.
  std::string_view name;     // Of the table.
  DbTextMode mode = DbTextMode::kTolerant;
};

inline constexpr std::size_t kDbTextFieldSizeMax = 4'096;  // The peers' buffer_size.

// Nothing: `diagnostics` says why there is no table. A file without a single octet is a table
// without columns.
[[nodiscard]] std::optional<Table> read_db_text(std::string text, const DbTextInputs& inputs,
                                                Diagnostics& diagnostics);

// The table as the peers write it. What read_db_text() took without a word comes out as it was,
// octet for octet, with one LF at the end.
std::string write_db_text(const Table& table);

// "int", "string", … for a column that no db_text file has declared.
std::string declaration_of(const TableColumn& column);

}  // namespace steer::config
