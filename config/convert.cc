#include "config/convert.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "config/attributes.h"
#include "config/list_lines.h"
#include "config/table_layout.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

using dispatch::ConfiguredState;

constexpr std::uint32_t kPeerWeightMax = 100;  // Kamailio's.

// A destination with what either program can say of it.
struct Entry {
  const ListRow* row = nullptr;
  std::string attributes;  // Without what has a column of its own.
  std::string socket;
  std::uint32_t weight = 1;
  bool always_probed = false;
};

// "k=v" items of free text as they stand; what is in `taken` left out.
std::string items_without(std::string_view text, std::span<const std::string_view> taken) {
  std::string out;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const std::string_view key = item.substr(0, item.find('='));
    if (item.empty() || std::ranges::find(taken, key) != taken.end()) continue;
    out += (out.empty() ? "" : ";") + std::string{item};
  }
  return out;
}

std::string value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    if (item.starts_with(key) && item.substr(key.size()).starts_with('=')) {
      return std::string{item.substr(key.size() + 1)};
    }
  }
  return {};
}

class Converter {
 public:
  Converter(const ConvertInputs& inputs, const SourceRows& rows, Diagnostics& diagnostics)
      : to_table_{inputs.to_table},
        from_{rows.dialect},
        to_{inputs.to_dialect.value_or(rows.dialect)},
        place_{rows.place},
        diagnostics_{diagnostics} {}

  SourceContent convert(std::span<const ListRow> rows) {
    SourceContent content;
    if (to_table_) content.table = empty_table();
    for (const ListRow& row : rows) {
      if (!row.usable) continue;  // Which has been said.
      const Entry entry = entry_of(row);
      if (to_table_) {
        add_row(entry, *content.table);
      } else {
        content.text += line_of(entry);
      }
    }
    return content;
  }

 private:
  void lose(const ListRow& row, const ListField& field, std::string text) {
    diagnostics_.warning({place_, row.line, std::max(field.column, 1U)}, std::move(text));
  }

  Entry entry_of(const ListRow& row) {
    Entry entry;
    entry.row = &row;
    entry.attributes = row.attributes.text;
    entry.socket = row.socket.text;
    entry.weight = row.weight.value_or(1);
    entry.always_probed = row.probe == dispatch::ProbeMode::kAll;
    if (from_ == Dialect::kKamailio) take_apart(row, entry);
    return entry;
  }

  // Kamailio keeps weight and socket among the attributes.
  void take_apart(const ListRow& row, Entry& entry) {
    if (to_ == Dialect::kKamailio) return;
    const std::string weight = value_of(entry.attributes, "weight");
    const std::string relative = value_of(entry.attributes, "rweight");
    const std::string& counts = weight.empty() ? relative : weight;
    const std::optional<std::uint32_t> number = parse_number(counts, kWeightMax);
    if (number) entry.weight = *number;
    if (!counts.empty() && !number) {
      lose(row, row.attributes, "the weight " + quote(counts) + " is no number; 1 is written");
    }
    entry.socket = value_of(entry.attributes, "socket");
    constexpr std::array<std::string_view, 3> kTaken{"weight", "rweight", "socket"};
    entry.attributes = items_without(entry.attributes, kTaken);
  }

  std::uint32_t kamailio_flags(const Entry& entry) const {
    const ListRow& row = *entry.row;
    std::uint32_t flags = 0;
    switch (row.state) {
      case ConfiguredState::kActive: break;
      case ConfiguredState::kInactive: flags = 1; break;
      case ConfiguredState::kProbing: flags = 9; break;
      case ConfiguredState::kDisabled: flags = 4; break;
    }
    if (entry.always_probed) flags |= 8U;
    if (row.literal_only) return flags | 16U;
    return row.probed ? flags : flags | 32U;
  }

  // What Kamailio's flags say, where they are written again as they were.
  std::string flags_text(const Entry& entry) const {
    const ListField& given = entry.row->flags;
    if (from_ == Dialect::kKamailio) return given.given() ? std::string{given.text} : "0";
    return std::to_string(kamailio_flags(entry));
  }

