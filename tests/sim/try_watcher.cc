#include "tests/sim/try_watcher.h"

#include <algorithm>

#include "core/base/limits.h"
#include "tests/sim/packet.h"
#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

// CANCEL and ACK belong to their INVITE.
std::string key_of(std::string_view text) {
  const std::string method = cseq_method_of(text);
  return std::string{call_id_of(text)} + " " + std::to_string(cseq_of(text)) + " " +
         (method == "CANCEL" || method == "ACK" ? "INVITE" : method);
}

// The number of the try, as core/proxy/stateful_branch.h writes it.
bool is_first_try(std::string_view branch) {
  constexpr std::size_t kPlace = 10 + 16 + 1 + 4;
  return branch.size() > kPlace && branch.substr(kPlace, 4) == "0000";
}

}  // namespace

bool is_stateful_branch(std::string_view branch) {
  return branch.starts_with("z9hG4bKsf.");
}

void TryWatcher::before_turn(const Port& port, bool hands_over) {
  if (!hands_over) arrived_.clear();
  const std::size_t count = std::min(port.inbox.size(), kBatchSizeMax);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& text = port.inbox[i].text;
    if (is_request_text(text) && method_of(text) != "CANCEL") arrived_.insert(key_of(text));
  }
}

std::uint64_t TryWatcher::after_turn(std::span<const Send> sends, bool had_room) {
  std::uint64_t more = 0;
  for (const Send& send : sends) {
    if (!is_request_text(send.bytes)) continue;
    const std::string method = method_of(send.bytes);
    const std::string branch = branch_of(send.bytes);
    if (method == "CANCEL" || method == "ACK" || !is_stateful_branch(branch)) continue;
    if (branches_.insert(branch).second) more += note_try(send, had_room);
  }
  // What was said to clients counts from the next turn on: within one the order is not known.
  for (const Send& send : sends) {
    if (is_request_text(send.bytes)) continue;
    const auto found = requests_.find(key_of(send.bytes));
    if (found == requests_.end()) continue;
    const std::uint16_t status = status_of(send.bytes);
    if (cseq_method_of(send.bytes) == "CANCEL") {
      found->second.cancelled |= status == 200;
    } else {
      found->second.early |= status > 100 && status < 200;
      found->second.answered |= status >= 200;
    }
  }
  return more;
}

// A branch that was not seen before. Returns 1 if its request had been tried elsewhere.
std::uint64_t TryWatcher::note_try(const Send& send, bool had_room) {
  const std::string key = key_of(send.bytes);
  Request& request = requests_[key];
  // Its transaction has ended and been forgotten; the client still asks: a request like a new one.
  if (is_first_try(branch_of(send.bytes)) && arrived_.erase(key) != 0) request = {};
  const std::string what = key + " went to " + to_string(send.target);
  const bool first = request.tried.empty();
  if (!first && had_room) check_moment(request, what);
  if (std::ranges::find(request.tried, send.target) != request.tried.end()) {
    on_violation(Invariant::kNobodyTriedTwice, what + " a second time");
  }
  request.tried.push_back(send.target);
  return first ? 0 : 1;
}

void TryWatcher::check_moment(const Request& request, const std::string& what) {
  if (request.early) {
    on_violation(Invariant::kNoTryAfterEarly, what + " after 101 to 199 had been passed on");
  }
  if (request.cancelled) {
    on_violation(Invariant::kNoTryAfterEarly, what + " after its CANCEL had been answered");
  }
  if (request.answered) {
    on_violation(Invariant::kNoTryAfterEarly, what + " after its final response");
  }
}

}  // namespace steer::sim
