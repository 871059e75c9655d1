#include "tools/sipsteer/operator_desk.h"

#include <set>

#include "config/units.h"
#include "core/base/limits.h"
#include "dispatch/destination_set.h"
#include "tools/sipsteer/safety.h"
#include "tools/sipsteer/view.h"

namespace steer {
namespace {

using admin::RefusalKind;
using dispatch::Destination;
using dispatch::Intent;

std::unexpected<admin::Refusal> refuse(RefusalKind kind, std::string text) {
  return std::unexpected{admin::Refusal{kind, std::move(text), {}}};
}

std::string full_text() {
  return "operators' words stand on " + std::to_string(admin::kOperatorEntryCountMax) +
         " destinations, which is the limit; take some back first";
}

// What is wrong with a lifetime; empty if nothing is.
std::string lifetime_mistake(Duration lasts) {
  if (lasts >= Duration{0} && lasts <= OperatorDesk::kLifetimeMax) return {};
  return "a lifetime is at most " + config::duration_text(OperatorDesk::kLifetimeMax) +
         "; leave it out for a word that lasts until it is taken back";
}

std::optional<WallTime> end_of(Duration lasts, WallTime now) {
  if (lasts == Duration{0}) return std::nullopt;
  return now + std::chrono::ceil<std::chrono::milliseconds>(lasts);
}

std::string lasting(Duration lasts) {
  return lasts == Duration{0} ? "" : " for " + config::duration_text(lasts);
}

std::string name_of(const EntryName& name, const std::string& uri) {
  return std::to_string(name.first.value) + "/" + uri;
}

EntryName entry_name(const Destination& destination) {
  return {destination.set, dispatch::identity_of(destination.definition)};
}

// Why one that operators let take calls takes none.
std::string what_else_keeps_out(const Destination& destination) {
  if (destination.takes_new_requests()) {
    return destination.weight == 0 ? ", but takes no new calls: its weight is 0" : "";
  }
  return std::string{", but takes no new calls yet: "} +
         (destination.configured_usable ? "its probes fail" : "the list keeps it out");
}

template <class Word>
std::string left_of(const Word& word, WallTime now) {
  std::string text;
  if (word.until) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(*word.until - now);
    text = " for another " + config::duration_text(std::max(left, std::chrono::seconds{0}));
  }
  return text + (word.reason.empty() ? "" : ": " + word.reason);
}

}  // namespace

OperatorDesk::Restored OperatorDesk::restore(WallTime now) {
  JournalFile::Found found = journal_.read();
  Restored restored{.text = {}, .warning = std::move(found.warning)};
  if (!found.journal) return restored;
  book_.restore(*found.journal);
  const std::size_t over = book_.expire(now).size();
  for (const auto& [name, words] : book_.all()) {
    enforce(name);
  }
  restored.text = "operators' words from before the restart are in force for " +
                  std::to_string(book_.all().size()) + " destinations, " +
                  std::to_string(book_.additions().size()) + " were added by hand";
  if (over == 0) return restored;
  restored.text += "; " + std::to_string(over) + " ended meanwhile";
  const std::string unkept = keep();
  if (!unkept.empty()) restored.warning = "the journal" + unkept;
  return restored;
}

void OperatorDesk::enforce(const EntryName& name) {
  dispatch::EntryWord word;
  if (const admin::EntryWords* said = book_.find(name)) {
    if (said->state) word.intent = said->state->intent;
    if (said->weight) word.weight = said->weight->weight;
  }
  routing_.registry().say(name, word);
}

std::string OperatorDesk::keep() {
  const Result<void> written = journal_.write(book_.journal());
  problem_ = written ? "" : written.error().text();
  return written ? "" : "; this will not survive a restart: " + problem_;
}

