#include "tests/sim/call.h"

#include <algorithm>

#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

constexpr std::string_view kTarget = "sip:bob@example.com";

// Nobody can wait for ever for a final response.
void give_up(ClientTransaction& transaction) {
  transaction.timed_out = true;
  transaction.state = ClientTransaction::State::kEnded;
}

}  // namespace

void Call::start(Instant now, std::vector<Post>& out) {
  started_ = true;
  const bool asks = plan_.kind == CallKind::kQuestion;
  begin(asks ? plan_.method : "INVITE", false, now, out);
  if (plan_.kind == CallKind::kCancel) cancel_at_ = now + plan_.cancel_after;
}

ClientTransaction& Call::begin(const std::string& method, bool in_dialog, Instant now,
                               std::vector<Post>& out) {
  ClientTransaction transaction;
  transaction.method = method;
  transaction.cseq = ++cseq_;
  transaction.branch =
      "z9hG4bKsim-" + std::to_string(plan_.number) + "-" + std::to_string(transaction.cseq);
  transaction.text = request(method, transaction.cseq, transaction.branch, in_dialog);
  transaction.begin(now);
  send(transaction.text, out);
  transactions_.push_back(std::move(transaction));
  return transactions_.back();
}

std::string Call::request(const std::string& method, std::uint32_t cseq, const std::string& branch,
                          bool in_dialog) const {
  const std::string number = std::to_string(plan_.number);
  const std::string uri = in_dialog ? remote_target_ : std::string{kTarget};
  std::string text = method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " +
                     to_string(plan_.caller) + ";branch=" + branch +
                     (plan_.asks_rport ? ";rport" : "") + "\r\n";
  for (const std::string& route : in_dialog ? routes_ : std::vector<std::string>{}) {
    text += "Route: " + route + "\r\n";
  }
  text += "Max-Forwards: 70\r\nFrom: <sip:alice-" + number + "@example.com>;tag=from-" + number +
          "\r\nTo: <" + std::string{kTarget} + ">";
  if (in_dialog) text += ";tag=" + to_tag_;
  text +=
      "\r\nCall-ID: call-" + number + "\r\nCSeq: " + std::to_string(cseq) + " " + method + "\r\n";
  if (method != "CANCEL") text += "Contact: <sip:" + to_string(plan_.caller) + ">\r\n";
  return text + "Content-Length: 0\r\n\r\n";
}

void Call::send(const std::string& text, std::vector<Post>& out) const {
  out.push_back({{text, plan_.caller, plan_.proxy}, {}});
}

void Call::on_message(std::string_view text, Instant now, std::vector<Post>& out) {
  if (is_request_text(text)) {
    on_request(text, now, out);
  } else {
    on_response(text, now, out);
  }
  plan_next(now, out);
}

// The callee ends the call; nothing else is asked of a caller here.
void Call::on_request(std::string_view text, Instant now, std::vector<Post>& out) {
  if (method_of(text) == "ACK") return;
  send(answer_to(text, {.status = 200, .to_tag = "", .contact = "", .extra = ""}), out);
  if (method_of(text) == "BYE" && stage_ == Stage::kTalking) {
    stage_ = Stage::kEnding;
    stage_at_ = now;
  }
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
  if (!found->is_invite()) return;
  if (heard == Heard::kProvisional && found->provisionals == 1) {
    stage_at_ = std::min(stage_at_, now + plan_.patience);
  }
  if (heard == Heard::kFinal || heard == Heard::kAgain) on_invite_final(*found, text, heard, out);
}

