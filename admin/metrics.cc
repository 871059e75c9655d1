#include "admin/metrics.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string_view>

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

// What InfoAnswer::counters hold; a row without a family here would have no HELP.
constexpr std::array kCounterFamilies{
    Family{"sipsteer_received_messages_total", "counter", "Messages that parsed, by kind."},
    Family{"sipsteer_forwarded_messages_total", "counter", "Messages sent on, by kind."},
    Family{"sipsteer_in_dialog_forwarded_messages_total", "counter",
           "Requests sent where their Request-URI says; part of the forwarded ones."},
    Family{"sipsteer_peer_errors_total", "counter", "ICMP errors that named a peer."},
    Family{"sipsteer_replied_messages_total", "counter", "Answers of our own, by status."},
    Family{"sipsteer_dropped_messages_total", "counter", "Messages met with silence, by reason."},
    Family{"sipsteer_refused_messages_total", "counter",
           "Requests that we answered instead of forwarding them, by reason."},
};

// Appends in place: ten thousand destinations make a few megabytes.
class Writer {
 public:
  void head(const Family& family) {
    fmt::format_to(out(), "# HELP {0} {1}\n# TYPE {0} {2}\n", family.name, family.help,
                   family.type);
  }
  template <class... Parts>
  void row(fmt::format_string<Parts...> format, Parts&&... parts) {
    fmt::format_to(out(), format, std::forward<Parts>(parts)...);
  }
  std::string take() { return std::move(text_); }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }
  std::string text_;
};

// A destination with the labels that all of its rows share, made once.
struct Labelled {
  std::string labels;
  const DestinationRow* row = nullptr;
};

std::vector<Labelled> labelled(const ListAnswer& list) {
  std::vector<Labelled> all;
  for (const SetRow& set : list.sets) {
    for (const DestinationRow& row : set.destinations) {
      all.push_back(
          {fmt::format("set=\"{}\",destination=\"{}\"", set.id, escaped_label(row.uri)), &row});
    }
  }
  return all;
}

void write_counters(Writer& writer, const InfoAnswer& info) {
  for (const Family& family : kCounterFamilies) {
    writer.head(family);
    for (const auto& [name, value] : info.counters) {
      const std::string_view bare = std::string_view{name}.substr(0, name.find('{'));
      if (bare == family.name) writer.row("{} {}\n", name, value);
    }
  }
}

void write_states(Writer& writer, const std::vector<Labelled>& all) {
  writer.head({"sipsteer_destination_state", "gauge",
               "1 for the state that the destination is in, 0 for the others."});
  for (const Labelled& each : all) {
    for (const std::string_view state : kStates) {
      writer.row("sipsteer_destination_state{{{},state=\"{}\"}} {}\n", each.labels, state,
                 each.row->state == state ? 1 : 0);
    }
  }
  writer.head({"sipsteer_destination_state_changes_total", "counter",
               "How often a destination became so, by cause."});
  for (const Labelled& each : all) {
    // One row that is always there, so that rate() has something to begin with.
    const bool known = std::ranges::any_of(each.row->state_changes, [](const StateChanges& change) {
      return change.to == "probing" && change.cause == "probe";
    });
    if (!known) {
      writer.row(
          "sipsteer_destination_state_changes_total{{{},to=\"probing\",cause=\"probe\"}} 0\n",
          each.labels);
    }
    for (const StateChanges& change : each.row->state_changes) {
      writer.row("sipsteer_destination_state_changes_total{{{},to=\"{}\",cause=\"{}\"}} {}\n",
                 each.labels, change.to, change.cause, change.count);
    }
  }
}

void write_traffic(Writer& writer, const std::vector<Labelled>& all) {
  writer.head({"sipsteer_destination_selected_total", "counter",
               "New requests that an algorithm sent there."});
  for (const Labelled& each : all) {
    writer.row("sipsteer_destination_selected_total{{{}}} {}\n", each.labels, each.row->selected);
  }
  writer.head({"sipsteer_destination_in_dialog_total", "counter",
               "Requests sent there because their Request-URI names it."});
  for (const Labelled& each : all) {
    writer.row("sipsteer_destination_in_dialog_total{{{}}} {}\n", each.labels, each.row->in_dialog);
  }
  writer.head({"sipsteer_destination_responses_total", "counter",
               "Responses that came from there and went on, by class."});
  for (const Labelled& each : all) {
    for (std::size_t i = 0; i < kClasses.size(); ++i) {
      writer.row("sipsteer_destination_responses_total{{{},class=\"{}\"}} {}\n", each.labels,
                 kClasses[i], each.row->responses[i]);
    }
  }
  writer.head({"sipsteer_destination_weight", "gauge", "The weight that counts now."});
  for (const Labelled& each : all) {
    writer.row("sipsteer_destination_weight{{{}}} {}\n", each.labels, each.row->weight);
  }
}

