// The public names of what the shards count (metrics and RPC): names are a contract.
#include <functional>

#include "tools/sipsteer/view.h"

namespace steer {
namespace {

using dispatch::ShardCounters;

// Sums what `read` finds over all shards, and adds a row unless it is zero.
class Rows {
 public:
  explicit Rows(const Crew& crew) : crew_{crew} {}

  void add(std::string name, const std::function<std::uint64_t(const ShardCounters&)>& read) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < crew_.shard_count(); ++i) {
      total += read(crew_.counters(i));
    }
    if (total != 0) rows_.emplace_back(std::move(name), total);
  }
  std::vector<std::pair<std::string, std::uint64_t>> take() { return std::move(rows_); }

 private:
  const Crew& crew_;
  std::vector<std::pair<std::string, std::uint64_t>> rows_;
};

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
  rows.add("sipsteer_peer_errors_total",
           [](const ShardCounters& c) { return c.peer_errors.read(); });
}

void add_refusals(Rows& rows) {
  for (std::size_t i = 0; i < 700; ++i) {
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

std::vector<std::pair<std::string, std::uint64_t>> counters_of(const Crew& crew) {
  Rows rows{crew};
  add_traffic(rows);
  add_refusals(rows);
  return rows.take();
}

}  // namespace steer
