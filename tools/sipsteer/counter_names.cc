// The public names of what the shards count (metrics and RPC): names are a contract.
#include <algorithm>
#include <functional>

#include "tools/sipsteer/view.h"

namespace steer {
namespace {

using dispatch::ShardCounters;

// Sums what `read` finds over all shards.
class Rows {
 public:
  explicit Rows(const Crew& crew) : crew_{crew} {}

  void add(std::string name, const std::function<std::uint64_t(const ShardCounters&)>& read) {
    add_to(std::move(name), 0, read);
  }
  void add_to(std::string name, std::uint64_t total,
              const std::function<std::uint64_t(const ShardCounters&)>& read) {
    for (std::size_t i = 0; i < crew_.shard_count(); ++i) {
      total += read(crew_.counters(i));
    }
    rows_.emplace_back(std::move(name), total);
  }
  void add_by_shard(const std::string& name,
                    const std::function<std::uint64_t(const ShardCounters&)>& read) {
    for (std::size_t i = 0; i < crew_.shard_count(); ++i) {
      rows_.emplace_back(name + "{shard=\"" + std::to_string(i) + "\"}", read(crew_.counters(i)));
    }
  }
  bool any(const std::function<std::uint64_t(const ShardCounters&)>& read) const {
    for (std::size_t i = 0; i < crew_.shard_count(); ++i) {
      if (read(crew_.counters(i)) != 0) return true;
    }
    return false;
  }
  std::vector<std::pair<std::string, std::uint64_t>> take() { return std::move(rows_); }

 private:
  const Crew& crew_;
  std::vector<std::pair<std::string, std::uint64_t>> rows_;
};

double seconds(Duration duration) {
  return std::chrono::duration<double>{duration}.count();
}

std::string labelled(const std::string& name, const std::string& labels) {
  return name + "{" + labels + "}";
}

void add_traffic(Rows& rows) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(sip::Method::kCount); ++i) {
    const std::string method{sip::name_of(static_cast<sip::Method>(i))};
    rows.add(labelled("sipsteer_received_messages_total",
                      "transport=\"udp\",kind=\"request\",method=\"" + method + "\""),
             [i](const ShardCounters& c) { return c.requests_received[i].read(); });
  }
  rows.add(labelled("sipsteer_received_messages_total",
                    "transport=\"udp\",kind=\"response\",method=\"\""),
           [](const ShardCounters& c) { return c.responses_received.read(); });
  rows.add(labelled("sipsteer_forwarded_messages_total", "transport=\"udp\",kind=\"request\""),
           [](const ShardCounters& c) { return c.requests_forwarded.read(); });
  rows.add(labelled("sipsteer_forwarded_messages_total", "transport=\"udp\",kind=\"response\""),
           [](const ShardCounters& c) { return c.responses_forwarded.read(); });
  rows.add("sipsteer_in_dialog_forwarded_messages_total",
           [](const ShardCounters& c) { return c.in_dialog_forwarded.read(); });
  rows.add("sipsteer_panic_forwarded_messages_total",
           [](const ShardCounters& c) { return c.panic_forwarded.read(); });
  rows.add("sipsteer_peer_errors_total",
           [](const ShardCounters& c) { return c.peer_errors.read(); });
}

void add_transactions(Rows& rows) {
  const auto add = [&](std::string name, Counter proxy::TransactionCounters::* counter) {
    rows.add(std::move(name),
             [counter](const ShardCounters& c) { return (c.transactions.*counter).read(); });
  };
  using Own = proxy::TransactionCounters;
  rows.add("sipsteer_transactions", [](const ShardCounters& c) {
    return c.transactions.begun.read() - c.transactions.ended.read();
  });
  rows.add_by_shard("sipsteer_transactions_begun_total",
                    [](const ShardCounters& c) { return c.transactions.begun.read(); });
  add("sipsteer_transactions_recycled_total", &Own::recycled);
  add(labelled("sipsteer_transactions_refused_total", "reason=\"count\""), &Own::refused_full);
  add(labelled("sipsteer_transactions_refused_total", "reason=\"bytes\""), &Own::refused_octets);
  add(labelled("sipsteer_failed_tries_total", "reason=\"timeout\""), &Own::tries_timed_out);
  add(labelled("sipsteer_failed_tries_total", "reason=\"transport\""), &Own::tries_unreachable);
  add(labelled("sipsteer_failed_tries_total", "reason=\"status\""), &Own::tries_refused);
  add("sipsteer_failovers_total", &Own::retried);
  add(labelled("sipsteer_failovers_refused_total", "reason=\"max_breadth\""),
      &Own::not_retried_breadth);
  add(labelled("sipsteer_failovers_refused_total", "reason=\"full\""), &Own::not_retried_full);
  add("sipsteer_unremembered_answers_total", &Own::unremembered_full);
  add("sipsteer_late_successes_total", &Own::late_successes);
  add("sipsteer_repeated_requests_total", &Own::requests_repeated);
  rows.add(labelled("sipsteer_absorbed_messages_total", "kind=\"request\""),
           [](const ShardCounters& c) { return c.requests_absorbed.read(); });
  rows.add(labelled("sipsteer_absorbed_messages_total", "kind=\"response\""),
           [](const ShardCounters& c) { return c.responses_absorbed.read(); });
  rows.add("sipsteer_handed_over_messages_total",
           [](const ShardCounters& c) { return c.handed_over.read(); });
}

