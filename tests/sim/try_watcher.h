#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/base/address.h"
#include "core/base/outbox.h"
#include "tests/sim/invariant.h"
#include "tests/sim/sim_io.h"

namespace steer::sim {

// Looks at what leaves a shard for requests that have a transaction: which destinations they try,
// one after the other, and what was said to the client meanwhile. It knows nothing but what lies in
// inbox and outbox.
class TryWatcher {
 public:
  // Before a turn: what its exchange will bring. `hands_over`: it may be handled in a later turn,
  // by another shard.
  void before_turn(const Port& port, bool hands_over);
  // After it. Returns how many requests went on to another destination. `had_room`: the outbox has
  // always taken all that was to be sent; what it did not is seen later, at a repetition, and then
  // says nothing of when it was decided.
  std::uint64_t after_turn(std::span<const Send> sends, bool had_room);

  // Told what broke.
  std::function<void(Invariant, std::string)> on_violation;

 private:
  struct Request {
    std::vector<Address> tried;
    bool early = false;      // 101 to 199 was passed on.
    bool cancelled = false;  // Its CANCEL was answered 200.
    bool answered = false;   // A final response was passed on.
  };

  std::uint64_t note_try(const Send& send, bool had_room);
  void check_moment(const Request& request, const std::string& what);

  std::map<std::string, Request> requests_;  // By Call-ID, CSeq and method.
  std::set<std::string> branches_;
  std::set<std::string> arrived_;  // Requests that came and may begin something.
};

// Our branch on stateful routes begins with this.
bool is_stateful_branch(std::string_view branch);

}  // namespace steer::sim
