#include "tools/sipsteerctl/convert.h"

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/convert.h"
#include "config/db_text.h"
#include "config/sql_source.h"
#include "config/sql_table.h"
#include "config/table_layout.h"
#include "config/write_file.h"
#include "tools/sipsteerctl/ask.h"

namespace steer::ctl {
namespace {

constexpr mode_t kMode = 0644;

Refused refuse(std::string text, std::vector<std::string> details = {}) {
  return {ExitCode::kFailed, {.code = 0, .text = std::move(text), .details = std::move(details)}};
}

// Both ends, as the command line names them.
struct Ends {
  config::SourceAddress from;
  config::SourceAddress to;
  config::TableSettings from_table;
  config::TableSettings to_table;
  config::Dialect dialect = config::Dialect::kKamailio;
  std::optional<config::Dialect> to_dialect;
};

std::optional<config::Dialect> dialect_called(const std::string& name) {
  if (name == "opensips") return config::Dialect::kOpensips;
  if (name == "kamailio") return config::Dialect::kKamailio;
  return std::nullopt;
}

Outcome<Ends> ends_of(const Options& options) {
  Ends ends;
  Result<config::SourceAddress> from = config::parse_source(options.offline.list, "");
  if (!from) return std::unexpected{refuse("FROM: " + from.error().what)};
  Result<config::SourceAddress> to = config::parse_source(options.convert.to, "");
  if (!to) return std::unexpected{refuse("TO: " + to.error().what)};
  ends.from = *std::move(from);
  ends.to = *std::move(to);
  ends.from_table.table = options.convert.table;
  ends.to_table.table =
      options.convert.to_table.empty() ? options.convert.table : options.convert.to_table;
  ends.from_table.strict = options.strict;
  ends.dialect = dialect_called(options.offline.dialect).value_or(ends.dialect);
  ends.to_dialect = dialect_called(options.convert.to_dialect);
  return ends;
}

// A table as its database declares it, in the order of its ids.
Result<void> complete(const Ends& ends, config::SourceContent& content) {
  Result<config::SqlClient> client = config::open_sql(ends.from, {});
  if (!client) return std::unexpected{client.error()};
  config::sort_by_id(*content.table);
  return config::declare_columns(*client, {.kind = ends.from.kind, .table = ends.from_table.table},
                                 *content.table);
}

Result<void> write_folder(const Ends& ends, bool force, config::Table& table) {
  const std::string path = ends.to.path + "/" + ends.to_table.table;
  std::error_code ignored;
  if (!force && std::filesystem::exists(path, ignored)) {
    return std::unexpected{Error{path, "is there already; --force puts yours in its place"}};
  }
  std::filesystem::create_directories(ends.to.path, ignored);
  config::allow_empty(table);
  return config::write_file(path, config::write_db_text(table), kMode);
}

Result<void> write_database(const Ends& ends, bool force, const config::Table& table) {
  Result<config::SqlClient> client = config::open_sql(ends.to, {.may_write = true});
  if (!client) return std::unexpected{Error{ends.to.shown, client.error().what}};
  const std::vector<std::uint32_t> versions =
      config::versions_of(table, config::dialect_of(table, ends.dialect));
  const Result<void> written = config::write_table(
      *client, {.kind = ends.to.kind, .table = ends.to_table.table, .replace = force}, table,
      versions.empty() ? 0 : versions.back());
  if (written) return {};
  return std::unexpected{Error{ends.to.shown, written.error().what}};
}

Result<void> write_list(const Ends& ends, bool force, const std::string& text) {
  std::error_code ignored;
  if (!force && std::filesystem::exists(ends.to.path, ignored)) {
    return std::unexpected{
        Error{ends.to.path, "is there already; --force puts yours in its place"}};
  }
  return config::write_file(ends.to.path, text, kMode);
}

Result<void> write_to(const Ends& ends, bool force, config::SourceContent& content) {
  switch (ends.to.kind) {
    case config::SourceKind::kList: return write_list(ends, force, content.text);
    case config::SourceKind::kDbText: return write_folder(ends, force, *content.table);
    case config::SourceKind::kSqlite:
    case config::SourceKind::kMysql:
    case config::SourceKind::kPostgres: return write_database(ends, force, *content.table);
  }
  return {};
}

// Nothing: `diagnostics` says why.
std::optional<config::SourceContent> read_and_convert(const Ends& ends,
                                                      config::Diagnostics& diagnostics) {
  const config::SourceInputs inputs{ends.from, ends.from_table};
  const dispatch::Place place{ends.from.shown, 1, 1};
  std::optional<config::SourceContent> content = config::read_source(inputs, place, diagnostics);
  if (!content) return std::nullopt;
  if (ends.from.is_sql()) {
    if (const Result<void> complete_now = complete(ends, *content); !complete_now) {
      diagnostics.error(place, config::database_problem(ends.from, complete_now.error()));
      return std::nullopt;
    }
  }
  return config::convert({.content = *content,
                          .source = inputs,
                          .dialect = ends.dialect,
                          .to_table = ends.to.is_table(),
                          .to_dialect = ends.to_dialect},
                         diagnostics);
}

std::size_t count_of(const config::SourceContent& content) {
  if (content.table) return content.table->row_count();
  return static_cast<std::size_t>(std::ranges::count(content.text, '\n'));
}

}  // namespace

ExitCode convert(const Options& options) {
  const Outcome<Ends> ends = ends_of(options);
  if (!ends) return fail(options, ends.error());
  config::Diagnostics diagnostics;
  std::optional<config::SourceContent> content = read_and_convert(*ends, diagnostics);
  if (!content) {
    return fail(options, refuse("nothing was written; mend what is listed and try again",
                                diagnostics.lines()));
  }
  for (const std::string& line : diagnostics.lines()) {
    fmt::print(stderr, "{}\n", line);
  }
  const bool lossy = diagnostics.has_errors() || diagnostics.warning_count() != 0;
  if (options.strict && lossy) {
    return fail(options, refuse("nothing was written, since --strict allows no loss"));
  }
  if (const Result<void> written = write_to(*ends, options.force, *content); !written) {
    return fail(options, refuse(written.error().text()));
  }
  fmt::print("{} rows from {} to {}\n", count_of(*content), ends->from.shown, ends->to.shown);
  return ExitCode::kOk;
}

}  // namespace steer::ctl
