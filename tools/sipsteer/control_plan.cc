// What a reload would change, and the reload that happens only if nothing else has changed since.
#include <cinttypes>
#include <cstdio>
#include <map>

#include "admin/make_plan.h"
#include "config/print_config.h"
#include "core/base/hash.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/configuration.h"
#include "tools/sipsteer/control.h"

namespace steer {
namespace {

// Every word of operators, as the planning code wants them: by the names of the planned list.
std::vector<admin::PlannedWord> planned_words(const IntentBook& book,
                                              const dispatch::Definition& next) {
  std::map<EntryName, EntryName> moves;
  for (const dispatch::Renamed& each : book.followers(next.sets)) {
    moves.emplace(each.before, each.after);
  }
  std::vector<admin::PlannedWord> words;
  for (const auto& [name, said] : book.all()) {
    dispatch::EntryWord word;
    if (said.state) word.intent = said.state->intent;
    if (said.weight) word.weight = said.weight->weight;
    const auto moved = moves.find(name);
    words.push_back({.name = moved == moves.end() ? name : moved->second, .word = word});
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
  const auto key = [&text](const ClusterKey& each) {
    text.append(each.octets.begin(), each.octets.end());
  };
  key(definition.keys.signing);
  if (definition.keys.verifying) key(*definition.keys.verifying);
  return text;
}

// Who takes new calls now: what a plan counts as active before and after.
std::string text_of(const dispatch::Snapshot& snapshot) {
  std::string text;
  for (const dispatch::DestinationSet& set : snapshot.sets) {
    for (const dispatch::Destination& each : set.destinations) {
      text += each.takes_new_requests() ? '+' : '-';
    }
  }
  return text;
}

}  // namespace

// Of the state now (generation, operators' words, who takes calls) and of what was read, so that
// the same token means the same change from the same state. No secret: it guards against haste, not
// against enemies.
std::string Control::plan_token(const Loaded& loaded) const {
  const TableHasher hasher{Seed{}};
  const std::string all = std::to_string(routing_->snapshot().generation) + " " +
                          std::to_string(desk_->book().revision()) + " " +
                          text_of(routing_->snapshot()) + text_of(loaded.definition) + "\n" +
                          config::print_config(loaded.read);
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016" PRIx64, hasher(std::string_view{all}));
  return digits.data();
}

admin::PlanAnswer Control::plan_of(const Loaded& loaded,
                                   const config::Diagnostics& diagnostics) const {
  const std::vector<admin::PlannedWord> words = planned_words(desk_->book(), loaded.definition);
  admin::PlanAnswer answer = admin::make_plan({.present = routing_->snapshot(),
                                               .before = routing_->definition(),
                                               .after = loaded.definition,
                                               .settings_before = settings_,
                                               .settings_after = loaded.read,
                                               .words = words});
  answer.generation = routing_->snapshot().generation;
  WordLines lines = word_lines(desk_->book(), loaded.definition.sets, wall_now());
  answer.intents = std::move(lines.kept);
  answer.intents_waiting = std::move(lines.waiting);
  for (const config::Diagnostic& each : diagnostics.all()) {
    if (each.severity == config::Severity::kWarning) {
      answer.warnings.push_back(config::format(each));
    }
  }
  answer.token = plan_token(loaded);
  return answer;
}

admin::Answer<admin::PlanAnswer> Control::plan() {
  config::Diagnostics diagnostics;
  const std::optional<Loaded> loaded = load_again(diagnostics);
  if (loaded) return plan_of(*loaded, diagnostics);
  return std::unexpected{admin::Refusal{
      admin::RefusalKind::kFailed,
      "a reload would be refused; mend what is listed, then plan again", diagnostics.lines()}};
}

// The files are read once: what the token was found right for is what is taken.
admin::Answer<admin::ReloadAnswer> Control::apply(const std::string& token) {
  config::Diagnostics diagnostics;
  std::optional<Loaded> loaded = load_again(diagnostics);
  if (loaded && plan_token(*loaded) == token) return take(*std::move(loaded), diagnostics);
  return std::unexpected{
      admin::Refusal{admin::RefusalKind::kFailed,
                     "the state has changed since the plan, or the files have; nothing was done. "
                     "Run `sipsteerctl plan` again and look at it",
                     {}}};
}

}  // namespace steer
