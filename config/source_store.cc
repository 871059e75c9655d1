#include "config/source_store.h"

#include <string>
#include <utility>

namespace steer::config {
namespace {

void store_source(const KeyValue& value, Settings& settings, Diagnostics& diagnostics) {
  settings.source.clear();
  Result<SourceAddress> origin = parse_source(value.text, settings.file);
  if (!origin) {
    diagnostics.error(value.place, "destinations.source: " + origin.error().what);
    return;
  }
  settings.source = origin->shown;
  settings.origin = *std::move(origin);
}

void store_columns(const KeyValue& value, Settings& settings, Diagnostics& diagnostics) {
  settings.table.columns.clear();
  for (const KeyItem& item : value.items) {
    const std::size_t equals = item.text.find('=');
    const std::string ours = item.text.substr(0, equals);
    const bool whole = equals != std::string::npos && equals + 1 != item.text.size();
    if (!whole || !is_column_name(ours)) {
      diagnostics.error(item.place,
                        quote(item.text) +
                            " gives no column another name; write \"setid=grp\", with one "
                            "of " +
                            column_names_text() + " before the '='");
      continue;
    }
    if (!settings.table.columns.emplace(ours, item.text.substr(equals + 1)).second) {
      diagnostics.error(item.place, "column " + ours + " is named twice; delete one of them");
    }
  }
}

void store_table(const KeyValue& value, Settings& settings, Diagnostics& diagnostics) {
  // It becomes a file's name, and a word of queries.
  const bool is_path = value.text.find('/') != std::string::npos || value.text.starts_with('.');
  if (value.text.empty() || is_path || value.text.find('\0') != std::string::npos) {
    diagnostics.error(value.place,
                      "destinations.table is the name of a table, without a path; the folder or "
                      "database belongs into destinations.source");
    return;
  }
  settings.table.table = value.text;
}

}  // namespace

void store_destinations(KeyId id, const KeyValue& value, Settings& settings,
                        Diagnostics& diagnostics) {
  if (id == KeyId::kDestinationsSource) store_source(value, settings, diagnostics);
  if (id == KeyId::kDestinationsTable) store_table(value, settings, diagnostics);
  if (id == KeyId::kDestinationsColumns) store_columns(value, settings, diagnostics);
  if (id == KeyId::kDestinationsStrict) settings.table.strict = value.boolean;
  if (id == KeyId::kDestinationsWatch) settings.watch = value.boolean;
  if (id != KeyId::kDestinationsDialect) return;
  settings.dialect = value.text == "opensips" ? Dialect::kOpensips : Dialect::kKamailio;
}

}  // namespace steer::config
