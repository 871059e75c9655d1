#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "tests/sim/client_transaction.h"
#include "tests/sim/dialog.h"
#include "tests/sim/packet.h"

namespace steer::sim {

// The called side of a call that asks something itself: another INVITE, an UPDATE or an INFO, then
// its own BYE. A pure machine like Call.
class CalleeDialog {
 public:
  struct Plan {
    Dialog dialog;
    Address self;
    std::string method = "INVITE";    // Asked
    Instant ask_at = Instant::max();  // then; never, if the call is over before.
    Instant bye_at = Instant::max();
  };
  explicit CalleeDialog(Plan plan) : plan_{std::move(plan)} {}

  void on_timer(Instant now, std::vector<Post>& out);
  void on_response(std::string_view text, Instant now, std::vector<Post>& out);
  Instant next_wakeup() const;

  // The caller has ended the call: nothing more is asked.
  void end() { plan_.ask_at = plan_.bye_at = Instant::max(); }
  // It has ended the call itself.
  bool said_bye() const { return said_bye_; }
  // Nothing is to be done or awaited any more.
  bool is_over() const;
  const std::string& call_id() const { return plan_.dialog.call_id; }
  const std::vector<ClientTransaction>& transactions() const { return transactions_; }

 private:
  void begin(const std::string& method, Instant now, std::vector<Post>& out);
  RequestPlan plan_of(const ClientTransaction& transaction) const;
  void send(const std::string& text, std::vector<Post>& out) const;

  Plan plan_;
  std::vector<ClientTransaction> transactions_;
  std::uint32_t cseq_ = 1'000;  // Other numbers than the caller's.
  std::string ack_;             // To the last 2xx.
  bool said_bye_ = false;
};

}  // namespace steer::sim
