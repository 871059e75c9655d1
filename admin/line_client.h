#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/net/descriptor.h"

namespace steer::admin {

// One connected client that sends lines and gets lines: its socket, what it sent and was not
// handled yet (at most one line and a little), what it was answered and has not read yet.
class LineClient {
 public:
  LineClient(net::Descriptor descriptor, Instant now);

  int fd() const noexcept { return descriptor_.get(); }

  // Takes what has arrived, as far as one line of the greatest size needs.
  void receive(Instant now);
  // The oldest complete line without its end, valid until the next receive(); nothing: none yet.
  // After the client's end of stream, what is left counts as a line.
  std::optional<std::string_view> next_line();
  bool has_line() const noexcept;
  // More octets than a line may have came without a line end.
  bool is_line_too_long() const noexcept;

  // Queues `text` and a line end, and sends as much as the client takes now.
  void answer(std::string text, Instant now);
  void flush(Instant now);
  // Nothing more is read; the connection ends when the queue is empty.
  void finish() noexcept { finishing_ = true; }
  // The connection is of no use any more.
  void abandon() noexcept { broken_ = true; }

  std::size_t unsent() const noexcept { return output_.size() - sent_; }
  bool wants_input() const noexcept;
  // Everything was said, or nothing more can be.
  bool is_done() const noexcept;
  Instant last_progress() const noexcept { return last_progress_; }

 private:
  std::string_view pending() const noexcept { return std::string_view{input_}.substr(taken_); }

  net::Descriptor descriptor_;
  std::string input_;
  std::size_t taken_ = 0;  // Octets of input_ that were handed out as lines.
  std::string output_;
  std::size_t sent_ = 0;
  Instant last_progress_;
  bool ended_ = false;  // The client sends no more.
  bool finishing_ = false;
  bool broken_ = false;
};

}  // namespace steer::admin
