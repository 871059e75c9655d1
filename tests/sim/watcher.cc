#include "tests/sim/watcher.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "core/proxy/stateful_branch.h"
#include "tests/sim/callee.h"
#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

using dispatch::Destination;
using dispatch::DestinationSet;
using dispatch::EntryRecord;
using dispatch::Snapshot;
using dispatch::TargetRecord;

// Another try of a transaction: chosen among its candidates, whatever the list says of its
// Request-URI by now.
bool is_later_try(std::string_view branch) {
  proxy::StatefulBranch read;
  return proxy::read_stateful_branch(branch, read) && read.attempt != 0;
}

// "z9hG4bKsf.178eb0cd1e0334bc" of a branch of ours: the same for all tries of a request.
std::string request_of_branch(std::string_view branch) {
  constexpr std::size_t kBegin = std::string_view{"z9hG4bKsf."}.size();
  return std::string{branch.substr(0, branch.find('.', std::min(kBegin, branch.size())))};
}

template <class Counters>
std::uint64_t sum_of(const Counters& counters) {
  std::uint64_t sum = 0;
  for (const Counter& counter : counters) {
    sum += counter.read();
  }
  return sum;
}

std::string head_of(std::string_view text) {
  return std::string{text.substr(0, text.find('\r'))} + " of " + std::string{call_id_of(text)};
}

template <class Visit>
void each_entry(const Snapshot& snapshot, const Visit& visit) {
  for (const DestinationSet& set : snapshot.sets) {
    std::ranges::for_each(set.destinations, visit);
  }
  std::ranges::for_each(snapshot.removed, visit);
}

std::string text_of(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& contenders) {
  std::string text;
  for (const auto& [key, weight] : contenders) {
    text += (text.empty() ? "" : " ") + std::to_string(key) + "*" + std::to_string(weight);
  }
  return text;
}

bool has_to_tag(std::string_view text) {
  return !tag_of(field_of(text, "To: ")).empty();
}

dispatch::Intent intent_of(const Watcher::Turn& turn, const Destination& destination) {
  const auto word =
      turn.words.find({destination.set, dispatch::identity_of(destination.definition)});
  return word == turn.words.end() ? dispatch::Intent::kNone : word->second.intent;
}

// What people said lets it have new requests; then also what was observed.
bool takes_in_panic(const Watcher::Turn& turn, const Destination& destination) {
  const dispatch::ConfiguredState state = destination.definition.state;
  const bool listed =
      state == dispatch::ConfiguredState::kActive || state == dispatch::ConfiguredState::kProbing;
  return listed && intent_of(turn, destination) == dispatch::Intent::kNone;
}

bool takes_new(const Watcher::Turn& turn, const Destination& destination) {
  return takes_in_panic(turn, destination) && destination.target->is_up();
}

}  // namespace

Watcher::Counted Watcher::counted(const EntryRecord& entry, std::size_t shard) {
  const dispatch::EntryCounters& counters = entry.counters[shard];
  return {counters.selected.read() + counters.in_dialog.read(), sum_of(counters.failovers)};
}

void Watcher::fail(Invariant invariant, std::string what) {
  if (!violation_) violation_ = Violation{invariant, std::move(what)};
}

void Watcher::note_asker(std::string_view call_id, const Address& source) {
  askers_[std::string{call_id}].insert(source);
}

void Watcher::note_received(const Packet& packet) {
  if (packet.text.find(kForgedLine) != std::string::npos) {
    fail(Invariant::kAnswersAreGenuine, head_of(packet.text) + " reached " + to_string(packet.to));
  }
}

void Watcher::before_turn(const Turn& turn, const Snapshot& newest) {
  entries_.clear();
  const auto note = [&](const Destination& destination) {
    entries_[destination.entry] = counted(*destination.entry, turn.shard);
  };
  each_entry(turn.snapshot, note);
  each_entry(newest, note);
  tries_.before_turn(turn.port, turn.hands_over);
}

