// What a reload would change, and the reload that happens only if nothing else has changed since.
#include <cinttypes>
#include <cstdio>

#include "admin/make_plan.h"
#include "config/print_config.h"
#include "core/base/hash.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/configuration.h"
#include "tools/sipsteer/control.h"

namespace steer {
namespace {

// Every word of operators, as the planning code wants them.
std::vector<admin::PlannedWord> planned_words(const IntentBook& book) {
  std::vector<admin::PlannedWord> words;
  for (const auto& [name, said] : book.all()) {
    dispatch::EntryWord word;
    if (said.state) word.intent = said.state->intent;
    if (said.weight) word.weight = said.weight->weight;
    words.push_back({.name = name, .word = word});
  }
  return words;
}

// All of a definition that a list says, as text to be digested.
std::string text_of(const dispatch::Definition& definition) {
  std::string text;
  for (const dispatch::SetDefinition& set : definition.sets) {
    text += "\n" + std::to_string(set.id.value);
    for (const dispatch::DestinationDefinition& each : set.destinations) {
      text += "\n" + each.uri + " " + to_string(each.address) + " " +
              std::string{dispatch::name_of(each.state)} + " " + std::to_string(each.weight) + " " +
              std::to_string(each.priority) + " " + std::to_string(each.probed);
      for (const auto& [name, value] : each.attributes) {
        text += ";" + name + "=" + value;
      }
    }
  }
  return text;
}

}  // namespace

// Of the state now (generation, operators' words) and of what was read, so that the same token
// means the same change from the same state. No secret: it guards against haste, not against
// enemies.
std::string Control::plan_token(const admin::PlanAnswer& plan,
                                const dispatch::Definition& next) const {
  std::string all = std::to_string(plan.generation) + " " +
                    std::to_string(desk_->book().revision()) + text_of(next);
  for (const std::string& setting : plan.settings) {
    all += "\n" + setting;
  }
  const TableHasher hasher{Seed{}};
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016" PRIx64, hasher(std::string_view{all}));
  return digits.data();
}

admin::Answer<admin::PlanAnswer> Control::plan() {
  config::Diagnostics diagnostics;
  const std::optional<config::Settings> next = settings_of(options_, diagnostics);
  std::optional<dispatch::Definition> definition;
  if (next) definition = load(*next, diagnostics);
  if (!definition || diagnostics.has_errors()) {
    return std::unexpected{admin::Refusal{
        admin::RefusalKind::kFailed,
        "a reload would be refused; mend what is listed, then plan again", diagnostics.lines()}};
  }
  const std::vector<admin::PlannedWord> words = planned_words(desk_->book());
  admin::PlanAnswer answer = admin::make_plan({.present = routing_->snapshot(),
                                               .before = routing_->definition(),
                                               .after = *definition,
                                               .settings_before = settings_,
                                               .settings_after = *next,
                                               .words = words});
  answer.generation = routing_->snapshot().generation;
  answer.intents = intent_lines(desk_->book(), wall_now());
  for (const config::Diagnostic& each : diagnostics.all()) {
    if (each.severity == config::Severity::kWarning) {
      answer.warnings.push_back(config::format(each));
    }
  }
  answer.token = plan_token(answer, *definition);
  return answer;
}

admin::Answer<admin::ReloadAnswer> Control::apply(const std::string& token) {
  const admin::Answer<admin::PlanAnswer> now = plan();
  if (!now) return std::unexpected{now.error()};
  if (now->token == token) return reload();
  return std::unexpected{
      admin::Refusal{admin::RefusalKind::kFailed,
                     "the state or the files have changed since that plan; nothing was done. Run "
                     "`sipsteerctl plan` again and look at it",
                     {}}};
}

}  // namespace steer