void write_probes(Writer& writer, const std::vector<Labelled>& all) {
  writer.head({"sipsteer_destination_probe_duration_seconds", "histogram",
               "How long answered probes took."});
  constexpr std::string_view kName = "sipsteer_destination_probe_duration_seconds";
  for (const Labelled& each : all) {
    const ProbeHistogram& probe = each.row->probe;
    for (std::size_t i = 0; i < kProbeBoundsSeconds.size(); ++i) {
      writer.row("{}_bucket{{{},le=\"{}\"}} {}\n", kName, each.labels, kProbeBoundsSeconds[i],
                 probe.below[i]);
    }
    writer.row("{}_bucket{{{},le=\"+Inf\"}} {}\n", kName, each.labels, probe.count);
    writer.row("{}_sum{{{}}} {}\n", kName, each.labels, probe.sum_seconds);
    writer.row("{}_count{{{}}} {}\n", kName, each.labels, probe.count);
  }
}

void write_sets(Writer& writer, const ListAnswer& list) {
  writer.head({"sipsteer_set_active_destinations", "gauge",
               "Destinations of the set that take new calls."});
  for (const SetRow& set : list.sets) {
    const auto active = std::ranges::count_if(set.destinations, [](const DestinationRow& row) {
      return row.state == "active" && row.weight != 0;
    });
    writer.row("sipsteer_set_active_destinations{{set=\"{}\"}} {}\n", set.id, active);
  }
}

void write_process(Writer& writer, const InfoAnswer& info, const ProcessRow& process) {
  writer.head({"sipsteer_build_info", "gauge", "1, with what runs here."});
  writer.row("sipsteer_build_info{{version=\"{}\",io=\"{}\"}} 1\n", escaped_label(info.version),
             escaped_label(info.io));
  writer.head({"sipsteer_config_generation", "gauge", "The list that serves; grows with each."});
  writer.row("sipsteer_config_generation {}\n", info.generation);
  writer.head({"sipsteer_config_last_reload_successful", "gauge",
               "0 if the last reload was refused and an older list serves."});
  writer.row("sipsteer_config_last_reload_successful {}\n", process.last_reload_successful ? 1 : 0);
  writer.head({"sipsteer_ready", "gauge", "1 if this node takes new calls."});
  writer.row("sipsteer_ready {}\n", info.ready ? 1 : 0);
  writer.head({"sipsteer_shard_busy_ratio", "gauge",
               "Part of the last seconds that the shard spent on a processor."});
  for (std::size_t i = 0; i < process.shards.size(); ++i) {
    writer.row("sipsteer_shard_busy_ratio{{shard=\"{}\"}} {:.4f}\n", i,
               process.shards[i].busy_ratio);
  }
  writer.head({"sipsteer_forward_latency_seconds", "histogram",
               "From a batch harvested to its messages submitted, by message."});
  for (std::size_t i = 0; i < kForwardBoundsSeconds.size(); ++i) {
    writer.row("sipsteer_forward_latency_seconds_bucket{{le=\"{}\"}} {}\n",
               kForwardBoundsSeconds[i], process.forward.below[i]);
  }
  writer.row("sipsteer_forward_latency_seconds_bucket{{le=\"+Inf\"}} {}\n", process.forward.count);
  writer.row("sipsteer_forward_latency_seconds_sum {}\n", process.forward.sum_seconds);
  writer.row("sipsteer_forward_latency_seconds_count {}\n", process.forward.count);
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

std::string metrics_text(const InfoAnswer& info, const ListAnswer& list,
                         const ProcessRow& process) {
  Writer writer;
  write_process(writer, info, process);
  write_counters(writer, info);
  write_sets(writer, list);
  const std::vector<Labelled> all = labelled(list);
  write_states(writer, all);
  write_traffic(writer, all);
  write_probes(writer, all);
  return writer.take();
}

}  // namespace steer::admin