void Watcher::after_turn(const Turn& turn) {
  // Requests that a destination counts: all but what has a transaction and was sent before.
  std::uint64_t requests = 0;
  for (const Send& send : turn.sends) {
    if (!is_request_text(send.bytes)) {
      check_response(turn, send);
      continue;
    }
    if (is_again(send)) continue;
    if (is_counted(turn, send)) ++requests;
    check_request(turn, send);
  }
  const std::uint64_t failovers = tries_.after_turn(turn.sends, turn.had_room);
  failovers_ += failovers;
  check_counters(turn);
  if (turn.had_room) check_entries(turn, {requests, failovers});
}

// A retransmission, a CANCEL or the ACK to a failure, made from a transaction: it goes where its
// request went, whatever has become of that destination.
bool Watcher::is_again(const Send& send) {
  const std::string branch = branch_of(send.bytes);
  const auto [place, is_new] = branches_.try_emplace(branch, send.target);
  if (!is_new && place->second != send.target) {
    fail(Invariant::kOneBranchOneDestination, head_of(send.bytes) + " went to " +
                                                  to_string(send.target) + " under a branch of " +
                                                  to_string(place->second));
  }
  return !is_new && is_stateful_branch(branch);
}

// A destination counts it: one that is listed, or was lately.
bool Watcher::is_counted(const Turn& turn, const Send& send) const {
  const bool comes_from_one = destination_of(tag_of(field_of(send.bytes, "From: "))) != nullptr;
  return !comes_from_one && turn.snapshot.addresses.at(send.target) != nullptr;
}

// "to-3-17" is a tag of the fourth. Null: nobody's.
const Address* Watcher::destination_of(std::string_view tag) const {
  constexpr std::string_view kBegin = "to-";
  if (!tag.starts_with(kBegin)) return nullptr;
  tag.remove_prefix(kBegin.size());
  std::size_t number = destinations_.size();
  std::from_chars(tag.data(), tag.data() + tag.size(), number);
  return number < destinations_.size() ? &destinations_[number] : nullptr;
}

// With Record-Route a request within a dialog goes to the other side of it, and nobody's state or
// list changes that but an operator's "disable".
bool Watcher::is_settled_by_mark(const Turn& turn, const Send& send) {
  if (!turn.snapshot.routes.front().record_route || !has_to_tag(send.bytes)) return false;
  const auto judge = [&](const Address& other_side) {
    if (send.target != other_side) {
      fail(Invariant::kInDialogArrives, head_of(send.bytes) + " went to " + to_string(send.target) +
                                            ", the other side is " + to_string(other_side));
    }
    return true;
  };
  if (destination_of(tag_of(field_of(send.bytes, "From: "))) != nullptr) {
    const auto caller = callers_.find(call_id_of(send.bytes));
    return caller != callers_.end() && judge(caller->second);
  }
  const Address* party = destination_of(tag_of(field_of(send.bytes, "To: ")));
  // The ACK to a failure has a To tag, too, but no remote target. That of a dialog may be another
  // destination than the mark's: who answered within it while the mark's was disabled.
  const bool has_target =
      std::ranges::find(destinations_, address_in(uri_of(send.bytes))) != destinations_.end();
  if (party == nullptr || !has_target) return false;
  bool disabled = false;
  each_entry(turn.snapshot, [&](const Destination& each) {
    disabled |= each.address == *party && intent_of(turn, each) == dispatch::Intent::kDisabled;
  });
  // Then it is dispatched like any other, and its later tries are, whatever is said meanwhile.
  const std::string request = request_of_branch(branch_of(send.bytes));
  if (disabled) dispatched_anew_.insert(request);
  return disabled || dispatched_anew_.contains(request) || judge(*party);
}

void Watcher::check_request(const Turn& turn, const Send& send) {
  const Snapshot& snapshot = turn.snapshot;
  if (is_settled_by_mark(turn, send)) return;
  if (snapshot.addresses.at(send.target) == nullptr) {
    return fail(Invariant::kOnlyListedGetRequests,
                head_of(send.bytes) + " went to " + to_string(send.target));
  }
  if (has_to_tag(send.bytes)) {
    const dispatch::SetId set = snapshot.sets[snapshot.routes.front().set_index].id;
    const Destination* named = snapshot.addresses.in_dialog_at(address_in(uri_of(send.bytes)), set);
    if (named != nullptr) {
      if (intent_of(turn, *named) == dispatch::Intent::kDisabled) {
        return fail(
            Invariant::kClosedGetsNothingNew,
            head_of(send.bytes) + " went to " + to_string(send.target) + ", which is disabled");
      }
      if (named->address == send.target || is_later_try(branch_of(send.bytes))) return;
      return fail(Invariant::kInDialogArrives,
                  head_of(send.bytes) + " went to " + to_string(send.target));
    }
  }
  check_new_request(turn, send);
}

