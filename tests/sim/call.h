#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "tests/sim/client_transaction.h"
#include "tests/sim/packet.h"

namespace steer::sim {

enum class CallKind : std::uint8_t {
  kCall,      // INVITE, ACK, BYE.
  kReinvite,  // With a second INVITE within the dialog.
  kCancel,    // CANCEL some time after the INVITE, never before its first provisional.
  kQuestion,  // A request outside of dialogs: OPTIONS, MESSAGE, …
};

// What one call is going to do; drawn before it begins.
struct CallPlan {
  CallKind kind = CallKind::kCall;
  std::string method = "INVITE";  // kQuestion: its method.
  std::uint32_t number = 0;       // Names it: "call-17".
  Address caller;
  Address proxy;  // The listener it calls.
  bool asks_rport = true;
  bool reuses_branch = false;  // Its ACK to a 2xx has the INVITE's branch, as RFC 2543 had it.
  Duration talk = std::chrono::seconds{2};
  Duration cancel_after{};
  Duration patience = std::chrono::seconds{40};  // For a final response after a provisional one.
};

// A caller's side of one call as a pure machine: octets and instants in, octets out. It knows the
// rules of RFC 3261 for user agents and its own plan, nothing of the dispatcher.
class Call {
 public:
  explicit Call(CallPlan plan) : plan_{std::move(plan)} {}

  void start(Instant now, std::vector<Post>& out);
  void on_message(std::string_view text, Instant now, std::vector<Post>& out);
  void on_timer(Instant now, std::vector<Post>& out);
  Instant next_wakeup() const;

  // Nothing is to be done or awaited any more.
  bool is_over() const { return over_; }
  bool has_dialog() const { return !to_tag_.empty(); }
  const CallPlan& plan() const { return plan_; }
  const std::vector<ClientTransaction>& transactions() const { return transactions_; }

 private:
  enum class Stage : std::uint8_t { kInviting, kTalking, kEnding };

  ClientTransaction& begin(const std::string& method, bool in_dialog, Instant now,
                           std::vector<Post>& out);
  std::string request(const std::string& method, std::uint32_t cseq, const std::string& branch,
                      bool in_dialog) const;
  void send(const std::string& text, std::vector<Post>& out) const;
  void on_response(std::string_view text, Instant now, std::vector<Post>& out);
  void on_request(std::string_view text, Instant now, std::vector<Post>& out);
  void on_invite_final(ClientTransaction& invite, std::string_view text, Heard heard,
                       std::vector<Post>& out);
  void acknowledge_refusal(const ClientTransaction& invite, std::string_view text,
                           std::vector<Post>& out) const;
  void learn_dialog(std::string_view text);
  void plan_next(Instant now, std::vector<Post>& out);
  void take_stage(Instant now, std::vector<Post>& out);

  CallPlan plan_;
  std::vector<ClientTransaction> transactions_;
  std::uint32_t cseq_ = 0;
  std::string to_tag_;
  std::string remote_target_;
  std::vector<std::string> routes_;  // Of the dialog, in the order to be written.
  std::string ack_;                  // To the last 2xx.
  Stage stage_ = Stage::kInviting;
  Instant stage_at_ = Instant::max();   // When the next step of the plan is due.
  Instant cancel_at_ = Instant::max();  // When CANCEL may be sent.
  bool cancelled_ = false;
  bool started_ = false;
  bool over_ = false;
};

}  // namespace steer::sim
