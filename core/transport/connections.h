#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/datagram.h"
#include "core/base/limits.h"
#include "core/base/outbox.h"
#include "core/base/stream.h"
#include "core/transport/buffer_pool.h"
#include "core/transport/connection_table.h"
#include "core/transport/message_sink.h"
#include "core/transport/stream_counters.h"

namespace steer::transport {

// The connections of one shard (RFC 3261 §18): accepts, opens, frames, queues, ends them in time.
// Everything that a peer can make it hold has a bound and a counter. Owned by the shard, one
// thread; borrows the port, which owns the sockets. A turn is begin(), receive(), then any number
// of send(), then flush(), expire() and tell_failures().
template <StreamPort Port>
class Connections {
 public:
  struct Options {
    std::uint8_t shard = 0;
    StreamLimits limits;
    Seed seed;  // Drawn at each start.
    StreamCounters& counters;
    std::size_t outgoing = kOutgoingReserve;  // Connections that we open.
    // After a failure to open one nobody tries again for so long; doubles with each further one.
    Duration backoff = std::chrono::milliseconds{50};
  };
  Connections(Port& port, const Options& options)
      : port_{port},
        limits_{options.limits},
        counters_{options.counters},
        table_{{.shard = options.shard,
                .capacity = options.limits.connections + options.outgoing,
                .seed = options.seed}},
        shard_{options.shard},
        outgoing_max_{options.outgoing},
        backoff_{options.backoff} {}

  std::size_t size() const noexcept { return table_.size(); }
  std::uint8_t shard() const noexcept { return shard_; }

  // Takes what the last exchange brought. Gives `sink` at most kStreamMessagesPerTurn messages,
  // from each connection in turn.
  template <MessageSink Sink>
  void receive(Instant now, Sink& sink) {
    now_ = now;
    for (const StreamEvent& event : port_.events()) {
      note(event);
    }
    for (const ListenerIndex listener : port_.waiting()) {
      accept_from(listener);
    }
    std::size_t left = kStreamMessagesPerTurn;
    for (std::size_t turn = ready_.size(); turn != 0 && left != 0 && sink.has_room(); --turn) {
      Connection& connection = table_[ready_.front()];
      ready_.pop_front();
      if (!std::exchange(connection.ready, false)) continue;  // It has ended since.
      visit(connection, left, sink);
    }
  }
  // Messages wait that no event will tell of: do not wait for one.
  bool has_more() const noexcept { return !ready_.empty(); }

  // By the connection that it names; if that is gone, or none, by one of our own to its target (RFC
  // 3261 §18.1.1, §18.2.2). Leaves with flush(). What cannot leave is told as a failure.
  void send(const Send& send) {
    Connection* connection = table_.find(send.connection);
    if (connection == nullptr) connection = towards({send.target, send.listener});
    if (connection == nullptr) return counters_.lost_sends.add();
    constexpr std::string_view kFinal = "SIP/2.0 ";
    const bool is_final = send.bytes.starts_with(kFinal) && send.bytes[kFinal.size()] >= '2';
    if (is_final && connection->owed != 0) --connection->owed;
    put(*connection, send.bytes);
  }

  void flush() {
    for (const StreamSlot slot : dirty_) {
      Connection& connection = table_[slot];
      if (std::exchange(connection.dirty, false)) write_out(connection);
    }
    dirty_.clear();
  }

  // Calls tell(failure) for each connection to a target that broke or could not be opened.
  template <class Tell>
  void tell_failures(const Tell& tell) {
    for (const StreamFailure& failure : failures_) {
      tell(failure);
    }
    failures_.clear();
  }

  // Ends what has taken too long.
  void expire(Instant now) {
    now_ = now;
    if (now < next_sweep_) return;
    last_sweep_ = now;
    next_sweep_ = kNever;
    for (std::size_t slot = 0; slot < table_.places(); ++slot) {
      Connection& connection = table_[static_cast<StreamSlot>(slot)];
      if (connection.state == ConnectionState::kFree) continue;
      if (due_of(connection) <= now) {
        end_late(connection);
      } else {
        schedule(connection);
      }
    }
    counters_.open_now.set(table_.size());
  }
  // When expire() is due; nothing: not before something else has happened.
  std::optional<Instant> next_wakeup() const noexcept {
    return next_sweep_ == kNever ? std::nullopt : std::optional{next_sweep_};
  }

