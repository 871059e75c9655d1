#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <vector>

#include "core/base/assert.h"
#include "core/net/io.h"
#include "health/prober.h"
#include "health/traffic.h"
#include "tools/sipsteer/letters.h"

namespace steer {

// The health thread: a prober and a ring of its own sockets. What it finds goes into the targets'
// records, which the shards read, and as letters to control, which writes the log.
template <net::Io Ring>
class HealthLoop {
 public:
  // `shards`: through whom probes leave, if from the listeners; each has a relay. Empty: from the
  // ring's own sockets.
  HealthLoop(Ring ring, const health::Prober::Options& options, HealthMailbox& mailbox,
             std::vector<ShardMailbox*> shards = {})
      : ring_{std::move(ring)}, prober_{options}, mailbox_{mailbox}, shards_{std::move(shards)} {}

  // Until its record says stop. `now` is the present instant.
  void run(Instant now) {
    start(now);
    while (!is_stopped()) {
      turn();
    }
  }

  // What run() is made of, for a simulator that does other things in between: start() once, then
  // turn() for each exchange.
  void start(Instant now) {
    now_ = now;
    read_letters(now);
  }
  void turn() {
    if (shards_.empty()) {
      send_probes(now_);
    } else {
      order_probes(now_);
    }
    const Instant wakeup = std::min(prober_.next_wakeup(), next_sample());
    const net::Harvest harvest = ring_.exchange(time_until(wakeup, now_));
    const Instant now = now_ = harvest.now;
    if (harvest.woken) read_letters(now);
    for (const Datagram& datagram : harvest.datagrams) {
      prober_.on_response(datagram.bytes, datagram.source, now);
    }
    for (const PeerError& error : harvest.peer_errors) {
      prober_.on_peer_error(error, now);
    }
    take_reports(now);
    prober_.expire(now);
    sample_traffic(now);
    publish(now);
  }
  bool is_stopped() const noexcept { return stopped_; }
  const Ring& ring() const noexcept { return ring_; }

 private:
  // Longer than this nobody waits, so that a missed wake-up is no more than late.
  static constexpr Duration kWaitMax = std::chrono::seconds{1};

  static Duration time_until(Instant when, Instant now) noexcept {
    if (when <= now) return Duration{0};
    return std::min(when - now, kWaitMax);
  }

  Instant next_sample() const noexcept {
    const bool looks = prober_.looks_at_traffic() && plan_ != nullptr && !plan_->records.empty();
    return looks ? sampled_at_ + health::kSampleTick : Instant::max();
  }

  // A bounded number of targets each time, in turn.
  void sample_traffic(Instant now) noexcept {
    if (now < next_sample()) return;
    sampled_at_ = now;
    const std::size_t count = std::min(health::kSampleCountMax, plan_->records.size());
    for (std::size_t i = 0; i < count; ++i) {
      next_sampled_ = (next_sampled_ + 1) % static_cast<std::uint32_t>(plan_->records.size());
      prober_.on_traffic({next_sampled_}, traffic_.read(next_sampled_), now);
    }
  }

  void send_probes(Instant now) noexcept {
    Outbox& outbox = ring_.outbox();
    health::Probe probe;
    while (outbox.has_room() && prober_.due(now, outbox.slot(), probe)) {
      if (!is_wanted(probe.target, now)) continue;
      outbox.commit(probe.bytes.size(), probe.address, probe.socket);
    }
  }

  // False: an operator has disabled every entry that names it. Looked up when a probe would leave,
  // so that his word needs no new plan; what was known of the target stays known.
  bool is_wanted(health::TargetIndex target, Instant now) noexcept {
    const auto is_disabled = [](const dispatch::EntryRecord* entry) {
      return entry->is_disabled();
    };
    const auto& entries = plan_->entries;
    if (target.value >= entries.size() ||
        !std::ranges::all_of(entries[target.value], is_disabled)) {
      return true;
    }
    prober_.withdraw(target, now);
    return false;
  }

  // One target always by the same shard, so that a repetition leaves as the first one did.
  void order_probes(Instant now) noexcept {
    health::Probe probe;
    while (prober_.due(now, order_octets_, probe)) {
      if (!is_wanted(probe.target, now)) continue;
      ShardMailbox& shard = *shards_[probe.target.value % shards_.size()];
      ProbeOrder order{.target = probe.address, .listener = probe.socket, .octets = {}};
      const bool ordered = order.octets.assign(probe.bytes) && shard.probes->orders.push(order);
      if (ordered) {
        shard.waker.wake();
      } else {
        prober_.on_send_failure(probe.target, EAGAIN, now);  // Our own haste: a tick later again.
      }
    }
  }

  // As many as a queue holds, so that a flood of them does not hold up the rest.
  void take_reports(Instant now) noexcept {
    ProbeReport report;
    for (ShardMailbox* const shard : shards_) {
      for (std::size_t i = 0; i < health::kProbeRelayDepth; ++i) {
        if (!shard->probes->reports.pop(report)) break;
        if (report.error == 0) {
          prober_.on_response(report.octets.view(), report.source, now);
        } else {
          prober_.on_peer_error({.peer = report.source,
                                 .listener = {},
                                 .error = report.error,
                                 .quoted = report.octets.view()},
                                now);
        }
      }
    }
  }