void add_probes(const Crew& crew, Rows& rows) {
  rows.add("sipsteer_listener_probes_total",
           [](const ShardCounters& c) { return c.probes_sent.read(); });
  for (const health::AnswerVerdictRow& row : health::kAnswerVerdicts) {
    // A shard has dropped those that the health thread would not have known either.
    const bool foreign = row.verdict == health::AnswerVerdict::kForeignBranch;
    rows.add_to(
        labelled("sipsteer_probe_answers_total", "verdict=\"" + std::string{row.counter} + "\""),
        crew.probe_answers(row.verdict),
        [foreign](const ShardCounters& c) { return foreign ? c.probe_answers_foreign.read() : 0; });
  }
  rows.add(labelled("sipsteer_probe_answers_total", "verdict=\"lost\""),
           [](const ShardCounters& c) { return c.probe_answers_lost.read(); });
}

void add_refusals(Rows& rows) {
  // Those that we can send are there from the start; others only if one was sent.
  for (std::size_t i = 0; i < 700; ++i) {
    const bool usual = i == 200 || i == 400 || i == 404 || i == 420 || i == 482 || i == 483 ||
                       i == 503 || i == 505 || i == 513;
    if (!usual && !rows.any([i](const ShardCounters& c) { return c.replied[i].read(); })) continue;
    rows.add(labelled("sipsteer_replied_messages_total", "code=\"" + std::to_string(i) + "\""),
             [i](const ShardCounters& c) { return c.replied[i].read(); });
  }
  for (std::size_t i = 1; i < static_cast<std::size_t>(sip::ParseError::kCount); ++i) {
    const std::string reason{sip::row_of(static_cast<sip::ParseError>(i)).counter};
    rows.add(labelled("sipsteer_dropped_messages_total", "reason=\"" + reason + "\""),
             [i](const ShardCounters& c) { return c.unparsed_dropped[i].read(); });
    rows.add(labelled("sipsteer_refused_messages_total", "reason=\"" + reason + "\""),
             [i](const ShardCounters& c) { return c.unparsed_answered[i].read(); });
  }
  for (const dispatch::ReasonRow& row : dispatch::kReasons) {
    const auto i = static_cast<std::size_t>(row.reason);
    const std::string label = "reason=\"" + std::string{row.counter} + "\"";
    rows.add(labelled("sipsteer_dropped_messages_total", label),
             [i](const ShardCounters& c) { return c.dropped[i].read(); });
    rows.add(labelled("sipsteer_refused_messages_total", label),
             [i](const ShardCounters& c) { return c.answered[i].read(); });
  }
}

}  // namespace

admin::ProcessRow WorkMeter::look(Crew& crew, Instant now) {
  used_.resize(crew.shard_count());
  ratios_.resize(crew.shard_count());
  if (now - looked_ >= kPause) {
    for (std::size_t i = 0; i < crew.shard_count(); ++i) {
      const Duration used = crew.processor_time(i);
      const bool first = looked_ == Instant{};
      const double passed = static_cast<double>((now - looked_).count());
      ratios_[i] = first ? 0 : static_cast<double>((used - used_[i]).count()) / passed;
      used_[i] = used;
    }
    looked_ = now;
  }
  admin::ProcessRow row;
  row.shards.resize(crew.shard_count());
  std::uint64_t sum_ns = 0;
  for (std::size_t i = 0; i < crew.shard_count(); ++i) {
    row.shards[i].busy_ratio = std::clamp(ratios_[i], 0.0, 1.0);
    const ShardCounters& counters = crew.counters(i);
    row.shards[i].longest_turn_seconds = seconds(counters.longest_turn(now));
    std::uint64_t below = 0;
    for (std::size_t n = 0; n < counters.worked.size(); ++n) {
      below += counters.worked[n].read();
      if (n < row.forward.below.size()) row.forward.below[n] += below;
    }
    row.forward.count += below;
    sum_ns += counters.worked_ns.read();
  }
  row.forward.sum_seconds = static_cast<double>(sum_ns) / 1e9;
  return row;
}

std::vector<std::pair<std::string, std::uint64_t>> counters_of(const Crew& crew) {
  Rows rows{crew};
  add_traffic(rows);
  add_transactions(rows);
  add_probes(crew, rows);
  add_refusals(rows);
  return rows.take();
}

}  // namespace steer
