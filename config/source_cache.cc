#include "config/source_cache.h"

#include <string_view>
#include <utility>

#include "config/db_text.h"
#include "config/read_file.h"
#include "config/write_file.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

constexpr std::string_view kEnd = "# end\n";
constexpr mode_t kMode = 0600;  // Addresses of a network are nobody's business.

std::string head_of(const SourceInputs& inputs) {
  return "# " + inputs.address.shown + " " + inputs.table.table + "\n";
}

}  // namespace

std::string source_cache_path(const std::string& state_directory) {
  return state_directory + "/destinations.cache";
}

Result<void> write_source_cache(const std::string& state_directory, const SourceInputs& inputs,
                                const SourceContent& content) {
  if (!content.table) return {};
  const std::string text = head_of(inputs) + write_db_text(*content.table) + std::string{kEnd};
  return write_file(source_cache_path(state_directory), text, kMode);
}

Result<SourceContent> read_source_cache(const std::string& state_directory,
                                        const SourceInputs& inputs) {
  const std::string path = source_cache_path(state_directory);
  const Result<std::string> text = read_text_file(path, kConfigFileSizeMax);
  if (!text) return std::unexpected{text.error()};
  const std::string head = head_of(inputs);
  std::string_view rows = *text;
  if (!rows.starts_with(head)) {
    return std::unexpected{Error{path, "is a copy of another source"}};
  }
  if (!rows.ends_with(kEnd)) return std::unexpected{Error{path, "is not whole"}};
  rows.remove_prefix(head.size());
  rows.remove_suffix(kEnd.size());
  Diagnostics diagnostics;
  std::optional<Table> table = read_db_text(
      std::string{rows}, {.place = path, .name = inputs.table.table, .mode = DbTextMode::kTolerant},
      diagnostics);
  if (!table) return std::unexpected{Error{path, "cannot be read; delete it"}};
  return SourceContent{.text = {}, .table = std::move(table), .version = {}};
}

}  // namespace steer::config