void Call::on_invite_final(ClientTransaction& invite, std::string_view text, Heard heard,
                           std::vector<Post>& out) {
  if (status_of(text) >= 300) {
    acknowledge_refusal(invite, text, out);
    return;
  }
  // RFC 3261 §13.2.2.4: every 2xx gets its ACK, each time it comes.
  const bool is_ours = to_tag_.empty() || to_tag_ == tag_of(field_of(text, "To: "));
  if (!is_ours) return;
  if (heard == Heard::kFinal) {
    learn_dialog(text);
    const std::string own = plan_.reuses_branch ? "" : "-ack";
    ack_ = request("ACK", invite.cseq, invite.branch + own, true);
  }
  send(ack_, out);
}

// RFC 3261 §17.1.1.3.
void Call::acknowledge_refusal(const ClientTransaction& invite, std::string_view text,
                               std::vector<Post>& out) const {
  std::string ack = "ACK " + uri_of(invite.text) + " SIP/2.0\r\n";
  ack += lines_of(invite.text, "Via:").front() + "\r\n";
  for (const std::string& route : lines_of(invite.text, "Route:")) {
    ack += route + "\r\n";
  }
  ack += "Max-Forwards: 70\r\nFrom: " + std::string{field_of(invite.text, "From: ")} +
         "\r\nTo: " + std::string{field_of(text, "To: ")} +
         "\r\nCall-ID: " + std::string{call_id_of(invite.text)} +
         "\r\nCSeq: " + std::to_string(invite.cseq) + " ACK\r\nContent-Length: 0\r\n\r\n";
  send(ack, out);
}

// RFC 3261 §12.1.2.
void Call::learn_dialog(std::string_view text) {
  to_tag_ = tag_of(field_of(text, "To: "));
  const std::string_view contact = field_of(text, "Contact: ");
  if (!contact.empty()) remote_target_ = uri_in(contact);
  if (!routes_.empty()) return;  // §12.2: a target refresh leaves the route set alone.
  for (const std::string& line : lines_of(text, "Record-Route:")) {
    routes_.insert(routes_.begin(), line.substr(line.find('<')));
  }
}

void Call::on_timer(Instant now, std::vector<Post>& out) {
  // By place: a step of the plan below adds transactions.
  for (std::size_t i = 0; i < transactions_.size(); ++i) {
    if (transactions_[i].on_timer(now)) send(transactions_[i].text, out);
  }
  if (now >= stage_at_) take_stage(now, out);
  plan_next(now, out);
}

// What the plan wants after something has changed.
void Call::plan_next(Instant now, std::vector<Post>& out) {
  const ClientTransaction& last = transactions_.back();
  const ClientTransaction& first = transactions_.front();
  if (cancel_at_ <= now && !cancelled_ && first.is_invite() && first.provisionals != 0) {
    cancelled_ = true;
    cancel_at_ = Instant::max();
    if (!first.is_over()) {
      ClientTransaction cancel;
      cancel.method = "CANCEL";
      cancel.cseq = first.cseq;
      cancel.branch = first.branch;  // RFC 3261 §9.1.
      cancel.text = request("CANCEL", first.cseq, first.branch, false);
      cancel.begin(now);
      send(cancel.text, out);
      stage_at_ = now + 64 * kT1;  // §9.1: then no final response need be awaited any more.
      transactions_.push_back(std::move(cancel));
      return;
    }
  }
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
      if (plan_.kind == CallKind::kReinvite && cseq_ == 1) {
        begin("INVITE", true, now, out);
        return;
      }
      if (!transactions_.back().is_over()) give_up(transactions_.back());
      begin("BYE", true, now, out);
      stage_ = Stage::kEnding;
      return;
    case Stage::kEnding: return;
  }
}

Instant Call::next_wakeup() const {
  if (over_) return Instant::max();
  Instant at = stage_at_;
  const bool may_cancel = !cancelled_ && !transactions_.empty() &&
                          transactions_.front().provisionals != 0 &&
                          !transactions_.front().is_over();
  if (may_cancel) at = std::min(at, cancel_at_);
  for (const ClientTransaction& each : transactions_) {
    at = std::min(at, each.next_wakeup());
  }
  return at;
}

}  // namespace steer::sim
