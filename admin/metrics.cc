#include "admin/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace steer::admin {
namespace {

struct Family {
  std::string_view name;
  std::string_view type;
  std::string_view help;
};

constexpr std::array<std::string_view, 5> kStates = {"active", "probing", "inactive", "draining",
                                                     "disabled"};
constexpr std::array<std::string_view, 6> kClasses = {"1xx", "2xx", "3xx", "4xx", "5xx", "6xx"};

constexpr std::array<std::string_view, 3> kFailoverReasons = {"timeout", "transport", "status"};

// What InfoAnswer::counters hold; a row without a family here would have no HELP.
constexpr std::array kCounterFamilies{
    Family{"sipsteer_received_messages_total", "counter", "Messages that parsed, by kind."},
    Family{"sipsteer_forwarded_messages_total", "counter", "Messages sent on, by kind."},
    Family{"sipsteer_panic_forwarded_messages_total", "counter",
           "Requests sent although no destination of their set was up (panic = use-all)."},
    Family{"sipsteer_in_dialog_forwarded_messages_total", "counter",
           "Requests sent where their Request-URI says; part of the forwarded ones."},
    Family{"sipsteer_transactions", "gauge",
           "Transactions that are open, or have ended and are still remembered."},
    Family{"sipsteer_transactions_begun_total", "counter", "Transactions that began."},
    Family{"sipsteer_transactions_recycled_total", "counter",
           "Ended transactions that were forgotten before their time, to make room."},
    Family{"sipsteer_transactions_refused_total", "counter",
           "Requests that got 503 for want of room for their transaction, by what was missing."},
    Family{"sipsteer_failed_tries_total", "counter",
           "Requests of transactions that a destination did not serve, by how."},
    Family{"sipsteer_failovers_total", "counter", "Requests that went on to another destination."},
    Family{"sipsteer_failovers_refused_total", "counter",
           "Failovers that Max-Breadth or want of room did not allow, by which."},
    Family{
        "sipsteer_unremembered_answers_total", "counter",
        "Answers of our own that another of the same request may not repeat: no place was free."},
    Family{"sipsteer_late_successes_total", "counter",
           "2xx that came from a destination after the request had gone on to another."},
    Family{"sipsteer_repeated_requests_total", "counter",
           "Requests sent again because no answer had come."},
    Family{"sipsteer_handed_over_messages_total", "counter",
           "Datagrams that the shard which received them gave to the one that owns their call."},
    Family{"sipsteer_absorbed_messages_total", "counter",
           "Messages that a transaction took in: repetitions, CANCELs, failures that led on."},
    Family{"sipsteer_peer_errors_total", "counter", "ICMP errors that named a peer."},
    Family{"sipsteer_listener_probes_total", "counter",
           "Probes that left from a listener (health.probe_from = listener)."},
    Family{"sipsteer_probe_answers_total", "counter",
           "Datagrams that answered probes, by what became of them."},
    Family{"sipsteer_replied_messages_total", "counter", "Answers of our own, by status."},
    Family{"sipsteer_dropped_messages_total", "counter", "Messages met with silence, by reason."},
    Family{"sipsteer_refused_messages_total", "counter",
           "Requests that we answered instead of forwarding them, by reason."},
    Family{"sipsteer_event_streams_total", "counter", "Clients that followed GET /events."},
    Family{"sipsteer_event_streams_dropped_total", "counter",
           "Clients of GET /events that were refused or did not read, by reason."},
};

// Appends in place: ten thousand destinations make some thirty megabytes, and a formatting library
// would spend most of the time on looking at its format.
class Writer {
 public:
  // Writes into `text`, whose memory may be of an earlier scrape.
  Writer(std::string& text, std::size_t size) : text_{text} {
    text_.clear();
    text_.reserve(size);
  }

  void head(const Family& family) {
    put("# HELP ", family.name, " ", family.help, "\n# TYPE ", family.name, " ", family.type, "\n");
  }
  // The parts are put together on the stack first, as far as they fit, so that a row is one append.
  template <class... Parts>
  void put(const Parts&... parts) {
    std::array<char, 512> row;
    const std::size_t size_max = (size_of(parts) + ...);
    if (size_max > row.size()) {
      (append(parts), ...);
      return;
    }
    char* end = row.data();
    ((end = copy(parts, end)), ...);
    text_.append(row.data(), end);
  }

 private:
  static constexpr std::size_t kNumberSizeMax = 32;  // More than any number has.

  static constexpr std::size_t size_of(std::string_view part) { return part.size(); }
  template <class Number>
    requires std::is_arithmetic_v<Number>
  static constexpr std::size_t size_of(Number /*number*/) {
    return kNumberSizeMax;
  }

  static char* copy(std::string_view part, char* end) { return std::ranges::copy(part, end).out; }
  template <class Number>
    requires std::is_arithmetic_v<Number>
  static char* copy(Number number, char* end) {
    if (number == 0) {  // Most are.
      *end = '0';
      return end + 1;
    }
    return std::to_chars(end, end + kNumberSizeMax, number).ptr;
  }