 private:
  static constexpr Duration kSweepPause = std::chrono::milliseconds{100};
  static constexpr Duration kLinger = std::chrono::seconds{2};     // For an answer to be read.
  static constexpr Duration kHalfTime = std::chrono::seconds{32};  // 64*T1: then nobody answers.
  static constexpr std::uint32_t kBackoffDoublings = 6;

  static Instant due_of(const Connection& connection) noexcept {
    return std::min({connection.idle_at, connection.whole_at, connection.read_at});
  }
  // Its instants may have moved ahead: the next sweep is not after them.
  void schedule(const Connection& connection) noexcept {
    const Instant due = std::max(due_of(connection), last_sweep_ + kSweepPause);
    next_sweep_ = std::min(next_sweep_, due);
  }

  void note(const StreamEvent& event) {
    Connection& connection = table_[event.slot];
    if (connection.state == ConnectionState::kFree) return;
    if (connection.state == ConnectionState::kOpening) return opened(connection);
    if (event.writable) touch_output(connection);
    if (event.broken && connection.input_ended) {
      counters_.closed_reset.add();
      return lose(connection);
    }
    if (event.readable || event.broken) make_ready(connection);
  }

  void make_ready(Connection& connection) {
    if (std::exchange(connection.ready, true)) return;
    ready_.push_back(connection.id.slot);
  }
  void touch_output(Connection& connection) {
    if (std::exchange(connection.dirty, true)) return;
    dirty_.push_back(connection.id.slot);
  }

  void accept_from(ListenerIndex listener) {
    for (std::size_t i = 0; i < kAcceptsPerTurn; ++i) {
      Connection* const connection = table_.take();
      STEER_ASSERT(connection != nullptr);  // More than connections and reserve fit.
      const AcceptStatus status = port_.accept(listener, connection->id.slot, connection->peer);
      if (status != AcceptStatus::kAccepted) {
        table_.give_back(*connection);
        if (status == AcceptStatus::kNone) return;
        counters_.refused_descriptors.add();
        continue;
      }
      const bool is_full = accepted_ >= limits_.connections;
      if (is_full || !table_.add_source(connection->peer, limits_.per_source)) {
        (is_full ? counters_.refused_total : counters_.refused_source).add();
        port_.close(connection->id.slot);
        table_.give_back(*connection);
        continue;
      }
      ++accepted_;
      counters_.accepted.add();
      connection->listener = listener;
      begin(*connection, ConnectionState::kOpen, limits_.idle_timeout);
    }
  }

  void begin(Connection& connection, ConnectionState state, Duration time) {
    connection.state = state;
    connection.idle_at = now_ + time;
    schedule(connection);
    counters_.open_now.set(table_.size());
  }

  // One of ours to this target, opened if there is none. Null: it cannot be, and that was told.
  Connection* towards(const OutgoingKey& key) {
    OutgoingEntry& entry = table_.outgoing(key);
    if (Connection* const connection = table_.find(entry.connection)) return connection;
    if (entry.retry_at > now_) {
      counters_.open_backed_off.add();
      failures_.push_back({key.target, false, EAGAIN});
      return nullptr;
    }
    if (table_.size() - accepted_ >= outgoing_max_ - 1) {
      counters_.open_full.add();
      failures_.push_back({key.target, false, EAGAIN});
      return nullptr;
    }
    Connection* const connection = table_.take();
    STEER_ASSERT(connection != nullptr);
    connection->peer = key.target;
    connection->listener = key.listener;
    connection->outgoing = true;
    entry.connection = connection->id;
    const int error = port_.connect(connection->id.slot, key.listener, key.target);
    if (error != 0) {
      table_.give_back(*connection);
      counters_.open_failed.add();
      note_not_opened(key, error);
      return nullptr;
    }
    begin(*connection, ConnectionState::kOpening, limits_.connect_timeout);
    return connection;
  }

  // After a failure nobody tries again for a while, longer each time.
  void note_not_opened(const OutgoingKey& key, int error) {
    OutgoingEntry& entry = table_.outgoing(key);
    entry.connection = {};
    entry.retry_at = now_ + backoff_ * (1U << std::min(entry.failures, kBackoffDoublings));
    ++entry.failures;
    failures_.push_back({key.target, false, error});
  }

  void opened(Connection& connection) {
    if (const int error = port_.connect_error(connection.id.slot); error != 0) {
      counters_.open_failed.add();
      return not_opened(connection, error);
    }
    counters_.opened.add();
    table_.outgoing({connection.peer, connection.listener}).failures = 0;
    begin(connection, ConnectionState::kOpen, limits_.idle_timeout);
    port_.watch(connection.id.slot, true, false);
    touch_output(connection);
  }

