#include "tools/sipsteerctl/plan_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "tools/sipsteerctl/layout.h"

namespace steer::ctl {
namespace {

constexpr std::size_t kIndent = 4;

std::string_view sign_of(std::string_view change) {
  if (change == "added") return "+";
  if (change == "removed") return "-";
  return "~";
}

std::string_view colour_of_change(std::string_view change) {
  if (change == "added") return "\x1b[32m";
  if (change == "removed") return "\x1b[31m";
  return "\x1b[33m";
}

std::string rows_text(const admin::PlanAnswer& plan, const Terminal& terminal) {
  std::string text;
  for (const admin::PlanRow& row : plan.destinations) {
    text += fmt::format("{}{}{} {}/{}\n", terminal.colour ? colour_of_change(row.change) : "",
                        sign_of(row.change), terminal.colour ? kColourOff : "", row.set,
                        printable(row.destination));
    if (!row.text.empty()) text += paragraph(printable(row.text), kIndent, terminal.columns);
  }
  return text;
}

std::string sets_text(const admin::PlanAnswer& plan) {
  std::string text = "SET         ACTIVE  CALLS THAT MOVE\n";
  for (const admin::PlanSet& set : plan.sets) {
    const std::string active = set.active_before == set.active_after
                                   ? fmt::format("{}", set.active_after)
                                   : fmt::format("{} -> {}", set.active_before, set.active_after);
    text += fmt::format("{:<10}  {:>6}  {:>13.1f} %\n", set.set, active, 100 * set.moved_share);
  }
  return text;
}

std::string lines_text(std::string_view title, const std::vector<std::string>& lines,
                       const Terminal& terminal) {
  if (lines.empty()) return "";
  std::string text = fmt::format("\n{}\n", title);
  for (const std::string& line : lines) {
    text += paragraph(printable(line), 2, terminal.columns);
  }
  return text;
}

}  // namespace

std::string plan_text(const admin::PlanAnswer& plan, const Terminal& terminal) {
  const auto count = [&](std::string_view change) {
    return std::ranges::count(plan.destinations, change, &admin::PlanRow::change);
  };
  std::string text;
  if (plan.nothing) {
    text = fmt::format("nothing would change; generation {} serves\n", plan.generation);
  } else {
    text = fmt::format("+{} -{} ~{} destinations; generation {} serves\n", count("added"),
                       count("removed"), count("changed"), plan.generation);
    text += rows_text(plan, terminal);
    text += "\n" + sets_text(plan);
  }
  text += lines_text("other changes", plan.settings, terminal);
  text += lines_text("operators' words that stay", plan.intents, terminal);
  text += lines_text("operators' words without a destination, kept 30 days for its return",
                     plan.intents_waiting, terminal);
  text += lines_text("warnings", plan.warnings, terminal);
  if (!plan.nothing) {
    text += fmt::format("\nto do it: sipsteerctl apply {}\n", printable(plan.token));
  }
  return text;
}

}  // namespace steer::ctl
