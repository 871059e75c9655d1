#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "tests/sim/client_transaction.h"
#include "tests/sim/dialog.h"
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
  Address caller{};
  Address proxy{};  // The listener it calls.
  bool asks_rport = true;
  bool reuses_branch = false;  // Its ACK to a 2xx has the INVITE's branch, as RFC 2543 had it.
  bool reliable = false;       // Understands 100rel: PRACK for what asks for it (RFC 3262),
  bool updates = false;        // and UPDATE after that (RFC 3311).
  bool hasty = false;          // kCancel: does not wait for a provisional response.
  Duration ack_delay{};        // Before its ACK to a 2xx.
  Duration talk = std::chrono::seconds{2};
  Duration cancel_after{};
  Duration patience = std::chrono::seconds{40};  // For a final response after a provisional one.
};

// A caller's side of one call, which also answers what the called side asks,
// as a pure machine: octets and instants in, octets out. It knows the rules of RFC 3261 for user
// agents and its own plan, nothing of the dispatcher.
class Call {
 public:
  explicit Call(CallPlan plan);

  void start(Instant now, std::vector<Post>& out);
  void on_message(std::string_view text, Instant now, std::vector<Post>& out);
  void on_timer(Instant now, std::vector<Post>& out);
  Instant next_wakeup() const;
  // CANCELs without rhyme or reason: several at once, whatever has become of the INVITE.
  void storm(std::vector<Post>& out) const;

  // Nothing is to be done or awaited any more.
  bool is_over() const { return over_; }
  bool has_dialog() const { return dialog_.has_value(); }
  const CallPlan& plan() const { return plan_; }
  const std::vector<ClientTransaction>& transactions() const { return transactions_; }

 private:
  enum class Stage : std::uint8_t { kInviting, kTalking, kEnding };

  // What it has answered to an INVITE, until the ACK comes (RFC 3261 §13.3.1.4).
  struct Answered {
    std::string text;
    Instant repeat_at = Instant::max();
    Duration interval = kT1;
  };

  void begin(const std::string& method, const Dialog& dialog, Instant now, std::vector<Post>& out,
             const std::string& extra = {});
  RequestPlan request_plan(const ClientTransaction& transaction) const;
  void send(const std::string& text, std::vector<Post>& out, Duration after = {}) const;
  void on_response(std::string_view text, Instant now, std::vector<Post>& out);
  void on_request(std::string_view text, Instant now, std::vector<Post>& out);
  std::uint16_t status_for(std::string_view request) const;
  void on_early(std::string_view text, Instant now, std::vector<Post>& out);
  void on_invite_final(const ClientTransaction& invite, std::string_view text, Heard heard,
                       std::vector<Post>& out);
  void cancel(Instant now, std::vector<Post>& out);
  void plan_next(Instant now, std::vector<Post>& out);
  void take_stage(Instant now, std::vector<Post>& out);

  CallPlan plan_;
  std::vector<ClientTransaction> transactions_;
  std::uint32_t cseq_ = 0;
  Dialog begun_;                   // Before anybody has answered.
  std::optional<Dialog> early_;    // By a reliable provisional response.
  std::optional<Dialog> dialog_;   // By the first 2xx.
  std::set<std::string> pracked_;  // Reliable provisional responses, by tag and number.
  std::map<std::string, std::string> answers_;  // Its own, by branch and method.
  Answered answered_;
  std::string ack_;  // To the last 2xx.
  Stage stage_ = Stage::kInviting;
  Instant stage_at_ = Instant::max();   // When the next step of the plan is due.
  Instant cancel_at_ = Instant::max();  // When CANCEL may be sent.
  bool cancelled_ = false;
  bool asked_again_ = false;  // kReinvite: the second INVITE has been sent.
  bool updated_ = false;
  bool over_ = false;
};

}  // namespace steer::sim
