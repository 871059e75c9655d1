#include "tests/sim/control.h"

#include <algorithm>
#include <utility>

#include <unistd.h>

#include "core/base/assert.h"

namespace steer::sim {
namespace {

net::Waker open_waker() {
  Result<net::Waker> waker = net::Waker::open();
  STEER_ASSERT(waker.has_value());
  return std::move(*waker);
}

}  // namespace

Control::Control(const Options& options, dispatch::Definition definition, Instant now)
    : routing_{{.shard_count = options.shard_count,
                .random_salt = options.salt,
                .probe_sources = options.probe_sources}},
      health_{open_waker(), open_waker()} {
  for (std::size_t i = 0; i < options.shard_count; ++i) {
    mailboxes_.push_back(std::make_unique<ShardMailbox>(open_waker()));
    wakers_.push_back(&mailboxes_.back()->waker);
  }
  routing_.take(std::move(definition), now);
  by_generation_[newest().generation] = &newest();
  const bool posted = health_.to_health.push({ToHealth::Kind::kPlan, &plan()});
  STEER_ASSERT(posted);
}

void Control::reload(dispatch::Definition definition, Instant now) {
  routing_.take(std::move(definition), now);
  publish();
}

void Control::say(const dispatch::EntryKey& name, const dispatch::EntryWord& word) {
  routing_.registry().say(name, word);
  words_[name] = word;
  if (!word.weight) return;  // An intent counts at once.
  routing_.renew();
  publish();
}

void Control::publish() {
  by_generation_[newest().generation] = &newest();
  unposted_ = false;
  for (std::size_t i = 0; i < mailboxes_.size(); ++i) {
    if (!mailboxes_[i]->to_shard.push({ToShard::Kind::kAdopt, &newest()})) {
      unposted_ = true;
      ++full_mailboxes_;
    }
    if (wake_shard) wake_shard(i);
  }
  if (!health_.to_health.push({ToHealth::Kind::kPlan, &plan()})) {
    unposted_ = true;
    ++full_mailboxes_;
  }
  if (wake_health) wake_health();
}

std::uint64_t Control::adopted_by(std::size_t shard) const {
  return mailboxes_[shard]->record.adopted.load(std::memory_order_acquire);
}

const dispatch::Snapshot& Control::snapshot_of(std::size_t shard) const {
  return *by_generation_.at(adopted_by(shard));
}

void Control::tick(Instant now) {
  std::uint64_t oldest = newest().generation;
  for (std::size_t i = 0; i < mailboxes_.size(); ++i) {
    oldest = std::min(oldest, adopted_by(i));
  }
  routing_.release_snapshots(oldest);
  std::erase_if(by_generation_,
                [&](const auto& each) { return each.first < oldest && each.second != &newest(); });
  routing_.free_records();
  if (routing_.forget_removed(now)) publish();
  if (unposted_) publish();
}

void Control::read_health() {
  FromHealth letter;
  while (health_.from_health.pop(letter)) {
    if (letter.kind == FromHealth::Kind::kTransition) ++transitions_;
    if (letter.kind != FromHealth::Kind::kAdopted) continue;
    plan_adopted_ = letter.generation;
    routing_.release_plans(letter.generation);
    if (letter.generation == plan().generation) routing_.raise_unprobed();
  }
  health_.to_control.take();
}

bool Control::take_wake(std::size_t shard) const {
  std::uint64_t count = 0;
  return ::read(wakers_[shard]->descriptor(), &count, sizeof(count)) == sizeof(count);
}

bool Control::is_settled() const {
  for (std::size_t i = 0; i < mailboxes_.size(); ++i) {
    if (adopted_by(i) != newest().generation) return false;
  }
  return !unposted_ && plan_adopted_ == plan().generation;
}

}  // namespace steer::sim
