#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "admin/service.h"

namespace steer::admin {

// One client of GET /events: server-sent events (the living standard of HTML, "text/event-stream").
// The whole present state comes first, as `state`, then each change as `change`; `lost` says that
// changes are missing, and the state comes again. An id names the process and the sequence, so that
// a client that comes back with the last one goes on behind it; where that cannot be, because the
// daemon was started anew or keeps no such old events, it begins with the state again.
// No I/O, no clock; control thread only.
class EventStream {
 public:
  // `last_event_id`: of the header field Last-Event-ID; empty: the client is new.
  EventStream(const Service& service, std::string_view last_event_id);

  // What is to be sent now; empty: nothing has happened. At most kRpcFollowCountMax changes.
  std::string news(const Service& service);

 private:
  void tell_state(const Service& service, std::string& out);
  std::string id_of(std::uint64_t sequence) const;

  std::string process_;     // Names the process in ids.
  std::uint64_t next_ = 1;  // The sequence of the next change to be told.
  bool needs_state_ = true;
};

}  // namespace steer::admin
