#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "core/base/counter.h"
#include "core/base/datagram.h"
#include "core/base/mark.h"
#include "core/base/time.h"
#include "core/sip/message.h"
#include "dispatch/definition.h"
#include "dispatch/records.h"
#include "health/latency.h"
#include "health/outcome.h"
#include "health/probe_message.h"
#include "health/schedule.h"
#include "health/state.h"
#include "health/traffic.h"

// Asks targets how they are, and says when one goes down or comes back. Pure: octets and instants
// come in, octets and transitions come out; the loop round it owns the sockets:
//
//   prober.configure(generation, targets, definition.health, now);  // At start and each reload,
//   for (each target i) record(i).health.store(prober.health_of({i}), release);  // then all once.
//   for (;;) {
//     Probe probe;
//     while (io.outbox().has_room() && prober.due(now, io.outbox().slot(), probe)) {
//       io.outbox().commit(probe.bytes.size(), probe.address, probe.socket);
//     }
//     harvest = io.exchange(max(0, prober.next_wakeup() - now)); now = harvest.now;
//     for (each datagram) prober.on_response(datagram.bytes, datagram.source, now);
//     for (each peer error) prober.on_peer_error(error, now);
//     every kSampleTick: for (each of the next targets) prober.on_traffic(i, reader.read(i), now);
//     prober.expire(now);
//     for (each of prober.transitions() and changed()) store health, share and pause in the record;
//     prober.clear_transitions();
//   }

namespace steer::health {

// Which target: its place in the span last given to configure().
struct TargetIndex {
  std::uint32_t value = 0;
  friend bool operator==(TargetIndex, TargetIndex) = default;
};

// Whom to ask. Transport and address are its identity; each given once, however many entries of
// however many sets name it. Those that no entry wants probed have the mode none: their traffic is
// looked at all the same.
struct ProbeTarget {
  Transport transport = Transport::kUdp;
  Address address;
  std::string uri;           // Request-URI and To: the destination's URI as listed.
  Address source;            // Address and port of the socket that sends.
  ListenerIndex socket;      // The loop's number of that socket, handed back in Probe.
  bool starts_down = false;  // Every entry says probing: no traffic before `rise` good answers.
  std::optional<dispatch::ProbeMode> mode;  // Of its own; nothing: the definition's.
};

// A request to send now. `bytes` lie in the span that was given to due().
struct Probe {
  TargetIndex target;
  Transport transport = Transport::kUdp;
  bool is_retransmission = false;
  ListenerIndex socket;
  Address address;
  std::string_view bytes;
};

// A target's health has turned. `from` and `to` may also tell kUnknown and a verdict apart;
// `health` is what selection looks at.
struct Transition {
  TargetIndex target;
  Phase from = Phase::kUnknown;
  Phase to = Phase::kUnknown;
  dispatch::Health health = dispatch::Health::kUp;
  Cause cause = Cause::kProbe;
  Outcome outcome;  // The last one; kNone if a configuration turned it.
  Reason reason;
  Instant at;
};

// A target asked for no new calls (503 with Retry-After), or that time is over.
struct Pause {
  TargetIndex target;
  bool paused = false;
  Duration lasts{};
  Reason reason;
};

// What is known of one target, copied out for list, show and metrics.
struct TargetStatus {
  State state;
  Outcome last;              // How the last probe ended,
  Instant last_at;           // and when.
  Reason reason;             // Of the last transition; empty before the first.
  Instant since;             // Of the present phase.
  std::uint64_t probes = 0;  // Ended ones.
  std::uint64_t failed = 0;
  bool in_flight = false;
  Instant next_due = Instant::max();  // Instant::max(): not scheduled.
};

// What became of a datagram that came to a probe socket.
enum class AnswerVerdict : std::uint8_t {
  kFinal,        // Ended its probe.
  kProvisional,  // 1xx: the probe goes on (RFC 3261 §17.1.2.2).
  kNotSip,
  kNotResponse,
  kForeignBranch,  // No branch of ours, or its mark is wrong.
  kLate,           // Its probe has ended, or belongs to a target that was removed meanwhile.
  kWrongSource,    // Came from another host than the probe went to.
  kMismatch,       // Right branch, but Call-ID, CSeq or the number of Via values differ.
  kCount
};
struct AnswerVerdictRow {
  AnswerVerdict verdict;
  std::string_view counter;  // A public name: never change it.
  std::string_view text;
};
extern const std::array<AnswerVerdictRow, static_cast<std::size_t>(AnswerVerdict::kCount)>
    kAnswerVerdicts;

// Written by the prober's thread, read by any.
struct ProberCounters {
  Counter probes;  // Requests, without
  Counter retransmissions;
  Counter good;  // Probes by how they ended.
  Counter bad;
  Counter cancelled;  // Ended by a configuration or an operator's word, without a verdict.
  Counter transitions;
  Counter peer_errors_ignored;   // Of nobody that is being asked, or that say nothing of it.
  Counter peer_errors_unproven;  // Without the mark of the probe that they speak of.
  Counter hints;                 // Probes sent early, because of an ICMP error in the traffic.
  std::array<Counter, static_cast<std::size_t>(AnswerVerdict::kCount)> answers;
};

// Owns schedule, outcome and state of all targets. One thread; lives as long as the health loop.
// After configure() nothing allocates.
class Prober {
 public:
  struct Options {
    Seed seed;               // Unforeseeable: the marks of probes are made from it.
    std::string user_agent;  // "sipsteer/1.2.3"; empty: none.
  };
  explicit Prober(const Options& options);

