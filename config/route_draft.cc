#include "config/route_draft.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/algorithm.h"
#include "config/mode_store.h"
#include "core/base/result.h"

namespace steer::config {
namespace {

using dispatch::AlgorithmKind;

void finish_algorithm(RouteDraft& draft, Dialect dialect, Diagnostics& diagnostics) {
  const KeyValue& value = *draft.algorithm;
  const Result<AlgorithmChoice> choice =
      value.is_number ? algorithm_by_number(value.integer, dialect) : algorithm_by_name(value.text);
  if (!choice) {
    diagnostics.error(value.place, choice.error().what);
    return;
  }
  if (!choice->warning.empty()) diagnostics.warning(value.place, choice->warning);
  draft.definition.algorithm = choice->kind;
}

void finish_hash(RouteDraft& draft, Diagnostics& diagnostics) {
  Place place = draft.hash->place;
  Result<dispatch::PseudoVariableFormat> format =
      dispatch::parse_pseudo_variables(draft.hash->text);
  if (!format) {
    // Error::where is the column in the text, which begins after the opening quote.
    const std::string& where = format.error().where;
    std::uint32_t column = 0;
    std::from_chars(where.data(), where.data() + where.size(), column);
    place.column += column;
    diagnostics.error(std::move(place), "route.hash: " + format.error().what);
    return;
  }
  draft.definition.hash = *std::move(format);
}

// An INVITE's ACK and CANCEL must take the way of their INVITE (RFC 3261 §9.1, §17.1.1.3), so a
// rule for INVITE is a rule for them.
void add_companions(std::vector<std::string>& methods) {
  if (std::ranges::find(methods, "INVITE") == methods.end()) return;
  for (const char* const companion : {"ACK", "CANCEL"}) {
    if (std::ranges::find(methods, companion) == methods.end()) methods.emplace_back(companion);
  }
}

bool hashes_a_uri(AlgorithmKind kind) {
  return kind == AlgorithmKind::kFromUri || kind == AlgorithmKind::kToUri ||
         kind == AlgorithmKind::kRequestUri;
}

}  // namespace

void finish_route(RouteDraft& draft, Dialect dialect, Diagnostics& diagnostics) {
  if (!draft.has_set) {
    diagnostics.error(draft.definition.place,
                      "this route names no set; write set = 1 or another id of the list");
  }
  add_companions(draft.definition.match.methods);
  if (draft.algorithm) finish_algorithm(draft, dialect, diagnostics);
  if (draft.hash) finish_hash(draft, diagnostics);
  const AlgorithmKind kind = draft.definition.algorithm;
  if (kind == AlgorithmKind::kPseudoVariables && !draft.hash) {
    diagnostics.error(
        draft.algorithm->place,
        "algorithm \"pv\" (7) needs a text to hash; write hash = \"$fU\", for example");
  }
  if (draft.hash && kind != AlgorithmKind::kPseudoVariables) {
    diagnostics.error(draft.hash->place,
                      "route.hash has no effect with this algorithm; write algorithm = \"pv\" or "
                      "delete the hash");
  }
  check_mode(draft, diagnostics);
  if (draft.user_only && !hashes_a_uri(kind)) {
    diagnostics.error(*draft.user_only,
                      "route.user_only has a meaning for from-uri, to-uri and request-uri only; "
                      "delete it");
  }
}

bool matches_everything(const dispatch::RouteMatch& match) {
  return match.methods.empty() && match.sources.empty() && match.request_uri_user.empty() &&
         !match.transport && !match.from_set;
}

}  // namespace steer::config