  void append(std::string_view part) { text_.append(part); }
  template <class Number>
    requires std::is_arithmetic_v<Number>
  void append(Number number) {
    std::array<char, kNumberSizeMax> digits;
    text_.append(digits.data(), copy(number, digits.data()));
  }

  std::string& text_;
};

// A destination with the labels that all of its rows share, made once.
struct Labelled {
  std::string labels;
  const DestinationRow* row = nullptr;
};

// All of them, to be gone through once for each family; whoever does breathes on the way.
class AllRows {
 public:
  AllRows(const ListAnswer& list, const Breather& breathe) : breathe_{breathe} {
    for (const SetRow& set : list.sets) {
      for (const DestinationRow& row : set.destinations) {
        all_.push_back(
            {fmt::format("set=\"{}\",destination=\"{}\"", set.id, escaped_label(row.uri)), &row});
        breathe_.after_row(all_.size());
      }
    }
  }

  template <class Visit>
  void each(const Visit& visit) const {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      visit(all_[i]);
      breathe_.after_row(i);
    }
  }

 private:
  std::vector<Labelled> all_;
  const Breather& breathe_;
};

void write_counters(Writer& writer, const InfoAnswer& info) {
  for (const Family& family : kCounterFamilies) {
    writer.head(family);
    for (const auto& [name, value] : info.counters) {
      const std::string_view bare = std::string_view{name}.substr(0, name.find('{'));
      if (bare == family.name) writer.put(name, " ", value, "\n");
    }
  }
}

// NAME{LABELS,more"} value
template <class Value>
void put_row(Writer& writer, std::string_view name, const Labelled& each, std::string_view more,
             const Value& value) {
  writer.put(name, "{", each.labels, more, "} ", value, "\n");
}

void write_states(Writer& writer, const AllRows& all) {
  constexpr std::string_view kState = "sipsteer_destination_state";
  writer.head({kState, "gauge", "1 for the state that the destination is in, 0 for the others."});
  all.each([&](const Labelled& each) {
    for (const std::string_view state : kStates) {
      writer.put(kState, "{", each.labels, ",state=\"", state, "\"} ",
                 each.row->state == state ? 1 : 0, "\n");
    }
  });
  constexpr std::string_view kChanges = "sipsteer_destination_state_changes_total";
  writer.head({kChanges, "counter", "How often a destination became so, by cause."});
  all.each([&](const Labelled& each) {
    // One row that is always there, so that rate() has something to begin with.
    const bool known = std::ranges::any_of(each.row->state_changes, [](const StateChanges& change) {
      return change.to == "probing" && change.cause == "probe";
    });
    if (!known) put_row(writer, kChanges, each, ",to=\"probing\",cause=\"probe\"", 0);
    for (const StateChanges& change : each.row->state_changes) {
      writer.put(kChanges, "{", each.labels, ",to=\"", change.to, "\",cause=\"", change.cause,
                 "\"} ", change.count, "\n");
    }
  });
}

void write_traffic(Writer& writer, const AllRows& all) {
  constexpr std::string_view kSelected = "sipsteer_destination_selected_total";
  writer.head({kSelected, "counter", "New requests that an algorithm sent there."});
  all.each([&](const Labelled& each) { put_row(writer, kSelected, each, "", each.row->selected); });
  constexpr std::string_view kInDialog = "sipsteer_destination_in_dialog_total";
  writer.head({kInDialog, "counter", "Requests sent there because their Request-URI names it."});
  all.each(
      [&](const Labelled& each) { put_row(writer, kInDialog, each, "", each.row->in_dialog); });
  constexpr std::string_view kFrom = "sipsteer_destination_in_dialog_from_total";
  writer.head({kFrom, "counter", "Requests within dialogs that came from there."});
  all.each(
      [&](const Labelled& each) { put_row(writer, kFrom, each, "", each.row->in_dialog_from); });
  constexpr std::string_view kResponses = "sipsteer_destination_responses_total";
  writer.head({kResponses, "counter", "Responses that came from there and went on, by class."});
  all.each([&](const Labelled& each) {
    for (std::size_t i = 0; i < kClasses.size(); ++i) {
      writer.put(kResponses, "{", each.labels, ",class=\"", kClasses[i], "\"} ",
                 each.row->responses[i], "\n");
    }
  });
  constexpr std::string_view kFailovers = "sipsteer_destination_failovers_total";
  writer.head(
      {kFailovers, "counter", "Requests that went on from there to another destination, by why."});
  all.each([&](const Labelled& each) {
    for (std::size_t i = 0; i < kFailoverReasons.size(); ++i) {
      writer.put(kFailovers, "{", each.labels, ",reason=\"", kFailoverReasons[i], "\"} ",
                 each.row->failovers[i], "\n");
    }
  });
  constexpr std::string_view kWeight = "sipsteer_destination_weight";
  writer.head({kWeight, "gauge", "The weight that counts now."});
  all.each([&](const Labelled& each) { put_row(writer, kWeight, each, "", each.row->weight); });
  constexpr std::string_view kPaused = "sipsteer_destination_paused";
  writer.head({kPaused, "gauge", "1 while it gets no new calls because it asked for none."});
  all.each(
      [&](const Labelled& each) { put_row(writer, kPaused, each, "", each.row->paused ? 1 : 0); });
}