admin::Answer<OperatorDesk::Done> OperatorDesk::set_state(const admin::StateChange& change,
                                                          WallTime now) {
  const bool takes_back = change.state == "active";
  const bool disables = change.state == "disabled";
  if (!takes_back && !disables && change.state != "draining") {
    return refuse(RefusalKind::kFailed,
                  "unknown state '" + change.state + "'; use active, draining or disabled");
  }
  if (const std::string mistake = lifetime_mistake(change.lasts); !mistake.empty()) {
    return refuse(RefusalKind::kFailed, mistake);
  }
  const auto found = find_destination(routing_.snapshot(), change.destination);
  if (!found) return std::unexpected{found.error()};
  const Destination& destination = **found;
  const EntryName name = entry_name(destination);
  Done done{.name = name, .reason = change.reason};
  if (takes_back) {
    book_.take_back_state(name);
    enforce(name);
    done.text = steer::name_of(destination) + " is enabled" + what_else_keeps_out(destination);
  } else {
    const Intent intent = disables ? Intent::kDisabled : Intent::kDraining;
    const std::string unsafe =
        why_unsafe(routing_.snapshot(), destination, {intent, destination.weight});
    if (!unsafe.empty() && !change.force) return refuse(RefusalKind::kUnsafe, unsafe);
    const bool had_room = book_.set_state(name, destination.definition.uri,
                                          {.intent = intent,
                                           .reason = change.reason,
                                           .since = now,
                                           .until = end_of(change.lasts, now)});
    if (!had_room) return refuse(RefusalKind::kFailed, full_text());
    enforce(name);
    done.text = steer::name_of(destination) + (disables ? " is disabled" : " is draining") +
                lasting(change.lasts);
  }
  done.text += keep();
  return done;
}

admin::Answer<OperatorDesk::Done> OperatorDesk::set_weight(const admin::WeightChange& change,
                                                           WallTime now) {
  if (change.weight.value_or(0) > kWeightMax) {
    return refuse(RefusalKind::kFailed, "weight " + std::to_string(*change.weight) +
                                            " is too large; use 0 to " +
                                            std::to_string(kWeightMax));
  }
  if (const std::string mistake = lifetime_mistake(change.lasts); !mistake.empty()) {
    return refuse(RefusalKind::kFailed, mistake);
  }
  const auto found = find_destination(routing_.snapshot(), change.destination);
  if (!found) return std::unexpected{found.error()};
  const Destination& destination = **found;
  const EntryName name = entry_name(destination);
  const std::uint32_t weight = change.weight.value_or(destination.definition.weight);
  const Intent intent = destination.entry->intent.load(std::memory_order_acquire);
  const std::string unsafe =
      weight == 0 ? why_unsafe(routing_.snapshot(), destination, {intent, weight}) : "";
  if (!unsafe.empty() && !change.force) return refuse(RefusalKind::kUnsafe, unsafe);
  Done done{.name = name, .reason = change.reason, .new_weight = weight != destination.weight};
  done.text = steer::name_of(destination) + " has weight " + std::to_string(weight);
  if (change.weight) {
    const bool had_room = book_.set_weight(name, destination.definition.uri,
                                           {.weight = weight,
                                            .reason = change.reason,
                                            .since = now,
                                            .until = end_of(change.lasts, now)});
    if (!had_room) return refuse(RefusalKind::kFailed, full_text());
    done.text += lasting(change.lasts);
  } else {
    book_.take_back_weight(name);
    done.text += ", as listed";
  }
  enforce(name);
  done.text += keep();
  return done;
}

std::vector<OperatorDesk::Done> OperatorDesk::expire(WallTime now) {
  std::vector<Done> result;
  for (const ExpiredWord& word : book_.expire(now)) {
    enforce(word.name);
    const std::string what = word.was_state
                                 ? " is enabled: the operator's word is over"
                                 : " has its listed weight again: the operator's is over";
    result.push_back({.name = word.name,
                      .text = name_of(word.name, word.uri) + what,
                      .reason = "the operator's word is over",
                      .new_weight = !word.was_state});
  }
  if (!result.empty()) result.back().text += keep();
  return result;
}

