#pragma once

#include <optional>
#include <string>

#include "config/source_content.h"

// Destinations of one kind of source written as another. Nothing is looked up, and nothing is left
// out without a word: what the other kind cannot say is a warning at its row.

namespace steer::config {

struct ConvertInputs {
  const SourceContent& content;
  const SourceInputs& source;
  Dialect dialect = Dialect::kKamailio;  // Of a list.
  bool to_table = false;
  std::optional<Dialect> to_dialect;  // Nothing: the one that it has.
};

// A list's text, or a table. Between tables of one dialect, and of whatever is no table of
// destinations, every column and row stays as it is. Nothing: `diagnostics` says why.
[[nodiscard]] std::optional<SourceContent> convert(const ConvertInputs& inputs,
                                                   Diagnostics& diagnostics);

// Rows in the order of their ids, where a database gives them in any.
void sort_by_id(Table& table);

// Columns with an empty value are declared to be NULL at times: an empty text that is none cannot
// be written as db_text.
void allow_empty(Table& table);

}  // namespace steer::config
