#include "tests/sim/call.h"

#include <algorithm>

#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

constexpr std::string_view kTarget = "sip:bob@example.com";
constexpr int kStormSize = 3;

// Nobody can wait for ever for a final response.
void give_up(ClientTransaction& transaction) {
  transaction.timed_out = true;
  transaction.state = ClientTransaction::State::kEnded;
}

}  // namespace

Call::Call(CallPlan plan) : plan_{std::move(plan)} {
  const std::string number = std::to_string(plan_.number);
  begun_ = {.call_id = "call-" + number,
            .local = "<sip:alice-" + number + "@example.com>;tag=from-" + number,
            .remote = "<" + std::string{kTarget} + ">",
            .target = std::string{kTarget},
            .routes = {}};
}

void Call::start(Instant now, std::vector<Post>& out) {
  const bool asks = plan_.kind == CallKind::kQuestion;
  begin(asks ? plan_.method : "INVITE", begun_, now, out,
        plan_.reliable ? "Supported: 100rel\r\n" : "");
  if (plan_.kind == CallKind::kCancel) cancel_at_ = now + plan_.cancel_after;
}

void Call::begin(const std::string& method, const Dialog& dialog, Instant now,
                 std::vector<Post>& out, const std::string& extra) {
  ClientTransaction transaction;
  transaction.method = method;
  transaction.cseq = ++cseq_;
  transaction.branch =
      "z9hG4bKsim-" + std::to_string(plan_.number) + "-" + std::to_string(transaction.cseq);
  RequestPlan request = request_plan(transaction);
  request.extra = extra;
  transaction.text = request_in(dialog, request);
  transaction.begin(now);
  send(transaction.text, out);
  transactions_.push_back(std::move(transaction));
}

RequestPlan Call::request_plan(const ClientTransaction& transaction) const {
  return {.method = transaction.method,
          .cseq = transaction.cseq,
          .branch = transaction.branch,
          .self = plan_.caller,
          .asks_rport = plan_.asks_rport};
}

void Call::send(const std::string& text, std::vector<Post>& out, Duration after) const {
  out.push_back({{text, plan_.caller, plan_.proxy}, after});
}

void Call::on_message(std::string_view text, Instant now, std::vector<Post>& out) {
  if (is_request_text(text)) {
    on_request(text, now, out);
  } else {
    on_response(text, now, out);
  }
  plan_next(now, out);
}

// The called side asks something. The same request gets the same answer.
void Call::on_request(std::string_view text, Instant now, std::vector<Post>& out) {
  const std::string method = method_of(text);
  if (method == "ACK") {
    answered_ = {};
    return;
  }
  const auto [place, is_new] = answers_.try_emplace(branch_of(text) + method);
  if (is_new) {
    const std::uint16_t status = status_for(text);
    const std::string contact = method == "INVITE" ? to_string(plan_.caller) : std::string{};
    place->second =
        answer_to(text, {.status = status, .to_tag = "", .contact = contact, .extra = ""});
    if (method == "INVITE" && status < 300) {
      answered_ = {.text = place->second, .repeat_at = now + kT1};
    }
    if (method == "BYE" && stage_ == Stage::kTalking) {
      stage_ = Stage::kEnding;
      stage_at_ = now + 64 * kT1;  // By then an INVITE of ours has its answer, or gets none.
    }
  }
  send(place->second, out);
}

// RFC 3261 §12.2.2. Who hangs up is always heard.
std::uint16_t Call::status_for(std::string_view request) const {
  if (method_of(request) == "BYE") return 200;
  const bool is_known = dialog_ && tag_of(field_of(request, "From: ")) == tag_of(dialog_->remote);
  return is_known && stage_ == Stage::kTalking ? 200 : 481;
}

void Call::on_response(std::string_view text, Instant now, std::vector<Post>& out) {
  const std::string branch = branch_of(text);
  const std::string method = cseq_method_of(text);
  const auto found = std::ranges::find_if(transactions_, [&](const ClientTransaction& each) {
    return each.branch == branch && each.method == method;
  });
  if (found == transactions_.end() || found->has_ended()) return;
  const std::uint16_t status = status_of(text);
  const Heard heard = found->on_response(status, tag_of(field_of(text, "To: ")), now);
  const bool may_update = plan_.updates && !updated_ && early_ && !transactions_.front().is_over();
  if (method == "PRACK" && heard == Heard::kFinal && status < 300 && may_update) {
    updated_ = true;
    return begin("UPDATE", *early_, now, out);
  }
  if (!found->is_invite()) return;
  if (heard == Heard::kProvisional && found->provisionals == 1) {
    stage_at_ = std::min(stage_at_, now + plan_.patience);
  }
  if (heard == Heard::kProvisional) return on_early(text, now, out);
  if (heard == Heard::kFinal || heard == Heard::kAgain) on_invite_final(*found, text, heard, out);
}

// RFC 3262 §4: each reliable provisional response is acknowledged once by a PRACK.
void Call::on_early(std::string_view text, Instant now, std::vector<Post>& out) {
  const std::string number{field_of(text, "RSeq: ")};
  if (!plan_.reliable || number.empty()) return;
  if (!pracked_.insert(tag_of(field_of(text, "To: ")) + " " + number).second) return;
  early_ = dialog_of_response(begun_, text);
  begin("PRACK", *early_, now, out,
        "RAck: " + number + " " + std::to_string(cseq_of(text)) + " INVITE\r\n");
}