  // Takes a new list. A target that stays (transport and address) keeps its state, history, place
  // in the schedule and, if its request would still read the same, the probe that is under way; a
  // new one starts unknown with its first probe within one interval; one that is gone is forgotten
  // with its probe. If the definition's mode is none all are unknown again. Targets given twice are
  // probed once and reported under their first index. `targets` are copied. Clears transitions():
  // the caller has read them before and reads all of health_of() after.
  void configure(std::uint64_t generation, std::span<const ProbeTarget> targets,
                 const dispatch::HealthDefinition& definition, Instant now);

  // Writes the next request that is due into `out` (at least kProbeSizeMax). False: none is due in
  // this tick of 20 ms; ask again at next_wakeup().
  [[nodiscard]] bool due(Instant now, std::span<char> out, Probe& probe) noexcept;

  // Takes a datagram that came to a probe socket.
  AnswerVerdict on_response(std::string_view bytes, const Address& source, Instant now) noexcept;

  // An ICMP error of a datagram to `peer`; ends its probe at once if the octets that it quotes are
  // of that probe, which nobody else can know. False: of nobody that is being asked, nothing that
  // tells whether it is alive, or without that proof.
  bool on_peer_error(const PeerError& error, Instant now) noexcept;

  // What the shards saw of a target's traffic since the last look.
  void on_traffic(TargetIndex target, const TrafficSample& sample, Instant now) noexcept;

  // The system refused to send the last probe to this target. EAGAIN and ENOBUFS: sent again one
  // tick later; all else ends the probe as bad. False: it is not being asked.
  bool on_send_failure(TargetIndex target, int error, Instant now) noexcept;

  // The last probe to this target is not sent after all: nobody wants to know now. It ends without
  // a verdict, and the next is due an interval later.
  void withdraw(TargetIndex target, Instant now) noexcept;

  // Ends the probes, pauses and steps of a slow start whose time is over.
  void expire(Instant now) noexcept;

  // When due() or expire() have something to do; Instant::max() if never. May lie in the past.
  Instant next_wakeup() const noexcept;

  // All that are probed at all are due at once, as fast as the ticks allow; those that are being
  // asked already are not asked twice. Returns how many.
  std::size_t probe_all(Instant now) noexcept;

  // What turned since the last clear_transitions(), at most one for each target: a target that
  // turned again before it was read tells the newest.
  std::span<const Transition> transitions() const noexcept { return transitions_; }
  // Likewise. What finds no room is left out; is_paused() tells the truth all the same.
  std::span<const Pause> pauses() const noexcept { return pauses_told_; }
  // Whose share or pause has changed since clear_transitions(), each once.
  std::span<const TargetIndex> changed() const noexcept { return changed_; }
  void clear_transitions() noexcept;

  std::uint64_t generation() const noexcept { return generation_; }
  std::size_t target_count() const noexcept { return slot_of_target_.size(); }
  dispatch::Health health_of(TargetIndex target) const noexcept;
  // Which part of its calls it is to get, of TargetRecord::kShareFull.
  std::uint16_t share_of(TargetIndex target, Instant now) const noexcept;
  bool is_paused(TargetIndex target) const noexcept;
  bool looks_at_traffic() const noexcept { return definition_.passive.enabled; }
  TargetStatus status(TargetIndex target) const noexcept;
  const LatencyHistogram& latency(TargetIndex target) const noexcept;
  const ProberCounters& counters() const noexcept { return counters_; }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  // A probe that waits for its answer.
  struct Flight {
    bool active = false;
    bool garbled = false;  // Something unreadable came from its target.
    ProbeMark mark;
    Instant sent_at;
    Instant deadline;
    Duration repeat{};  // To the next retransmission.
    std::uint32_t sends = 0;
  };
  // What every probe touches; history lies apart.
  struct Slot {
    bool used = false;
    bool kept = false;  // Seen again in the configuration being taken.
    std::uint32_t target = kNone;
    std::uint32_t transition = kNone;  // Its place in transitions_.
    bool unprobed = false;             // Its mode is none.
    bool suspected = false;            // By an ICMP error since its last good probe.
    bool paused = false;
    bool changed = false;  // It is in changed_.
    Instant hint_after;    // Earlier an ICMP error brings no other probe.
    State state;
    Flight flight;
    ProbeTarget definition;
  };
  struct History {
    Outcome last;
    Instant last_at;
    Reason reason;
    Instant since;
    std::uint64_t probes = 0;
    std::uint64_t failed = 0;
    LatencyHistogram latency;
  };
  struct Key {
    Transport transport = Transport::kUdp;
    Address address;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct ByAddress {
    Key key;
    std::uint32_t slot = kNone;
    friend auto operator<=>(const ByAddress&, const ByAddress&) = default;
  };