  std::string opensips_state(const Entry& entry) {
    const ListRow& row = *entry.row;
    if (!row.probed) {
      lose(row, row.flags, "OpenSIPS has no flag for a destination that is never probed; dropped");
    }
    switch (row.state) {
      case ConfiguredState::kActive: return "0";
      case ConfiguredState::kInactive: return "1";
      case ConfiguredState::kProbing: return "2";
      case ConfiguredState::kDisabled:
        lose(row, row.flags, "OpenSIPS has no state disabled; inactive is written");
        return "1";
    }
    return "0";
  }

  // Weight and socket go back among the attributes.
  std::string kamailio_attributes(const Entry& entry) {
    std::string text = entry.attributes;
    if (from_ == Dialect::kKamailio) return text;
    const auto add = [&text](const std::string& item) { text += (text.empty() ? "" : ";") + item; };
    if (!text.empty() && text.find('=') == std::string::npos) {
      lose(*entry.row, entry.row->attributes,
           "the attributes " + quote(text) + " are free text, where Kamailio expects k=v");
    }
    if (entry.row->weight && (entry.weight == 0 || entry.weight > kPeerWeightMax)) {
      lose(*entry.row, entry.row->fourth,
           "weight " + std::to_string(entry.weight) + ": Kamailio knows 1 to 100");
    }
    if (entry.row->weight && entry.weight != 1) add("weight=" + std::to_string(entry.weight));
    if (!entry.socket.empty()) add("socket=" + entry.socket);
    return text;
  }

  // A word of a list, or nothing if it cannot be one.
  std::string word(const Entry& entry, std::string text) {
    if (text.find_first_of(" \t\r\n") == std::string::npos) return text;
    lose(*entry.row, entry.row->attributes,
         "the attributes " + quote(text) + " hold blanks, which a list cannot; dropped");
    return {};
  }

  std::string line_of(const Entry& entry) {
    const ListRow& row = *entry.row;
    if (row.uri.text.find_first_of(" \t\r\n") != std::string_view::npos) {
      lose(row, row.uri, "the URI holds blanks, which a list cannot; the row is left out");
      return {};
    }
    if (row.description.given()) {
      lose(row, row.description,
           "a list has no description; " + quote(row.description.text) + " is dropped");
    }
    const bool is_kamailio = to_ == Dialect::kKamailio;
    std::string third;
    std::string fourth;
    std::string fifth;
    if (is_kamailio) {
      third = flags_text(entry);
      fourth = std::to_string(row.priority);
      fifth = word(entry, kamailio_attributes(entry));
    } else {
      third = opensips_state(entry);
      fourth = std::to_string(entry.weight);
      std::string attributes = entry.attributes;
      if (!entry.socket.empty()) {
        attributes += (attributes.empty() ? "" : ";") + ("socket=" + entry.socket);
      }
      fifth = word(entry, std::move(attributes));
      if (row.priority != 0) {
        lose(row, row.fourth,
             "OpenSIPS's lists have no priority; " + std::to_string(row.priority) + " is dropped");
      }
      if (entry.always_probed) {
        lose(row, row.flags, "OpenSIPS's lists have no probe_mode; dropped");
      }
    }
    std::string line = std::to_string(row.set.value) + " " + std::string{row.uri.text};
    const bool plain = third == "0" && fourth == (is_kamailio ? "0" : "1") && fifth.empty();
    if (!plain) line += " " + third + " " + fourth + (fifth.empty() ? "" : " " + fifth);
    return line + "\n";
  }

  // The newest layout of each.
  Table empty_table() const {
    Table table;
    table.name = "dispatcher";
    const auto add = [&table](std::string name, ColumnType type, std::string_view attribute = {}) {
      table.columns.push_back({.name = std::move(name),
                               .type = type,
                               .nullable = attribute == "null",
                               .automatic = attribute == "auto",
                               .declared = {}});
    };
    using enum ColumnType;
    add("id", kInteger, "auto");
    add("setid", kInteger);
    add("destination", kText);
    if (to_ == Dialect::kKamailio) {
      add("flags", kInteger);
      add("priority", kInteger);
    } else {
      add("socket", kText, "null");
      add("state", kInteger);
      add("probe_mode", kInteger);
      add("weight", kText);
      add("priority", kInteger);
    }
    add("attrs", kText, "null");
    add("description", kText, "null");
    return table;
  }