void write_probes(Writer& writer, const AllRows& all) {
  constexpr std::string_view kProbe = "sipsteer_destination_probe_duration_seconds";
  std::array<std::string, kProbeBoundsSeconds.size()> bounds;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = fmt::format(",le=\"{}\"", kProbeBoundsSeconds[i]);
  }
  writer.head({kProbe, "histogram", "How long answered probes took."});
  all.each([&](const Labelled& each) {
    const ProbeHistogram& probe = each.row->probe;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      writer.put(kProbe, "_bucket{", each.labels, bounds[i], "} ", probe.below[i], "\n");
    }
    writer.put(kProbe, "_bucket{", each.labels, ",le=\"+Inf\"} ", probe.count, "\n");
    writer.put(kProbe, "_sum{", each.labels, "} ", probe.sum_seconds, "\n");
    writer.put(kProbe, "_count{", each.labels, "} ", probe.count, "\n");
  });
}

void write_sets(Writer& writer, const ListAnswer& list) {
  constexpr std::string_view kActive = "sipsteer_set_active_destinations";
  writer.head({kActive, "gauge", "Destinations of the set that take new calls."});
  for (const SetRow& set : list.sets) {
    const auto active = std::ranges::count_if(set.destinations, [](const DestinationRow& row) {
      return row.state == "active" && row.weight != 0;
    });
    writer.put(kActive, "{set=\"", set.id, "\"} ", active, "\n");
  }
}

void write_process(Writer& writer, const InfoAnswer& info, const ProcessRow& process) {
  writer.head({"sipsteer_build_info", "gauge", "1, with what runs here."});
  writer.put("sipsteer_build_info{version=\"", escaped_label(info.version), "\",io=\"",
             escaped_label(info.io), "\"} 1\n");
  writer.head({"sipsteer_config_generation", "gauge", "The list that serves; grows with each."});
  writer.put("sipsteer_config_generation ", info.generation, "\n");
  writer.head({"sipsteer_config_last_reload_successful", "gauge",
               "0 if the last reload was refused and an older list serves."});
  writer.put("sipsteer_config_last_reload_successful ", process.last_reload_successful ? 1 : 0,
             "\n");
  writer.head({"sipsteer_source_up", "gauge",
               "0 if the database of destinations cannot be asked and its last answer serves."});
  writer.put("sipsteer_source_up ", process.source_problem.empty() ? 1 : 0, "\n");
  writer.head({"sipsteer_ready", "gauge", "1 if this node takes new calls."});
  writer.put("sipsteer_ready ", info.ready ? 1 : 0, "\n");
  writer.head({"sipsteer_shard_busy_ratio", "gauge",
               "Part of the last seconds that the shard spent on a processor."});
  for (std::size_t i = 0; i < process.shards.size(); ++i) {
    writer.put("sipsteer_shard_busy_ratio{shard=\"", i, "\"} ",
               fmt::format("{:.4f}", process.shards[i].busy_ratio), "\n");
  }
  writer.head({"sipsteer_shard_longest_turn_seconds", "gauge",
               "Longest time between two exchanges with the network, of the last 10 to 20 s."});
  for (std::size_t i = 0; i < process.shards.size(); ++i) {
    writer.put("sipsteer_shard_longest_turn_seconds{shard=\"", i, "\"} ",
               process.shards[i].longest_turn_seconds, "\n");
  }
  constexpr std::string_view kForward = "sipsteer_forward_latency_seconds";
  writer.head(
      {kForward, "histogram", "From a batch harvested to its messages submitted, by message."});
  for (std::size_t i = 0; i < kForwardBoundsSeconds.size(); ++i) {
    writer.put(kForward, "_bucket{le=\"", fmt::format("{}", kForwardBoundsSeconds[i]), "\"} ",
               process.forward.below[i], "\n");
  }
  writer.put(kForward, "_bucket{le=\"+Inf\"} ", process.forward.count, "\n");
  writer.put(kForward, "_sum ", process.forward.sum_seconds, "\n");
  writer.put(kForward, "_count ", process.forward.count, "\n");
}

}  // namespace

std::string escaped_label(std::string_view value) {
  std::string text;
  for (const char octet : value) {
    if (octet == '\\' || octet == '"') text += '\\';
    if (octet == '\n') {
      text += "\\n";
    } else {
      text += octet;
    }
  }
  return text;
}

std::string metrics_text(const InfoAnswer& info, const ListAnswer& list, const ProcessRow& process,
                         std::string room, const Breather& breathe) {
  std::size_t destinations = 0;
  for (const SetRow& set : list.sets) {
    destinations += set.destinations.size();
  }
  constexpr std::size_t kSizePerDestination = 3'500;  // What a URI of usual length comes to.
  Writer writer{room, 16'384 + destinations * kSizePerDestination};
  write_process(writer, info, process);
  write_counters(writer, info);
  write_sets(writer, list);
  const AllRows all{list, breathe};
  write_states(writer, all);
  write_traffic(writer, all);
  write_probes(writer, all);
  return room;
}

}  // namespace steer::admin
