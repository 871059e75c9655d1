#include "tools/siplab/unacked.h"

#include <algorithm>
#include <utility>

namespace steer::siplab {

namespace {

constexpr Duration kT1 = std::chrono::milliseconds{500};  // RFC 3261 §17.1.1.1.
constexpr int kTimeoutFactor = 64;
constexpr std::size_t kWaitingMax = 200'000;

}  // namespace

std::string Unacked::key_of(const Scan& request, ListenerIndex listener) {
  const std::string_view cseq = value_of(request.cseq);
  std::string key{value_of(request.call_id)};
  key += ' ';
  key += cseq.substr(0, cseq.find(' '));
  key += ' ';
  key += std::to_string(listener.value);
  return key;
}

bool Unacked::add(const Scan& request, const Send& answer, Instant now) {
  return add(key_of(request, answer.listener), answer, now);
}

bool Unacked::add(std::string key, const Send& answer, Instant now) {
  if (answers_.contains(key)) return true;
  if (answers_.size() >= kWaitingMax) return false;
  answers_.emplace(key, Answer{.bytes = std::string{answer.bytes},
                               .target = answer.target,
                               .listener = answer.listener,
                               .end = now + kTimeoutFactor * kT1});
  events_.front().push_back({now + kT1, std::move(key)});
  return true;
}

void Unacked::acknowledged(const Scan& ack, ListenerIndex listener) {
  answers_.erase(key_of(ack, listener));
}

void Unacked::repeat_due(Instant now, Outbox& outbox) {
  for (std::size_t i = 0; i < kIntervals; ++i) {
    const std::size_t next = std::min(i + 1, kIntervals - 1);
    std::deque<Event>& queue = events_[i];
    while (!queue.empty() && queue.front().due <= now && outbox.has_room()) {
      Event event = std::move(queue.front());
      queue.pop_front();
      const auto found = answers_.find(event.key);
      if (found == answers_.end()) continue;
      const Answer& answer = found->second;
      if (answer.end <= now) {
        answers_.erase(found);
        continue;
      }
      std::ranges::copy(answer.bytes, outbox.slot().begin());
      outbox.commit(answer.bytes.size(), answer.target, answer.listener);
      event.due = now + kT1 * (1 << next);
      events_[next].push_back(std::move(event));
    }
  }
}

Instant Unacked::due() const noexcept {
  Instant first = Instant::max();
  for (const std::deque<Event>& queue : events_) {
    if (!queue.empty()) first = std::min(first, queue.front().due);
  }
  return first;
}

}  // namespace steer::siplab
