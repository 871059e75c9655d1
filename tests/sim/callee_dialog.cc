#include "tests/sim/callee_dialog.h"

#include <algorithm>
#include <chrono>

#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

// For a final response after a provisional one; longer than a proxy's timer C and what follows it.
constexpr Duration kPatience = std::chrono::seconds{240};

}  // namespace

void CalleeDialog::begin(const std::string& method, Instant now, std::vector<Post>& out) {
  ClientTransaction transaction;
  transaction.method = method;
  transaction.cseq = ++cseq_;
  transaction.branch = "z9hG4bKcallee-" + std::to_string(plan_.self.port) + "-" +
                       plan_.dialog.call_id + "-" + std::to_string(cseq_);
  transaction.text = request_in(plan_.dialog, plan_of(transaction));
  transaction.begin(now);
  send(transaction.text, out);
  transactions_.push_back(std::move(transaction));
}

RequestPlan CalleeDialog::plan_of(const ClientTransaction& transaction) const {
  return {.method = transaction.method,
          .cseq = transaction.cseq,
          .branch = transaction.branch,
          .self = plan_.self};
}

void CalleeDialog::send(const std::string& text, std::vector<Post>& out) const {
  out.push_back({{text, plan_.self, next_hop_of(plan_.dialog)}, {}});
}

void CalleeDialog::on_timer(Instant now, std::vector<Post>& out) {
  for (ClientTransaction& transaction : transactions_) {
    if (transaction.on_timer(now)) send(transaction.text, out);
  }
  if (plan_.ask_at <= now) {
    plan_.ask_at = Instant::max();
    begin(plan_.method, now, out);
  }
  if (plan_.bye_at <= now) {
    end();
    said_bye_ = true;
    begin("BYE", now, out);
  }
}

void CalleeDialog::on_response(std::string_view text, Instant now, std::vector<Post>& out) {
  const std::string branch = branch_of(text);
  const auto found = std::ranges::find_if(
      transactions_, [&](const ClientTransaction& each) { return each.branch == branch; });
  if (found == transactions_.end() || found->has_ended()) return;
  const std::uint16_t status = status_of(text);
  const Heard heard = found->on_response(status, tag_of(field_of(text, "To: ")), now);
  if (!found->is_invite()) return;
  if (heard == Heard::kProvisional) found->deadline = now + kPatience;
  if (heard != Heard::kFinal && heard != Heard::kAgain) return;
  if (status >= 300) return send(ack_to_failure(plan_.dialog, plan_of(*found), text), out);
  if (heard == Heard::kFinal) {
    RequestPlan ack = plan_of(*found);
    ack.method = "ACK";
    ack.branch += "-ack";
    ack_ = request_in(plan_.dialog, ack);
  }
  send(ack_, out);
}

Instant CalleeDialog::next_wakeup() const {
  Instant at = std::min(plan_.ask_at, plan_.bye_at);
  for (const ClientTransaction& transaction : transactions_) {
    at = std::min(at, transaction.next_wakeup());
  }
  return at;
}

bool CalleeDialog::is_over() const {
  const bool nothing_planned = plan_.ask_at == Instant::max() && plan_.bye_at == Instant::max();
  return nothing_planned &&
         std::ranges::all_of(transactions_, [](const auto& each) { return each.has_ended(); });
}

}  // namespace steer::sim