void Watcher::check_new_request(const Turn& turn, const Send& send) {
  // What an outbox had no room for is seen first when it is repeated: too late to judge the choice.
  const bool has_state = is_stateful_branch(branch_of(send.bytes));
  if (has_state && !turn.had_room) return;
  const dispatch::Route& route = turn.snapshot.routes.front();
  const DestinationSet& set = turn.snapshot.sets[route.set_index];
  const auto is_it = [&](const Destination& each) { return each.address == send.target; };
  if (std::ranges::none_of(set.destinations, is_it)) {
    return fail(Invariant::kOnlyListedGetRequests,
                head_of(send.bytes) + " went to " + to_string(send.target) + ", which generation " +
                    std::to_string(turn.snapshot.generation) + " does not list");
  }
  const auto takes = [&](const Destination& each) {
    return takes_new(turn, each) && each.weight != 0;
  };
  const bool panic =
      route.panic == dispatch::PanicMode::kUseAll && std::ranges::none_of(set.destinations, takes);
  if (panic) return;
  // A request whose first choice was made in panic stays so, whoever came up meanwhile.
  const bool may_panic = has_state && route.panic == dispatch::PanicMode::kUseAll;
  const bool open = std::ranges::any_of(set.destinations, [&](const Destination& each) {
    return is_it(each) && (may_panic ? takes_in_panic(turn, each) : takes(each));
  });
  if (!open) {
    return fail(Invariant::kClosedGetsNothingNew,
                head_of(send.bytes) + " went to " + to_string(send.target));
  }
  if (!has_state) check_choice(turn, set, send);
}

void Watcher::check_choice(const Turn& turn, const DestinationSet& set, const Send& send) {
  Choice now{.destination = send.target, .open = {}, .closed = {}, .full = true};
  std::optional<Contender> chosen_before;
  const auto found = choices_.find(call_id_of(send.bytes));
  for (const Destination& each : set.destinations) {
    if (each.weight == 0) continue;
    const Contender contender{each.key.value, each.weight};
    if (!takes_new(turn, each)) {
      now.closed.push_back(contender);
      continue;
    }
    now.full &= each.target->share_now() == TargetRecord::kShareFull && !each.target->is_paused();
    now.open.push_back(contender);
    if (found != choices_.end() && each.address == found->second.destination) {
      chosen_before = contender;
    }
  }
  std::ranges::sort(now.open);
  std::ranges::sort(now.closed);
  if (found == choices_.end()) {
    choices_.emplace(std::string{call_id_of(send.bytes)}, std::move(now));
    return;
  }
  Choice& before = found->second;
  if (before.full && now.full && chosen_before && follows(before, now) &&
      before.destination != send.target) {
    return fail(Invariant::kCallKeepsDestination,
                head_of(send.bytes) + " went to " + to_string(send.target) + ", before to " +
                    to_string(before.destination) + "; open were " + text_of(before.open) +
                    ", are " + text_of(now.open));
  }
  before = std::move(now);
}

// Nobody came up or was added since, and who was removed was open: then all that happened to
// others leaves the choice alone. (A call of one that is down hashes again, over all that are
// listed: when that one is removed, such a call may move.)
bool Watcher::follows(const Choice& before, const Choice& now) {
  const auto known = [&](const Contender& each) {
    return std::ranges::binary_search(before.open, each) ||
           std::ranges::binary_search(before.closed, each);
  };
  return std::ranges::includes(before.open, now.open) &&
         std::ranges::includes(now.closed, before.closed) && std::ranges::all_of(now.closed, known);
}