  void not_opened(Connection& connection, int error) {
    const OutgoingKey key{connection.peer, connection.listener};
    close(connection);
    note_not_opened(key, error);
  }

  // It ended though it was still needed.
  void lose(Connection& connection) {
    if (connection.outgoing) failures_.push_back({connection.peer, true, ECONNRESET});
    close(connection);
  }

  void close(Connection& connection) {
    port_.close(connection.id.slot);
    if (connection.outgoing) {
      const OutgoingKey key{connection.peer, connection.listener};
      OutgoingEntry& entry = table_.outgoing(key);
      entry.connection = {};
      if (entry.failures == 0) table_.forget_outgoing(key);
    } else {
      --accepted_;
      table_.remove_source(connection.peer);
    }
    buffers_.clear(connection.input);
    buffers_.clear(connection.output);
    table_.give_back(connection);
    counters_.open_now.set(table_.size());
  }

  template <class Sink>
  void visit(Connection& connection, std::size_t& left, Sink& sink) {
    if (!std::exchange(connection.has_more, false)) {
      const StreamResult got = port_.read(connection.id.slot, scratch_);
      switch (got.status) {
        case StreamStatus::kLater: return;
        case StreamStatus::kEnded: return ended(connection);
        case StreamStatus::kBroken: counters_.closed_reset.add(); return lose(connection);
        case StreamStatus::kDone: break;
      }
      if (connection.state == ConnectionState::kClosing) return;
      const std::string_view came{scratch_.data(), got.size};
      if (connection.input.empty()) return cut(connection, came, left, sink);
      if (!keep(connection, connection.input, came)) return;
    }
    cut(connection, connection.input, left, sink);
  }

  // `octets` are those of the input, or what has just come and stands for it.
  template <class Sink>
  void cut(Connection& connection, std::string_view octets, std::size_t& left, Sink& sink) {
    std::size_t taken = 0;
    std::size_t share = kStreamMessagesPerVisit;
    sip::Frame frame;
    do {
      connection.has_more = share == 0 || left == 0 || !sink.has_room();
      if (connection.has_more) break;
      frame = connection.framer.next(octets.substr(taken), kDatagramSizeMax);
      const std::string_view framed = octets.substr(taken, frame.size);
      switch (frame.kind) {
        case sip::FrameKind::kMore: break;
        case sip::FrameKind::kEmpty: --share; break;
        case sip::FrameKind::kPing:
          --share;
          counters_.keep_alives.add();
          put(connection, "\r\n");
          break;
        case sip::FrameKind::kMessage:
          --share;
          --left;
          take_message(connection, framed, sink);
          break;
        case sip::FrameKind::kBroken: return break_off(connection, frame.error, framed, sink);
      }
      if (connection.state == ConnectionState::kFree) return;  // Its queue was full.
      taken += frame.size;
    } while (frame.kind != sip::FrameKind::kMore);
    keep_rest(connection, octets, taken);
  }

  template <class Sink>
  void take_message(Connection& connection, std::string_view framed, Sink& sink) {
    counters_.messages.add();
    if (!framed.starts_with("SIP/2.0 ") && !framed.starts_with("ACK ")) ++connection.owed;
    sink.message({.bytes = framed,
                  .source = connection.peer,
                  .listener = connection.listener,
                  .connection = connection.id});
  }

  // Answered where that is possible; what comes besides is thrown away until it was read.
  template <class Sink>
  void break_off(Connection& connection, sip::ParseError error, std::string_view head, Sink& sink) {
    counters_.closed_framing.add();
    const Datagram datagram{.bytes = head,
                            .source = connection.peer,
                            .listener = connection.listener,
                            .connection = connection.id};
    sink.refused(error, datagram);  // `head` may lie in the input.
    if (head.empty()) return lose(connection);
    drop_input(connection);
    begin(connection, ConnectionState::kClosing, kLinger);
    touch_output(connection);
  }

