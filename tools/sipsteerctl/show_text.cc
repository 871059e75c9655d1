#include "tools/sipsteerctl/show_text.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "admin/rfc3339.h"
#include "tools/sipsteerctl/layout.h"

namespace steer::ctl {
namespace {

constexpr std::size_t kLabelWidth = 12;

class Lines {
 public:
  Lines(std::string& text, const Terminal& terminal) : text_{text}, terminal_{terminal} {}

  // The label stands before the first of its lines.
  void add(std::string_view label, const std::string& value) {
    if (value.empty()) return;
    std::string lines = paragraph(printable(value), 2 + kLabelWidth, terminal_.columns);
    lines.replace(2, label.size(), label);
    text_ += lines;
  }

 private:
  std::string& text_;
  const Terminal& terminal_;
};

std::string weight_text(const admin::DestinationRow& row) {
  std::string text = fmt::format("{}", row.weight);
  if (row.operator_weight) {
    text += fmt::format(", by the operator (the list says {})", row.configured_weight);
  }
  if (row.share < 1) text += fmt::format("; starts slowly, {:.0f} % for now", 100 * row.share);
  if (row.paused) text += "; asked for no new calls for a while";
  return text;
}

std::string operator_text(const admin::DestinationRow& row) {
  std::string text;
  const auto add = [&text](const std::string& word, const std::string& reason,
                           const std::optional<WallTime>& until) {
    text += (text.empty() ? "" : "; ") + word;
    if (!reason.empty()) text += ": " + reason;
    if (until) text += ", until " + admin::rfc3339(*until);
  };
  if (row.operator_intent) add(*row.operator_intent, row.operator_reason, row.operator_until);
  if (row.operator_weight) {
    add(fmt::format("weight {}", *row.operator_weight), row.operator_weight_reason,
        row.operator_weight_until);
  }
  return text;
}

std::string probe_text(const admin::DestinationRow& row) {
  if (!row.probe_last_ms) return {};
  return fmt::format("{:.1f} ms last, {:.1f} ms half of them, {:.1f} ms 99 in 100",
                     *row.probe_last_ms, row.probe_p50_ms.value_or(0),
                     row.probe_p99_ms.value_or(0));
}

std::string responses_text(const admin::DestinationRow& row) {
  std::string text;
  for (std::size_t i = 0; i < row.responses.size(); ++i) {
    if (row.responses[i] == 0) continue;
    text += fmt::format("{}{}xx {}", text.empty() ? "" : ", ", i + 1, row.responses[i]);
  }
  return text;
}

std::string changes_text(const admin::DestinationRow& row) {
  std::string text;
  for (const admin::StateChanges& each : row.state_changes) {
    text += fmt::format("{}{} by {} {} times", text.empty() ? "" : ", ", each.to, each.cause,
                        each.count);
  }
  return text;
}

std::string attributes_text(const admin::DestinationRow& row) {
  std::string text;
  for (const auto& [name, value] : row.attributes) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ";", name, value);
  }
  return text;
}

void add_row(std::uint32_t set, const admin::DestinationRow& row, const Terminal& terminal,
             WallTime now, std::string& text) {
  text +=
      fmt::format("\n{}{}{}  {}/{}\n", terminal.colour ? colour_of(row.state) : "",
                  printable(row.state), terminal.colour ? kColourOff : "", set, printable(row.uri));
  Lines lines{text, terminal};
  lines.add("since", row.since == WallTime{}
                         ? std::string{}
                         : fmt::format("{} ({})", admin::rfc3339(row.since), age(row.since, now)));
  lines.add("because", row.reason);
  lines.add("address", row.address);
  lines.add("weight", weight_text(row));
  lines.add("list says", row.added ? "nothing: added by the operator" : row.configured);
  lines.add("operator", operator_text(row));
  lines.add("health", row.health);
  lines.add("probes", probe_text(row));
  lines.add("requests", fmt::format("{} new, {} within dialogs, {} within dialogs from it",
                                    row.selected, row.in_dialog, row.in_dialog_from));
  lines.add("responses", responses_text(row));
  lines.add("changes", changes_text(row));
  lines.add("attributes", attributes_text(row));
}

}  // namespace

std::string show_text(const admin::ListAnswer& list, const Terminal& terminal, WallTime now) {
  std::string text;
  for (const admin::SetRow& set : list.sets) {
    const auto active =
        std::ranges::count_if(set.destinations, [](const admin::DestinationRow& row) {
          return row.state == "active" && row.takes_new_calls;
        });
    text += fmt::format("set {}, {}: {} of {} active, generation {}\n", set.id,
                        set.algorithm.empty() ? "used by no route" : printable(set.algorithm),
                        active, set.destinations.size(), list.generation);
    for (const admin::DestinationRow& row : set.destinations) {
      add_row(set.id, row, terminal, now, text);
    }
  }
  return text;
}

}  // namespace steer::ctl