  void add_row(const Entry& entry, Table& table) {
    const ListRow& row = *entry.row;
    std::vector<std::string> values{std::to_string(table.row_count() + 1),
                                    std::to_string(row.set.value), std::string{row.uri.text}};
    if (to_ == Dialect::kKamailio) {
      const std::optional<std::uint32_t> flags = parse_number(flags_text(entry), 63);
      values.push_back(std::to_string(flags.value_or(kamailio_flags(entry))));
      values.push_back(std::to_string(row.priority));
      values.push_back(kamailio_attributes(entry));
    } else {
      values.push_back(entry.socket);
      values.push_back(opensips_state(entry));
      values.emplace_back(entry.always_probed ? "1" : "0");
      values.push_back(std::to_string(entry.weight));
      values.push_back(std::to_string(row.priority));
      values.push_back(entry.attributes);
    }
    values.emplace_back(row.description.text);
    std::vector<TableCell> cells;
    for (std::string& value : values) {
      const bool empty = value.empty();
      cells.push_back({table.keep(std::move(value)), 1, empty});
    }
    table.add_row(cells, static_cast<std::uint32_t>(table.row_count() + 1));
  }

  bool to_table_;
  Dialect from_;
  Dialect to_;
  std::string place_;
  Diagnostics& diagnostics_;
};

// Columns and rows as they are.
Table copy_of(const Table& table) {
  Table copy;
  copy.name = table.name;
  copy.place = table.place;
  copy.columns = table.columns;
  copy.lines = table.lines;
  copy.cells.reserve(table.cells.size());
  for (const TableCell& cell : table.cells) {
    copy.cells.push_back(cell);
    if (!cell.is_null) copy.cells.back().text = copy.keep(std::string{cell.text});
  }
  return copy;
}

bool stays_as_it_is(const ConvertInputs& inputs) {
  if (!inputs.to_table || !inputs.content.table) return false;
  if (kind_of(*inputs.content.table) != TableKind::kDispatcher || !inputs.to_dialect) return true;
  return dialect_of(*inputs.content.table, inputs.dialect) == *inputs.to_dialect;
}

}  // namespace

void sort_by_id(Table& table) {
  const std::optional<std::size_t> id = table.find("id");
  if (!id) return;
  std::vector<std::pair<std::int64_t, std::size_t>> order;
  for (std::size_t i = 0; i < table.row_count(); ++i) {
    const std::string_view text = table.row(i)[*id].text;
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    order.emplace_back(number, i);
  }
  std::ranges::sort(order);
  std::vector<TableCell> cells;
  std::vector<std::uint32_t> lines;
  for (const auto& [number, index] : order) {
    const std::span<const TableCell> row = table.row(index);
    cells.insert(cells.end(), row.begin(), row.end());
    lines.push_back(table.lines[index]);
  }
  table.cells = std::move(cells);
  table.lines = std::move(lines);
}

void allow_empty(Table& table) {
  for (std::size_t i = 0; i < table.cells.size(); ++i) {
    TableColumn& column = table.columns[i % table.columns.size()];
    const bool empty = table.cells[i].is_null || table.cells[i].text.empty();
    if (!empty || column.nullable || column.automatic) continue;
    column.nullable = true;
    column.declared.clear();
  }
}

std::optional<SourceContent> convert(const ConvertInputs& inputs, Diagnostics& diagnostics) {
  if (stays_as_it_is(inputs)) {
    return SourceContent{
        .text = {}, .table = copy_of(*inputs.content.table), .version = inputs.content.version};
  }
  const std::optional<SourceRows> rows =
      rows_of(inputs.content, inputs.source, inputs.dialect, diagnostics);
  if (!rows || rows->rows.empty()) return std::nullopt;
  return Converter{inputs, *rows, diagnostics}.convert(rows->rows);
}

}  // namespace steer::config