void Call::on_invite_final(const ClientTransaction& invite, std::string_view text, Heard heard,
                           std::vector<Post>& out) {
  if (status_of(text) >= 300) {
    // The first INVITE was outside of dialogs, whatever another answer to it has made since.
    const bool is_first = invite.cseq == transactions_.front().cseq;
    const Dialog& dialog = is_first || !dialog_ ? begun_ : *dialog_;
    return send(ack_to_failure(dialog, request_plan(invite), text), out);
  }
  // RFC 3261 §13.2.2.4: every 2xx gets its ACK, each time it comes.
  const bool is_ours = !dialog_ || tag_of(dialog_->remote) == tag_of(field_of(text, "To: "));
  if (!is_ours) return;
  if (heard == Heard::kFinal) {
    dialog_ = dialog_of_response(dialog_.value_or(begun_), text);
    RequestPlan ack = request_plan(invite);
    ack.method = "ACK";
    if (!plan_.reuses_branch) ack.branch += "-ack";
    ack_ = request_in(*dialog_, ack);
  }
  send(ack_, out, plan_.ack_delay);
}

void Call::on_timer(Instant now, std::vector<Post>& out) {
  // By place: a step of the plan below adds transactions.
  for (std::size_t i = 0; i < transactions_.size(); ++i) {
    if (transactions_[i].on_timer(now)) send(transactions_[i].text, out);
  }
  if (answered_.repeat_at <= now) {
    send(answered_.text, out);
    answered_.interval = std::min(2 * answered_.interval, kT2);
    answered_.repeat_at = now + answered_.interval;
  }
  if (now >= stage_at_) take_stage(now, out);
  plan_next(now, out);
}

// RFC 3261 §9.1.
void Call::cancel(Instant now, std::vector<Post>& out) {
  const ClientTransaction& first = transactions_.front();
  cancelled_ = true;
  cancel_at_ = Instant::max();
  if (first.is_over()) return;
  ClientTransaction cancel;
  cancel.method = "CANCEL";
  cancel.cseq = first.cseq;
  cancel.branch = first.branch;
  cancel.text = request_in(begun_, request_plan(cancel));
  cancel.begin(now);
  send(cancel.text, out);
  stage_at_ = now + 64 * kT1;  // Then no final response need be awaited any more.
  transactions_.push_back(std::move(cancel));
}

void Call::storm(std::vector<Post>& out) const {
  const ClientTransaction& first = transactions_.front();
  if (!first.is_invite()) return;
  RequestPlan cancel = request_plan(first);
  cancel.method = "CANCEL";
  for (int i = 0; i < kStormSize; ++i) {
    send(request_in(begun_, cancel), out);
  }
}

// What the plan wants after something has changed.
void Call::plan_next(Instant now, std::vector<Post>& out) {
  const bool may_cancel = transactions_.front().provisionals != 0 || plan_.hasty;
  if (cancel_at_ <= now && !cancelled_ && transactions_.front().is_invite() && may_cancel) {
    cancel(now, out);
  }
  const ClientTransaction& last = transactions_.back();
  const ClientTransaction& first = transactions_.front();
  const bool answered = last.is_invite() && last.state == ClientTransaction::State::kCompleted;
  if (stage_ == Stage::kInviting && first.is_over()) {
    const bool talks = has_dialog() && first.is_invite();
    stage_ = talks ? Stage::kTalking : Stage::kEnding;
    stage_at_ = talks ? now + plan_.talk : Instant::max();
  }
  if (stage_ == Stage::kTalking && stage_at_ == Instant::max() && (answered || last.is_over())) {
    stage_at_ = now + plan_.talk;
  }
  over_ = stage_ == Stage::kEnding &&
          std::ranges::all_of(transactions_, [](const auto& each) { return each.has_ended(); });
}

// A step of the plan is due.
void Call::take_stage(Instant now, std::vector<Post>& out) {
  stage_at_ = Instant::max();
  switch (stage_) {
    case Stage::kInviting:
      // No final response in time: CANCEL, or, if that has been done, give up.
      if (!cancelled_) {
        cancel_at_ = now;
        return;
      }
      if (!transactions_.front().is_over()) give_up(transactions_.front());
      return;
    case Stage::kTalking:
      if (plan_.kind == CallKind::kReinvite && !asked_again_) {
        asked_again_ = true;
        begin("INVITE", *dialog_, now, out);
        return;
      }
      // Other requests end by themselves.
      if (transactions_.back().is_invite() && !transactions_.back().is_over()) {
        give_up(transactions_.back());
      }
      begin("BYE", *dialog_, now, out);
      stage_ = Stage::kEnding;
      return;
    case Stage::kEnding:
      for (ClientTransaction& each : transactions_) {
        if (each.is_invite() && !each.is_over()) give_up(each);
      }
      return;
  }
}

Instant Call::next_wakeup() const {
  if (over_) return Instant::max();
  Instant at = std::min(stage_at_, answered_.repeat_at);
  const bool may_cancel = !cancelled_ && !transactions_.empty() &&
                          (transactions_.front().provisionals != 0 || plan_.hasty) &&
                          !transactions_.front().is_over();
  if (may_cancel) at = std::min(at, cancel_at_);
  for (const ClientTransaction& each : transactions_) {
    at = std::min(at, each.next_wakeup());
  }
  return at;
}

}  // namespace steer::sim
