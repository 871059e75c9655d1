#include "tools/sipsteerctl/explain_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "tools/sipsteerctl/layout.h"

namespace steer::ctl {
namespace {

constexpr std::size_t kLabelWidth = 11;

std::string labelled(std::string_view label, const std::string& value, const Terminal& terminal) {
  std::string lines = paragraph(printable(value), kLabelWidth, terminal.columns);
  if (lines.empty()) return lines;
  lines.replace(0, label.size(), label);
  return lines;
}

std::string route_text(const admin::Explanation& answer) {
  if (!answer.route) return {};
  std::string text = fmt::format("{}", *answer.route);
  if (!answer.route_place.empty()) text += fmt::format(" ({})", answer.route_place);
  return text;
}

std::string candidate_text(const admin::ExplainedCandidate& each, std::size_t uri_width,
                           const Terminal& terminal, bool after_winner) {
  const std::string_view mark = each.taken ? "=>" : after_winner ? " +" : "  ";
  std::string text = fmt::format("{} {}  {}{}{}", mark, left(printable(each.uri), uri_width),
                                 terminal.colour ? colour_of(each.state) : "",
                                 left(printable(each.state), 8), terminal.colour ? kColourOff : "");
  if (each.taken) text += "  taken";
  if (after_winner) text += "  would be next";
  if (!each.skipped_because.empty()) text += "  " + printable(each.skipped_because);
  return text + '\n';
}

std::string candidates_text(const admin::Explanation& answer, const Terminal& terminal) {
  if (answer.candidates.empty()) return {};
  std::size_t uri_width = 0;
  for (const admin::ExplainedCandidate& each : answer.candidates) {
    uri_width = std::max(uri_width, width(printable(each.uri)));
  }
  std::string text = "\ncandidates in order\n";
  bool after_winner = false;
  for (const admin::ExplainedCandidate& each : answer.candidates) {
    text += candidate_text(each, uri_width, terminal, after_winner);
    after_winner = after_winner || each.taken;
  }
  return text;
}

}  // namespace

std::string explain_text(const admin::Explanation& answer, const Terminal& terminal) {
  std::string outcome = answer.outcome;
  if (!answer.winner.empty()) outcome += " to " + answer.winner;
  std::string text = labelled("outcome", outcome, terminal);
  if (!answer.winner_address.empty()) text += labelled("address", answer.winner_address, terminal);
  text += labelled("because", answer.because, terminal);
  for (const std::string& skipped : answer.route_skipped) {
    text += labelled("not", skipped, terminal);
  }
  text += labelled("route", route_text(answer), terminal);
  if (answer.set) text += labelled("set", fmt::format("{}", *answer.set), terminal);
  text += labelled("algorithm", answer.algorithm, terminal);
  text += labelled("hash key", answer.hash_key, terminal);
  text += labelled("hash", answer.hash, terminal);
  text += labelled("generation", fmt::format("{}", answer.generation), terminal);
  return text + candidates_text(answer, terminal);
}

}  // namespace steer::ctl
