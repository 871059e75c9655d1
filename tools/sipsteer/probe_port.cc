#include "tools/sipsteer/probe_port.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/sip/parse.h"
#include "health/probe_message.h"

namespace steer {

bool ProbePort::send(Outbox& outbox) noexcept {
  ProbeOrder order;
  for (std::size_t i = 0; i < kBatchSizeMax; ++i) {
    if (!outbox.has_room()) return false;
    if (!relay_.orders.pop(order)) return true;
    const std::string_view octets = order.octets.view();
    std::ranges::copy(octets, outbox.slot().begin());
    outbox.commit(octets.size(), order.target, order.listener);
    counters_.probes_sent.add();
  }
  return false;
}

bool ProbePort::may_be_answer(std::string_view bytes) noexcept {
  // RFC 3261 §7.2; the topmost Via stands in the first few lines of any answer of a probe's size.
  return bytes.starts_with("SIP/2.0 ") && health::mentions_probe(bytes);
}

bool ProbePort::take_answer(const Datagram& datagram) noexcept {
  sip::Message message;
  if (sip::parse(datagram.bytes, message) != sip::ParseError::kNone || message.is_request ||
      !health::is_probe_branch(message.via.branch)) {
    return false;
  }
  if (!health::read_branch(key_, message.via.branch)) {
    counters_.probe_answers_foreign.add();
    return true;
  }
  ProbeReport answer{.source = datagram.source};
  if (answer.octets.assign(message.bytes)) {
    report(answer);
  } else {
    counters_.probe_answers_lost.add();
  }
  return true;
}

bool ProbePort::takes(const PeerError& error) noexcept {
  if (!health::read_quote(key_, error.quoted)) return false;
  ProbeReport refusal{.source = error.peer, .error = error.error};
  if (refusal.octets.assign(error.quoted)) report(refusal);
  return true;
}

// Strangers cannot come so far, so the system calls of it are as few as our own probes.
void ProbePort::report(const ProbeReport& report) noexcept {
  if (!relay_.reports.push(report)) {
    counters_.probe_answers_lost.add();
    return;
  }
  health_.wake();
}

}  // namespace steer