std::string OperatorDesk::follow(const dispatch::Definition& next) {
  const std::vector<dispatch::Renamed> renamed = book_.followers(next.sets);
  if (renamed.empty()) return {};
  book_.follow(renamed);
  for (const dispatch::Renamed& each : renamed) {
    routing_.registry().rename(each.before, each.after);
    enforce(each.after);  // It may have had a record of its own.
  }
  return "operators' words for " + std::to_string(renamed.size()) +
         " destinations have followed them to another duid" + keep();
}

std::string OperatorDesk::note_listed(WallTime now) {
  std::map<EntryName, std::string> listed;
  for (const dispatch::SetDefinition& set : routing_.definition().sets) {
    for (const dispatch::DestinationDefinition& definition : set.destinations) {
      listed.emplace(EntryName{set.id, dispatch::identity_of(definition)}, definition.uri);
    }
  }
  if (book_.all().empty()) return {};
  const std::vector<EntryName> forgotten = book_.note_listed(listed, now);
  for (const EntryName& name : forgotten) {
    enforce(name);
  }
  if (forgotten.empty()) return {};
  return "operators' words for " + std::to_string(forgotten.size()) +
         " destinations that are not listed any more were forgotten" + keep();
}

admin::Answer<std::string> OperatorDesk::add(const admin::Addition& addition) {
  if (!book_.add(addition)) {
    return refuse(RefusalKind::kFailed, "by hand " + std::to_string(admin::kAdditionCountMax) +
                                            " destinations were added, which is the limit; write "
                                            "them into the list");
  }
  return keep();
}

admin::Answer<std::string> OperatorDesk::remove(std::uint32_t set, const std::string& uri) {
  if (!book_.remove(set, uri)) {
    return refuse(RefusalKind::kNoSuchDestination,
                  std::to_string(set) + "/" + uri +
                      " was not added by hand; to take a listed "
                      "one out, remove its line and reload, or disable it");
  }
  return keep();
}

namespace {

// Identity by which the list names it: a word about a duid that was no duid is told as such.
std::string duid_text(const std::string& identity, const std::string& uri) {
  return identity == uri ? "no duid" : "duid " + identity;
}

void add_lines(const std::string& entry, const admin::EntryWords& words, WallTime now,
               std::vector<std::string>& lines) {
  if (words.state) {
    const bool disabled = words.state->intent == Intent::kDisabled;
    lines.push_back(entry + ": " + (disabled ? "disabled" : "draining") +
                    left_of(*words.state, now));
  }
  if (words.weight) {
    lines.push_back(entry + ": weight " + std::to_string(words.weight->weight) +
                    left_of(*words.weight, now));
  }
}

}  // namespace

WordLines word_lines(const IntentBook& book, const std::vector<dispatch::SetDefinition>& sets,
                     WallTime now) {
  std::map<EntryName, std::string> uris;
  for (const dispatch::SetDefinition& set : sets) {
    for (const dispatch::DestinationDefinition& each : set.destinations) {
      uris.emplace(EntryName{set.id, dispatch::identity_of(each)}, each.uri);
    }
  }
  std::map<EntryName, EntryName> moves;
  for (const dispatch::Renamed& each : book.followers(sets)) {
    moves.emplace(each.before, each.after);
  }
  WordLines lines;
  for (const auto& [name, words] : book.all()) {
    const std::string entry = name_of(name, words.uri);
    const auto listed = uris.find(name);
    const auto moved = moves.find(name);
    if (listed != uris.end()) {
      const bool same = listed->second == words.uri;
      add_lines(same ? entry : entry + " (now " + listed->second + ")", words, now, lines.kept);
    } else if (moved != moves.end()) {
      add_lines(entry + " (" + duid_text(name.second, words.uri) + " -> " +
                    duid_text(moved->second.second, words.uri) + ")",
                words, now, lines.kept);
    } else {
      add_lines(entry, words, now, lines.waiting);
    }
  }
  return lines;
}

}  // namespace steer
