#include "admin/event_stream.h"

#include <charconv>
#include <optional>

#include "admin/answers_json.h"
#include "admin/json_text.h"
#include "admin/rpc_events.h"
#include "core/base/limits.h"

namespace steer::admin {
namespace {

// Of "PROCESS-SEQUENCE", if it is of this process.
std::optional<std::uint64_t> sequence_of(std::string_view id, std::string_view process) {
  if (!id.starts_with(process) || id.size() <= process.size() + 1 || id[process.size()] != '-') {
    return std::nullopt;
  }
  id.remove_prefix(process.size() + 1);
  std::uint64_t sequence = 0;
  const auto [end, problem] = std::from_chars(id.data(), id.data() + id.size(), sequence);
  if (problem != std::errc{} || end != id.data() + id.size()) return std::nullopt;
  return sequence;
}

// One event of the stream up to its data, which is JSON and so has no line end.
void open_event(std::string& out, std::string_view name, std::string_view id) {
  out += "event: ";
  out += name;
  out += "\nid: ";
  out += id;
  out += "\ndata: ";
}

}  // namespace

EventStream::EventStream(const Service& service, std::string_view last_event_id)
    : process_{std::to_string(service.info().started.time_since_epoch().count())} {
  const std::optional<std::uint64_t> last = sequence_of(last_event_id, process_);
  if (!last || *last >= next_event(service)) return;
  next_ = *last + 1;
  needs_state_ = false;
}

std::string EventStream::id_of(std::uint64_t sequence) const {
  return process_ + "-" + std::to_string(sequence);
}

void EventStream::tell_state(const Service& service, std::string& out) {
  next_ = next_event(service);
  open_event(out, "state", id_of(next_ - 1));
  JsonText json{out};
  write_json(json, service.list());
  out += "\n\n";
  needs_state_ = false;
}

std::string EventStream::news(const Service& service) {
  std::string out;
  if (needs_state_) {
    tell_state(service, out);
    return out;
  }
  const EventsAnswer answer = service.events({.from = next_, .count_max = kRpcFollowCountMax});
  if (answer.lost) {
    open_event(out, "lost", id_of(answer.next - 1));
    out += "{}\n\n";
    tell_state(service, out);
    return out;
  }
  for (const Event& event : answer.events) {
    open_event(out, "change", id_of(event.sequence));
    JsonText json{out};
    write_json(json, event);
    out += "\n\n";
  }
  next_ = answer.next;
  return out;
}

}  // namespace steer::admin
