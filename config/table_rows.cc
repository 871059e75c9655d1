#include "config/table_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/kamailio_list.h"
#include "config/list_lines.h"
#include "config/list_reader.h"
#include "config/opensips_list.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

using dispatch::ConfiguredState;

constexpr std::uint32_t kPriorityMax = 0x7fff'ffff;
constexpr std::string_view kDynamicWeight = "fs://";

// Where the columns that matter stand.
struct Columns {
  std::optional<std::size_t> id;
  std::optional<std::size_t> set;
  std::optional<std::size_t> uri;
  std::optional<std::size_t> socket;
  std::optional<std::size_t> state;
  std::optional<std::size_t> flags;
  std::optional<std::size_t> weight;
  std::optional<std::size_t> priority;
  std::optional<std::size_t> attributes;
  std::optional<std::size_t> probe_mode;
  std::optional<std::size_t> description;

  explicit Columns(const Table& table)
      : id{table.find("id")},
        set{table.find("setid")},
        uri{table.find("destination")},
        socket{table.find("socket")},
        state{table.find("state")},
        flags{table.find("flags")},
        weight{table.find("weight")},
        priority{table.find("priority")},
        attributes{table.find("attrs")},
        probe_mode{table.find("probe_mode")},
        description{table.find("description")} {}
};

class RowMaker {
 public:
  RowMaker(const Table& table, Dialect dialect, Diagnostics& diagnostics)
      : table_{table}, columns_{table}, context_{table.place, diagnostics, dialect} {
    context_.dialect_doubted = true;  // Columns have names: nothing is to be guessed.
  }

  std::vector<ListRow> make() {
    std::vector<ListRow> rows;
    rows.reserve(table_.row_count());
    for (const std::size_t index : in_order()) {
      cells_ = table_.row(index);
      line_ = table_.lines[index];
      ListRow row;
      if (make_row(row)) rows.push_back(row);
    }
    return rows;
  }

 private:
  // A database gives rows in whatever order it likes. By set, then by id, then as they came.
  std::vector<std::size_t> in_order() const {
    struct Key {
      std::int64_t set = 0;
      std::int64_t id = 0;
      std::size_t index = 0;
      auto operator<=>(const Key&) const = default;
    };
    std::vector<Key> keys;
    keys.reserve(table_.row_count());
    for (std::size_t i = 0; i < table_.row_count(); ++i) {
      keys.push_back({number_at(i, columns_.set), number_at(i, columns_.id), i});
    }
    std::ranges::sort(keys);
    std::vector<std::size_t> order;
    order.reserve(keys.size());
    for (const Key& key : keys) {
      order.push_back(key.index);
    }
    return order;
  }

  std::int64_t number_at(std::size_t index, std::optional<std::size_t> column) const {
    std::int64_t number = 0;
    if (!column) return number;
    const std::string_view text = table_.row(index)[*column].text;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }

  // A column that is not there, or NULL, is a field that is not given.
  ListField field(std::optional<std::size_t> column) const {
    if (!column) return {};
    const TableCell& cell = cells_[*column];
    if (cell.is_null || cell.text.empty()) return {};
    return {cell.text, std::max(cell.column, 1U)};
  }

  bool make_row(ListRow& row) {
    const bool is_opensips = context_.dialect == Dialect::kOpensips;
    ListLine line;
    line.number = line_;
    line.fields = {field(columns_.set), field(columns_.uri), field(columns_.flags),
                   field(is_opensips ? columns_.weight : columns_.priority),
                   field(columns_.attributes)};
    row.line = line_;
    row.uri = line.fields[1];
    if (!take_head(line, row)) return false;
    row.flags = line.fields[2];
    row.socket = field(columns_.socket);
    row.description = field(columns_.description);
    if (is_opensips) {
      row.usable = take_opensips(line, row);
    } else {
      row.usable = read_kamailio_columns(line, context_, row);
    }
    return true;
  }

  bool take_head(const ListLine& line, ListRow& row) {
    const ListField& set = line.fields[0];
    const std::optional<std::uint32_t> id = parse_number(set.text, kSetIdMax);
    if (!id) {
      context_.say(ListRule::kSetId, line_, std::max(set.column, 1U),
                   "set id " + quote(set.text) + " is not a number from 0 to 2147483647");
      return false;
    }
    row.set = {*id};
    if (row.uri.given()) return true;
    context_.say(ListRule::kUriMissing, line_, 1, "the destination is empty; write sip:host:port");
    return false;
  }

  bool take_opensips(ListLine& line, ListRow& row) {
    row.opaque_attributes = true;
    const ListField weight = line.fields[3];
    if (weight.text.starts_with(kDynamicWeight)) {
      context_.say(ListRule::kBadWeight, line_, weight.column,
                   "a weight that FreeSWITCH tells (fs://…) is not built yet; write a number from "
                   "0 to 65535");
      return false;
    }
    const bool good = read_opensips_columns(line, context_, row);
    if (columns_.state) take_state(row);
    take_probe_mode(row);
    return take_priority(row) && good;
  }

  // An enumeration, where the flags of older versions are bits.
  void take_state(ListRow& row) {
    const ListField state = field(columns_.state);
    if (!state.given() || state.text == "0") return;
    row.flags = state;
    if (state.text == "1") {
      row.state = ConfiguredState::kInactive;
    } else if (state.text == "2") {
      row.state = ConfiguredState::kProbing;
    } else {
      context_.diagnostics.warning(
          context_.at(line_, state.column),
          "state " + quote(state.text) +
              " is none of 0 active, 1 inactive, 2 probing; taken for active, as OpenSIPS does. "
              "Correct it");
    }
  }

  void take_probe_mode(ListRow& row) {
    const ListField mode = field(columns_.probe_mode);
    if (mode.text == "1") row.probe = dispatch::ProbeMode::kAll;
  }

  bool take_priority(ListRow& row) {
    const ListField priority = field(columns_.priority);
    if (!priority.given()) return true;
    const std::optional<std::uint32_t> number = parse_number(priority.text, kPriorityMax);
    row.priority = number.value_or(0);
    if (number) return true;
    context_.say(ListRule::kBadPriority, line_, priority.column,
                 "priority " + quote(priority.text) + " is not a number from 0 to 2147483647");
    return false;
  }

  const Table& table_;
  Columns columns_;
  ListContext context_;
  std::span<const TableCell> cells_;
  std::uint32_t line_ = 0;
};

}  // namespace

std::vector<ListRow> rows_of_table(const Table& table, Dialect dialect, Diagnostics& diagnostics) {
  return RowMaker{table, dialect, diagnostics}.make();
}

}  // namespace steer::config