  // Configuration (prober_configure.cc).
  void take_definition(const dispatch::HealthDefinition& definition);
  void take_targets(std::span<const ProbeTarget> targets, Instant now);
  std::uint32_t take_slot(Instant now);
  void update_slot(std::uint32_t slot, const ProbeTarget& target);
  void forget(std::uint32_t slot);
  void plan_all(Instant now);
  void reset_states(Instant now);
  void reset(std::uint32_t slot, const Reason& reason, Instant now);

  // Running (prober.cc).
  bool wants_probes(const Slot& slot) const noexcept;
  void begin_probe(std::uint32_t slot, Instant now) noexcept;
  std::size_t write(std::uint32_t slot, std::span<char> out) const noexcept;
  void plan_repeat(std::uint32_t slot, Instant now) noexcept;
  void cancel(std::uint32_t slot) noexcept;
  void finish(std::uint32_t slot, const Outcome& outcome, Instant now) noexcept;
  void finish_silent(std::uint32_t slot, Instant now) noexcept;
  // Why a state turned.
  struct Turn {
    Cause cause = Cause::kProbe;
    Outcome outcome;
    Reason reason;
  };
  void turn(std::uint32_t slot, const State& before, const Turn& why, Instant now) noexcept;
  void plan_next(std::uint32_t slot, const Outcome& outcome, Instant now) noexcept;
  dispatch::ProbeMode mode_of(const Slot& slot) const noexcept {
    return slot.definition.mode.value_or(definition_.mode);
  }
  AnswerVerdict judge_answer(std::string_view bytes, const Address& source, Instant now) noexcept;
  void note_garbled(const Address& source) noexcept;
  std::uint32_t find(const Key& key) const noexcept;

  // Traffic and time (prober_traffic.cc).
  void plan_return(std::uint32_t slot, Instant now) noexcept;
  void follow_hint(std::uint32_t slot, Instant now) noexcept;
  void pause(std::uint32_t slot, Duration lasts, Instant now) noexcept;
  void resume(std::uint32_t slot) noexcept;
  void settle(std::uint32_t slot, Instant now) noexcept;
  void step(std::uint32_t slot, Instant now) noexcept;
  void run_timers(Instant now) noexcept;
  void mark_changed(std::uint32_t slot) noexcept;
  bool enter_tick(Instant now) noexcept;
  double draw() noexcept;

  MarkKey key_;
  std::uint64_t random_;
  std::string user_agent_;

  std::uint64_t generation_ = 0;
  dispatch::HealthDefinition definition_;
  Thresholds thresholds_;

  std::vector<Slot> slots_;          // A target keeps its slot; an answer finds it by that.
  std::vector<History> histories_;   // By slot.
  std::vector<std::uint32_t> free_;  // Slots without a target.
  std::vector<std::uint32_t> slot_of_target_;
  std::vector<ByAddress> by_address_;  // Sorted.
  Schedule sends_;                     // First sendings and retransmissions, on the tick grid.
  Schedule deadlines_;                 // Of probes under way, on the tick grid.
  Schedule timers_;  // Next step of a slow start, or the trial of one that nobody probes.
  Schedule pauses_;  // Their ends.
  std::uint64_t sequence_ = 0;

  std::int64_t tick_ = -1;  // The tick that `sent_in_tick_` counts.
  std::size_t sent_in_tick_ = 0;
  std::size_t tick_budget_ = 0;

  std::vector<Transition> transitions_;
  std::vector<Pause> pauses_told_;
  std::vector<TargetIndex> changed_;
  ProberCounters counters_;
  sip::Message message_;  // Scratch: large, and filled by each answer anew.
};

}  // namespace steer::health
