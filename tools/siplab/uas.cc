#include "tools/siplab/uas.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "core/base/hash.h"
#include "tools/siplab/progress.h"
#include "tools/siplab/session.h"

namespace steer::siplab {

namespace {

constexpr std::size_t kDelayedMax = 200'000;
// RFC 3261 §17.2.1: who cannot answer an INVITE within 200 ms says 100, so that it is not repeated.
constexpr Duration kTryingAfter = std::chrono::milliseconds{200};

std::uint64_t answers_of(const std::vector<PortReport>& ports) noexcept {
  std::uint64_t sum = 0;
  for (const PortReport& port : ports) {
    sum += port.answers;
  }
  return sum;
}

template <net::Io T>
Duration answer_loop(T& io, Answerer& answerer, Watch& watch, const UasOptions& options) {
  Progress progress{options.common.progress};
  Instant now = io.exchange(Duration::zero()).now;
  while (!watch.stopped() && !watch.expired()) {
    Duration wait = kTick;
    if (answerer.waits()) wait = std::clamp(answerer.due() - now, Duration::zero(), kTick);
    const net::Harvest harvest = io.exchange(wait);
    now = harvest.now;
    for (const Datagram& datagram : harvest.datagrams) {
      answerer.handle(datagram, now, io.outbox());
    }
    answerer.deliver_due(now, io.outbox());
    if (!watch.look(now)) continue;
    if (watch.report()) print(UasReport{answerer.ports(), watch.elapsed()}, options.common.json);
    if (!progress.due(now)) continue;
    progress.show(fmt::format("{} answers", answers_of(answerer.ports())),
                  answers_of(answerer.ports()), now);
  }
  io.exchange(Duration::zero());  // What is still in the outbox.
  return watch.elapsed();
}

}  // namespace

Answerer::Answerer(const UasOptions& options, std::vector<Address> listen) : options_{options} {
  for (const Address& address : listen) {
    identities_.emplace_back(address);
    ports_.push_back({.address = address});
  }
}

bool Answerer::draws_drop() noexcept {
  if (options_.drop <= 0) return false;
  constexpr double kUnit = 1.0 / 9'007'199'254'740'992.0;  // 2^-53: a double's precision.
  return static_cast<double>(mix(options_.seed + ++draws_) >> 11) * kUnit < options_.drop;
}

void Answerer::count_method(std::string_view method, PortReport& port) noexcept {
  if (method == "INVITE") {
    ++port.invites;
  } else if (method == "ACK") {
    ++port.acks;
  } else if (method == "BYE") {
    ++port.byes;
  } else if (method == "CANCEL") {
    ++port.cancels;
  } else if (method == "OPTIONS") {
    ++port.options;
  } else {
    ++port.others;
  }
}

void Answerer::handle(const Datagram& datagram, Instant now, Outbox& outbox) {
  PortReport& port = ports_[datagram.listener.value];
  if (!scan(datagram.bytes, scan_) || scan_.start_line.starts_with("SIP/2.0 ")) {
    ++port.malformed;
    return;
  }
  const std::string_view method = method_of(scan_);
  count_method(method, port);
  if (method == "ACK") {
    if (options_.retransmit) unacked_.acknowledged(scan_, datagram.listener);
    return;  // RFC 3261 §17.1.1.3: no answer to an ACK, ever.
  }
  if (draws_drop()) {
    ++port.dropped;
    return;
  }
  if (method == "CANCEL") return cancel(datagram, now, outbox);
  if (method == "BYE") return answer(datagram, 200, outbox);
  if (method == "INVITE" && options_.ring != 0) {
    answer(datagram, options_.ring, outbox);
  } else if (method == "INVITE" && options_.delay > kTryingAfter) {
    answer(datagram, 100, outbox);
  }
  if (options_.delay == Duration::zero()) {
    const std::size_t before = outbox.sends().size();
    answer(datagram, options_.code, outbox);
    const bool to_invite = method == "INVITE" && outbox.sends().size() != before;
    if (options_.retransmit && to_invite) {
      repeat_until_ack(Unacked::key_of(scan_, datagram.listener), outbox.sends().back(), now);
    }
    return;
  }
  answer_later(datagram, options_.code, now + options_.delay);
}

void Answerer::answer(const Datagram& datagram, std::uint16_t status, Outbox& outbox) {
  if (!outbox.has_room()) return;  // Cannot happen: the outbox holds three answers per datagram.
  const Identity& identity = identities_[datagram.listener.value];
  const std::size_t size = write_answer(scan_, status, identity, outbox.slot());
  if (size == 0) return;
  outbox.commit(size, datagram.source, datagram.listener);
  if (status >= 200) ++ports_[datagram.listener.value].answers;
}

void Answerer::repeat_until_ack(std::string key, const Send& answer, Instant now) {
  if (!unacked_.add(std::move(key), answer, now)) ++ports_[answer.listener.value].overflows;
}

void Answerer::answer_later(const Datagram& datagram, std::uint16_t status, Instant due) {
  if (delayed_.size() == kDelayedMax) {
    ++ports_[datagram.listener.value].overflows;
    return;
  }
  Delayed entry{.due = due,
                .bytes = std::string(datagram.bytes.size() + kPageSize, '\0'),
                .branch = {},
                .key = {},
                .target = datagram.source,
                .listener = datagram.listener};
  const Identity& identity = identities_[datagram.listener.value];
  entry.bytes.resize(write_answer(scan_, status, identity, entry.bytes));
  entry.bytes.shrink_to_fit();
  if (method_of(scan_) == "INVITE") {
    entry.branch = branch_of(scan_.vias.front());
    if (options_.retransmit) entry.key = Unacked::key_of(scan_, datagram.listener);
  }
  if (!entry.bytes.empty()) delayed_.push_back(std::move(entry));
}

void Answerer::cancel(const Datagram& datagram, Instant now, Outbox& outbox) {
  answer(datagram, 200, outbox);
  const std::string_view branch = branch_of(scan_.vias.front());
  const auto found = std::ranges::find_if(
      delayed_, [&](const Delayed& entry) { return !branch.empty() && entry.branch == branch; });
  if (found == delayed_.end() || !outbox.has_room()) return;
  // RFC 3261 §9.2: the INVITE that still rings ends with 487. Its answer differs in the first line.
  constexpr std::string_view kTerminated = "SIP/2.0 487 Request Terminated";
  const std::string_view rest = std::string_view{found->bytes}.substr(found->bytes.find("\r\n"));
  const std::span<char> slot = outbox.slot();
  if (kTerminated.size() + rest.size() > slot.size()) return;
  std::ranges::copy(kTerminated, slot.begin());
  std::ranges::copy(rest, slot.begin() + kTerminated.size());
  outbox.commit(kTerminated.size() + rest.size(), found->target, found->listener);
  ++ports_[found->listener.value].answers;
  if (!found->key.empty()) repeat_until_ack(found->key, outbox.sends().back(), now);
  delayed_.erase(found);
}

void Answerer::deliver_due(Instant now, Outbox& outbox) {
  while (!delayed_.empty() && delayed_.front().due <= now && outbox.has_room()) {
    const Delayed& entry = delayed_.front();
    std::ranges::copy(entry.bytes, outbox.slot().begin());
    outbox.commit(entry.bytes.size(), entry.target, entry.listener);
    ++ports_[entry.listener.value].answers;
    if (!entry.key.empty()) repeat_until_ack(entry.key, outbox.sends().back(), now);
    delayed_.pop_front();
  }
  unacked_.repeat_due(now, outbox);
}

Result<int> run_uas(const UasOptions& options, Signals& signals) {
  Result<std::vector<net::UdpSocket>> sockets = open_sockets(options.listen);
  if (!sockets) return std::unexpected(sockets.error());
  std::vector<Address> bound;
  for (const net::UdpSocket& socket : *sockets) {
    bound.push_back(socket.address);
    fmt::print("listening udp:{}\n", to_string(socket.address));
  }
  std::fflush(stdout);
  Answerer answerer{options, std::move(bound)};
  Watch watch{signals, options.common.duration};
  const Result<Duration> elapsed = with_io(options.common.io, std::move(*sockets), [&](auto& io) {
    return answer_loop(io, answerer, watch, options);
  });
  if (!elapsed) return std::unexpected(elapsed.error());
  print(UasReport{answerer.ports(), *elapsed}, options.common.json);
  return 0;
}

}  // namespace steer::siplab
