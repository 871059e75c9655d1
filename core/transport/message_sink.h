#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>

#include "core/base/datagram.h"
#include "core/base/limits.h"
#include "core/base/time.h"
#include "core/sip/parse.h"

namespace steer::transport {

// Bounds of one shard's connections; what an operator may set (docs/config.md).
struct StreamLimits {
  std::size_t connections = 16'384;  // Accepted ones.
  std::size_t per_source = 1'024;
  std::size_t write_queue = 256 * kKiB;
  Duration message_timeout = std::chrono::seconds{10};
  Duration connect_timeout = std::chrono::seconds{2};
  Duration idle_timeout = std::chrono::minutes{10};
};

// Who gets what comes out of the streams.
template <class T>
concept MessageSink = requires(T sink, const Datagram& datagram, sip::ParseError error) {
  // One more message can be handled now.
  { sink.has_room() } -> std::same_as<bool>;
  { sink.message(datagram) } -> std::same_as<void>;
  // The stream is broken here; `datagram` is the head of what cannot be framed, perhaps empty.
  { sink.refused(error, datagram) } -> std::same_as<void>;
};

}  // namespace steer::transport