  void read_letters(Instant now) {
    ToHealth letter;
    while (mailbox_.to_health.pop(letter)) {
      if (letter.kind == ToHealth::Kind::kProbeAll) {
        prober_.probe_all(now);
        continue;
      }
      publish(now);  // By the plan that the verdicts were found under.
      plan_ = letter.plan;
      prober_.configure(plan_->generation, plan_->targets, plan_->definition, now);
      traffic_.take(plan_->records);
      next_sampled_ = 0;
      for (std::uint32_t i = 0; i < plan_->records.size(); ++i) {
        store(i, now);
      }
      post({.kind = FromHealth::Kind::kAdopted, .generation = plan_->generation});
    }
    stopped_ = mailbox_.record.stop.load(std::memory_order_acquire);
  }

  void publish(Instant now) {
    for (const health::TargetIndex target : prober_.changed()) {
      store(target.value, now);
    }
    for (const health::Transition& turn : prober_.transitions()) {
      const std::uint32_t index = turn.target.value;
      store(index, now);
      FromHealth letter{.kind = FromHealth::Kind::kTransition};
      letter.target = plan_->keys[index];
      letter.health = turn.health;
      letter.first_verdict = turn.from == health::Phase::kUnknown;
      letter.cause = turn.cause;
      letter.reason = turn.reason;
      post(letter);
    }
    for (const health::Pause& pause : prober_.pauses()) {
      FromHealth letter{.kind =
                            pause.paused ? FromHealth::Kind::kPaused : FromHealth::Kind::kResumed};
      letter.target = plan_->keys[pause.target.value];
      letter.reason = pause.reason;
      letter.lasts = pause.lasts;
      post(letter);
    }
    prober_.clear_transitions();
    for (std::size_t i = 0; i < mailbox_.answers.size(); ++i) {
      mailbox_.answers[i].set(prober_.counters().answers[i].read());
    }
    store_latencies();
  }

  // The share before the health: who comes back must not get all its calls for a moment.
  void store(std::uint32_t index, Instant now) noexcept {
    dispatch::TargetRecord& record = *plan_->records[index];
    record.share.store(prober_.share_of({index}, now), std::memory_order_relaxed);
    record.paused.store(prober_.is_paused({index}), std::memory_order_relaxed);
    record.health.store(prober_.health_of({index}), std::memory_order_release);
  }

  // A few targets a round: these figures are only shown.
  void store_latencies() noexcept {
    constexpr std::size_t kPerRound = 32;
    if (plan_ == nullptr || plan_->records.empty()) return;
    for (std::size_t i = 0; i < std::min(kPerRound, plan_->records.size()); ++i) {
      next_shown_ = (next_shown_ + 1) % static_cast<std::uint32_t>(plan_->records.size());
      const health::LatencyHistogram& latency = prober_.latency({next_shown_});
      if (latency.count() == 0) continue;
      dispatch::TargetRecord& record = *plan_->records[next_shown_];
      record.probe_last_us.store(microseconds(prober_.status({next_shown_}).last.elapsed),
                                 std::memory_order_relaxed);
      record.probe_p50_us.store(microseconds(latency.quantile(50)), std::memory_order_relaxed);
      record.probe_p99_us.store(microseconds(latency.quantile(99)), std::memory_order_relaxed);
      store_histogram(latency, record);
    }
  }

  static void store_histogram(const health::LatencyHistogram& latency,
                              dispatch::TargetRecord& record) noexcept {
    std::uint64_t below = 0;
    std::size_t bucket = 0;
    for (std::size_t i = 0; i < record.kProbeBoundsUs.size(); ++i) {
      const Duration bound = std::chrono::microseconds{record.kProbeBoundsUs[i]};
      for (; bucket < latency.kBucketCount && latency.upper_end_of(bucket) <= bound; ++bucket) {
        below += latency.buckets()[bucket];
      }
      record.probes_below[i].store(below, std::memory_order_relaxed);
    }
    record.probes_answered.store(latency.count(), std::memory_order_relaxed);
    const auto sum = std::chrono::duration_cast<std::chrono::microseconds>(latency.sum());
    record.probes_sum_us.store(static_cast<std::uint64_t>(sum.count()), std::memory_order_relaxed);
  }

  static std::uint32_t microseconds(Duration duration) noexcept {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
  }

  void post(const FromHealth& letter) noexcept {
    // A full queue means that control has not looked for 65,536 transitions: the log misses one,
    // the records, which the shards read, do not.
    if (mailbox_.from_health.push(letter)) mailbox_.to_control.wake();
  }

  Ring ring_;
  health::Prober prober_;
  HealthMailbox& mailbox_;
  std::vector<ShardMailbox*> shards_;
  std::array<char, health::kProbeSizeMax> order_octets_{};
  const HealthPlan* plan_ = nullptr;
  health::TrafficReader traffic_;
  Instant now_;  // Of the last harvest.
  Instant sampled_at_;
  std::uint32_t next_sampled_ = 0;
  std::uint32_t next_shown_ = 0;
  bool stopped_ = false;
};

}  // namespace steer