void Watcher::check_response(const Turn& turn, const Send& send) {
  const bool remembers = turn.snapshot.routes.front().mode == dispatch::RouteMode::kStateful;
  const bool misled = !remembers && send.bytes.find(kMisleadingLine) != std::string_view::npos;
  if (misled || send.bytes.find(kForgedLine) != std::string_view::npos) {
    fail(Invariant::kAnswersAreGenuine, head_of(send.bytes) + " was forwarded");
  }
  // Whoever is party of a dialog carries good marks.
  if (status_of(send.bytes) == 403) {
    fail(Invariant::kInDialogArrives,
         head_of(send.bytes) + " was said to " + to_string(send.target) + ", a party of the call");
  }
  const auto askers = askers_.find(call_id_of(send.bytes));
  if (askers == askers_.end() || !askers->second.contains(send.target)) {
    fail(Invariant::kAnswersGoHome, head_of(send.bytes) + " went to " + to_string(send.target));
  }
}

void Watcher::check_counters(const Turn& turn) {
  const dispatch::ShardCounters& counters = turn.counters;
  const std::uint64_t unparsed =
      sum_of(counters.unparsed_answered) + sum_of(counters.unparsed_dropped);
  const std::uint64_t unread =
      counters.dropped[static_cast<std::size_t>(dispatch::Reason::kOutboxFull)].read();
  const std::uint64_t received =
      sum_of(counters.requests_received) + counters.responses_received.read() + unparsed + unread;
  // A request that goes on to another destination is forwarded once more.
  const std::uint64_t first_forwarded = counters.requests_forwarded.read() +
                                        counters.responses_forwarded.read() -
                                        counters.transactions.retried.read();
  // Counted as dropped, and never looked at.
  const std::uint64_t not_given =
      counters.dropped[static_cast<std::size_t>(dispatch::Reason::kHandOverFull)].read();
  const std::uint64_t absorbed =
      counters.requests_absorbed.read() + counters.responses_absorbed.read();
  const std::uint64_t ended = first_forwarded + absorbed + sum_of(counters.answered) +
                              sum_of(counters.dropped) + unparsed - not_given;
  const std::uint64_t sent = turn.port.counts.sent + turn.sends.size();
  const auto text = [&](std::string_view what, std::uint64_t a, std::uint64_t b) {
    return "shard " + std::to_string(turn.shard) + ": " + std::string{what} + ": " +
           std::to_string(a) + " and " + std::to_string(b);
  };
  if (turn.hands_over) {
    hand_over_.after_turn({.shard = turn.shard,
                           .counters = counters,
                           .harvested = turn.port.counts.harvested,
                           .received = received,
                           .sends = turn.sends});
  } else if (received != turn.port.counts.harvested) {
    fail(Invariant::kCountersAddUp,
         text("received, and handed to it", received, turn.port.counts.harvested));
  }
  if (ended != received) {
    fail(Invariant::kCountersAddUp,
         text("forwarded, answered or dropped, and received", ended, received));
  }
  // With transactions more leaves than what comes in: repetitions, and what they say by themselves.
  const std::uint64_t forwarded = first_forwarded + sum_of(counters.replied);
  if (counters.transactions.begun.read() == 0 && forwarded != sent) {
    fail(Invariant::kCountersAddUp, text("forwarded or replied, and put out", forwarded, sent));
  }
}

// What the destinations' own counters say of this turn.
void Watcher::check_entries(const Turn& turn, const Counted& seen) {
  Counted more;
  std::set<const EntryRecord*> known;
  each_entry(turn.snapshot, [&](const Destination& destination) {
    const auto before = entries_.find(destination.entry);
    if (before == entries_.end() || !known.insert(destination.entry).second) return;
    const Counted now = counted(*destination.entry, turn.shard);
    more.requests += now.requests - before->second.requests;
    more.failovers += now.failovers - before->second.failovers;
  });
  const std::string who = "shard " + std::to_string(turn.shard) + ": destinations count ";
  if (more.requests != seen.requests) {
    fail(Invariant::kCountersAddUp, who + std::to_string(more.requests) +
                                        " requests, put out were " + std::to_string(seen.requests));
  }
  if (more.failovers != seen.failovers) {
    fail(Invariant::kFailoversAreCounted, who + std::to_string(more.failovers) +
                                              " failovers, put out were " +
                                              std::to_string(seen.failovers));
  }
}

}  // namespace steer::sim