  void keep_rest(Connection& connection, std::string_view octets, std::size_t taken) {
    const bool from_input = octets.data() == connection.input.data();
    const std::string_view rest = octets.substr(taken);
    if (rest.empty()) {
      drop_input(connection);
    } else if (from_input) {
      buffers_.cut(connection.input, taken);
    } else if (!keep(connection, connection.input, rest)) {
      return;
    }
    const bool waits = !connection.input.empty() && !connection.has_more;
    if (!waits) {
      connection.whole_at = kNever;
    } else if (taken != 0 || connection.whole_at == kNever) {
      connection.whole_at = now_ + limits_.message_timeout;
    }
    connection.idle_at = now_ + limits_.idle_timeout;
    schedule(connection);
    if (connection.has_more) make_ready(connection);
  }

  // Adds octets to a buffer of the connection. False: too many are held; it is gone.
  bool keep(Connection& connection, std::string& buffer, std::string_view octets) {
    if (buffers_.add(buffer, octets)) return true;
    counters_.closed_memory.add();
    lose(connection);
    return false;
  }

  void drop_input(Connection& connection) {
    buffers_.clear(connection.input);
    connection.whole_at = kNever;
  }

  // The peer will send no more. It may still wait for what we owe it.
  void ended(Connection& connection) {
    const bool is_owed = connection.owed != 0 || !connection.output.empty();
    if (connection.outgoing || connection.state == ConnectionState::kClosing ||
        !connection.input.empty() || !is_owed) {
      counters_.closed_by_peer.add();
      return lose(connection);
    }
    connection.input_ended = true;
    port_.watch(connection.id.slot, false, connection.watches_output);
    begin(connection, ConnectionState::kOpen, kHalfTime);
  }

  void put(Connection& connection, std::string_view octets) {
    const std::size_t queued = connection.output.size() - connection.output_begin;
    if (queued + octets.size() > limits_.write_queue) {
      counters_.closed_unread.add();
      return lose(connection);
    }
    if (keep(connection, connection.output, octets)) touch_output(connection);
  }

  void write_out(Connection& connection) {
    if (connection.state == ConnectionState::kFree ||
        connection.state == ConnectionState::kOpening) {
      return;
    }
    bool moved = false;
    while (connection.output_begin != connection.output.size()) {
      const StreamResult wrote = port_.write(
          connection.id.slot, std::string_view{connection.output}.substr(connection.output_begin));
      if (wrote.status == StreamStatus::kLater) break;
      if (wrote.status != StreamStatus::kDone) {
        counters_.closed_reset.add();
        return lose(connection);
      }
      connection.output_begin += wrote.size;
      moved = true;
    }
    const bool is_empty = connection.output_begin == connection.output.size();
    if (is_empty) return written(connection);
    if (moved || connection.read_at == kNever) {
      connection.read_at = now_ + limits_.message_timeout;
      schedule(connection);
    }
    if (connection.output_begin > connection.output.size() / 2) {
      buffers_.cut(connection.output, std::exchange(connection.output_begin, 0));
    }
    watch_output(connection, true);
  }

  void watch_output(Connection& connection, bool wanted) {
    if (std::exchange(connection.watches_output, wanted) == wanted) return;
    port_.watch(connection.id.slot, !connection.input_ended, wanted);
  }

  // All that was queued has left.
  void written(Connection& connection) {
    connection.output_begin = 0;
    buffers_.clear(connection.output);
    connection.read_at = kNever;
    watch_output(connection, false);
    if (connection.state == ConnectionState::kClosing) port_.end_output(connection.id.slot);
    if (connection.input_ended && connection.owed == 0) {
      counters_.closed_half.add();
      close(connection);
    }
  }

  void end_late(Connection& connection) {
    if (connection.state == ConnectionState::kOpening) {
      counters_.open_timed_out.add();
      return not_opened(connection, ETIMEDOUT);
    }
    if (connection.whole_at <= now_) {
      counters_.closed_late.add();
      return lose(connection);
    }
    if (connection.read_at <= now_) {
      counters_.closed_unread.add();
      return lose(connection);
    }
    (connection.input_ended ? counters_.closed_half : counters_.closed_idle).add();
    close(connection);
  }

  Port& port_;
  StreamLimits limits_;
  StreamCounters& counters_;
  ConnectionTable table_;
  std::uint8_t shard_;
  std::size_t outgoing_max_;
  Duration backoff_;
  Instant now_{};
  Instant last_sweep_{};
  Instant next_sweep_ = kNever;
  std::size_t accepted_ = 0;  // Of those in the table.
  std::deque<StreamSlot> ready_;
  std::vector<StreamSlot> dirty_;
  std::vector<StreamFailure> failures_;
  BufferPool buffers_;
  std::array<char, kStreamReadSize> scratch_;
};

}  // namespace steer::transport
