#include "config/algorithm.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "config/suggestion.h"

namespace steer::config {
namespace {

using dispatch::AlgorithmKind;

constexpr std::int64_t kNone = -1;

// What is known of an algorithm: its name, its numbers, and what it runs or why it does not.
struct Row {
  std::string_view name;
  std::int64_t kamailio = kNone;
  std::int64_t opensips = kNone;
  std::optional<AlgorithmKind> kind;
  std::string_view cure;
};

constexpr std::string_view kUseRoundRobin =
    "is not built yet; use \"round-robin\", which shares calls by weight";
constexpr std::string_view kUseWeights =
    "is not built yet; \"call-id\" and the other hashes already share calls by weight";
constexpr std::string_view kUseCallId = "is not built yet; use \"call-id\"";

constexpr std::array kRows{
    Row{"call-id", 0, 0, AlgorithmKind::kCallId, {}},
    Row{"from-uri", 1, 1, AlgorithmKind::kFromUri, {}},
    Row{"to-uri", 2, 2, AlgorithmKind::kToUri, {}},
    Row{"request-uri", 3, 3, AlgorithmKind::kRequestUri, {}},
    Row{"round-robin", 4, 4, AlgorithmKind::kRoundRobin, {}},
    Row{"auth-username", 5, 5, AlgorithmKind::kAuthUsername, {}},
    Row{"random", 6, 6, AlgorithmKind::kRandom, {}},
    Row{"pv", 7, 7, AlgorithmKind::kPseudoVariables, {}},
    Row{"first", kNone, kNone, AlgorithmKind::kFirst, {}},
    Row{"priority", 8, 8, AlgorithmKind::kPriority, {}},
    // Shares by weight, without the 100 places of Kamailio's table.
    Row{"weight", 9, kNone, AlgorithmKind::kRandom, {}},
    Row{"least-calls", 10, kNone, {}, kUseCallId},
    Row{"relative-weight", 11, kNone, AlgorithmKind::kRandom, {}},
    Row{"parallel", 12, kNone, {}, kUseCallId},
    Row{"latency", 13, kNone, {}, kUseCallId},
    Row{"round-robin-priority", 14, kNone, {}, kUseRoundRobin},
    Row{"priority-weight", 15, kNone, {}, kUseWeights},
    Row{"round-robin-overload", 64, kNone, {}, kUseRoundRobin},
    Row{"load-value", kNone, 9, {}, kUseCallId},
    Row{"route-score", kNone, 10, {}, kUseCallId},
};

Result<AlgorithmChoice> choice_of(const Row& row) {
  if (row.kind) return AlgorithmChoice{*row.kind, {}};
  return std::unexpected{
      Error{{}, "algorithm \"" + std::string{row.name} + "\" " + std::string{row.cure}}};
}

AlgorithmChoice first_entry(const std::string& what) {
  return {AlgorithmKind::kFirst,
          what +
              " means the first entry of the set for all calls; write \"first\" if that is "
              "meant, else a name such as \"call-id\""};
}

}  // namespace

Result<AlgorithmChoice> algorithm_by_name(std::string_view name) {
  if (name == "other") return first_entry("algorithm \"other\"");
  const auto* const row = std::ranges::find(kRows, name, &Row::name);
  if (row != kRows.end()) return choice_of(*row);
  std::vector<std::string_view> names;
  std::string known;
  for (const Row& each : kRows) {
    names.push_back(each.name);
    if (each.kind) known += (known.empty() ? "" : ", ") + std::string{each.name};
  }
  return std::unexpected{Error{{},
                               "unknown algorithm " + quote(name) + did_you_mean(name, names) +
                                   " (there are: " + known + ")"}};
}

Result<AlgorithmChoice> algorithm_by_number(std::int64_t number, Dialect dialect) {
  for (const Row& row : kRows) {
    const std::int64_t defined = dialect == Dialect::kKamailio ? row.kamailio : row.opensips;
    if (number >= 0 && defined == number) return choice_of(row);
  }
  return first_entry("algorithm " + std::to_string(number) + " is not defined by the dialect " +
                     std::string{name_of(dialect)} + " and");
}

std::string number_text(AlgorithmKind kind) {
  for (const Row& row : kRows) {
    if (row.kind == kind && row.kamailio != kNone) return std::to_string(row.kamailio);
  }
  return {};
}

}  // namespace steer::config
