#include "tests/sim/callee.h"

#include <algorithm>

#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kStuckMax = 200;

std::string key_of(const std::string& branch, const std::string& method) {
  return branch + (method == "ACK" ? "INVITE" : method);
}

// The first occurrence replaced; the text as it is if there is none.
std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

// Marked, so that a checker knows it wherever it comes out.
std::string forged(const std::string& text, std::string_view line = kForgedLine) {
  return with(text, "Content-Length: 0", std::string{line} + "Content-Length: 0");
}

}  // namespace

void Callee::set_mode(Mode mode, Instant now, std::vector<Post>& out) {
  const Mode before = mode_;
  mode_ = mode;
  if (mode == Mode::kDead) {
    servers_.clear();
    dialogs_.clear();
    asking_.clear();
    stuck_.clear();
  }
  if (before != Mode::kFrozen) return;
  const std::deque<Packet> waiting = std::move(stuck_);
  stuck_.clear();
  for (const Packet& packet : waiting) {
    on_packet(packet, now, out);
  }
}

void Callee::on_packet(const Packet& packet, Instant now, std::vector<Post>& out) {
  if (mode_ == Mode::kDead) return;  // The packet was under way when the socket closed.
  if (mode_ == Mode::kFrozen) {
    if (stuck_.size() < kStuckMax) stuck_.push_back(packet);
    mischief(packet.text);
    return;
  }
  if (!is_request_text(packet.text)) {
    const auto dialog = asking_.find(std::string{call_id_of(packet.text)});
    if (dialog != asking_.end()) dialog->second.on_response(packet.text, now, out);
    return;
  }
  const std::string method = method_of(packet.text);
  if (method == "ACK") return on_ack(packet);
  if (method == "CANCEL") return on_cancel(packet, now, out);
  if (method == "PRACK") on_prack(packet);
  on_request(packet, now, out);
}

void Callee::on_request(const Packet& packet, Instant now, std::vector<Post>& out) {
  const std::string method = method_of(packet.text);
  if (field_of(packet.text, "From: ").find("sipsteer@") != std::string_view::npos) {
    ++probes;
    if (mode_ == Mode::kSilent) return;
    return answer_at_once(packet, 200, out);
  }
  const std::string branch = branch_of(packet.text);
  const auto [place, is_new] = servers_.try_emplace(key_of(branch, method));
  Server& server = place->second;
  if (!is_new) {
    if (!server.last.empty()) send(server, server.last, out);
    return;
  }
  ++requests;
  server.request = packet.text;
  server.from = packet.from;
  server.to_tag = "to-" + std::to_string(index_) + "-" + std::to_string(dice_.below(1'000'000));
  server.forget_at = now + 100s;
  if (mode_ != Mode::kNormal) mischief(packet.text);
  if (method == "INVITE") {
    begin_invite(server, now);
  } else {
    begin_question(server, question_status(packet), now);
  }
  other_branch_ = branch;
  on_timer(now, out);
}

std::uint16_t Callee::question_status(const Packet& packet) const {
  const bool in_dialog = field_of(packet.text, "To: ").find(";tag=") != std::string_view::npos;
  if (!in_dialog) return mode_ == Mode::kBusy ? 503 : 200;
  // RFC 3261 §12.2.2: of a dialog that it does not know.
  return dialogs_.contains(std::string{call_id_of(packet.text)}) ? 200 : 481;
}

Duration Callee::haste() {
  return mode_ == Mode::kSlow ? dice_.between(1s, 6s) : dice_.between(100us, 5ms);
}

// RFC 4320 §4.1: a 100 is all that may come before the answer.
void Callee::begin_question(Server& server, std::uint16_t status, Instant now) {
  Instant at = now + haste();
  if (dice_.chance(200)) {
    server.steps.push_back({at, 100});
    at += dice_.chance(300) ? dice_.between(1s, pause_max_) : haste();
  }
  if (mode_ != Mode::kSilent) server.steps.push_back({at, status});
}

// When this call is answered, and how.
void Callee::begin_invite(Server& server, Instant now) {
  const bool again = field_of(server.request, "To: ").find(";tag=") != std::string_view::npos;
  const bool known = dialogs_.contains(std::string{call_id_of(server.request)});
  Instant at = now + haste();
  if (dice_.chance(700)) server.steps.push_back({at, 100});
  if (mode_ == Mode::kSilent) return;
  if (mode_ == Mode::kBusy) {
    server.steps.push_back({at, 503});
    return;
  }
  if (again) {
    server.steps.push_back({at, static_cast<std::uint16_t>(known ? 200 : 481)});
    return;
  }
  at += haste();
  if (dice_.chance(700)) {
    server.steps.push_back({at, static_cast<std::uint16_t>(dice_.chance(700) ? 180 : 183)});
    server.reliable = field_of(server.request, "Supported: ") == "100rel";
  }
  at += mode_ == Mode::kSlow ? dice_.between(2s, 30s) : dice_.between(1ms, 3s);
  static const std::vector<std::uint16_t> kFinals = {200, 200, 200, 200, 200, 200, 200,
                                                     486, 404, 302, 480, 500, 603};
  server.steps.push_back({at, dice_.one_of(kFinals)});
}

void Callee::on_ack(const Packet& packet) {
  const auto found = servers_.find(key_of(branch_of(packet.text), "INVITE"));
  if (found != servers_.end()) {
    found->second.confirmed = true;
    found->second.repeat_at = Instant::max();
    return;
  }
  // The ACK to a 2xx is a transaction of its own (RFC 3261 §13.3.1.4).
  const std::string_view call_id = call_id_of(packet.text);
  for (auto& [key, server] : servers_) {
    if (server.status / 100 != 2 || call_id_of(server.request) != call_id) continue;
    if (cseq_of(server.request) != cseq_of(packet.text)) continue;
    server.confirmed = true;
    server.repeat_at = Instant::max();
  }
}

// The response is not repeated any more. What the PRACK itself is answered on_request() says.
void Callee::on_prack(const Packet& packet) {
  for (auto& [key, server] : servers_) {
    if (!server.reliable || server.status >= 200) continue;
    if (call_id_of(server.request) == call_id_of(packet.text)) server.repeat_at = Instant::max();
  }
}

// RFC 3261 §9.2.
void Callee::on_cancel(const Packet& packet, Instant now, std::vector<Post>& out) {
  const auto found = servers_.find(key_of(branch_of(packet.text), "INVITE"));
  if (found == servers_.end()) return answer_at_once(packet, 481, out);
  answer_at_once(packet, 200, out);
  Server& invite = found->second;
  if (invite.status >= 200) return;
  invite.steps.clear();
  say(invite, 487, now, out);
}

void Callee::answer_at_once(const Packet& packet, std::uint16_t status, std::vector<Post>& out) {
  const std::string text =
      answer_to(packet.text, {.status = status, .to_tag = "stateless", .contact = "", .extra = ""});
  out.push_back({{text, address_, packet.from}, haste()});
}

void Callee::on_timer(Instant now, std::vector<Post>& out) {
  if (mode_ == Mode::kFrozen || mode_ == Mode::kDead) return;
  for (auto& [key, server] : servers_) {
    while (!server.steps.empty() && server.steps.front().at <= now) {
      const Step step = server.steps.front();
      server.steps.erase(server.steps.begin());
      say(server, step.status, now, out);
    }
    if (server.repeat_at > now) continue;
    // Timer G, and the 2xx of RFC 3261 §13.3.1.4.
    send(server, server.last, out);
    server.interval = std::min(2 * server.interval, kT2);
    server.repeat_at = now + server.interval;
  }
  std::erase_if(servers_, [now](const auto& each) { return each.second.forget_at <= now; });
  serve_dialogs(now, out);
}

// Some calls that were answered it wants to change, or to end itself. Only by a route back: who
// sent the request is no neighbour of ours.
void Callee::open_dialog(const Server& server, Instant now) {
  if (!dice_.chance(400) || lines_of(server.request, "Record-Route:").empty()) return;
  static const std::vector<std::string> kMethods = {"INVITE", "INVITE", "UPDATE", "INFO"};
  CalleeDialog::Plan plan{.dialog = dialog_of_request(server.request, server.to_tag),
                          .self = address_,
                          .method = dice_.one_of(kMethods)};
  if (dice_.chance(700)) plan.ask_at = now + dice_.between(50ms, 3s);
  if (dice_.chance(500)) plan.bye_at = now + dice_.between(50ms, 5s);
  std::string call_id = plan.dialog.call_id;
  asking_.try_emplace(std::move(call_id), std::move(plan));
}

void Callee::close_dialog(const std::string& call_id) {
  dialogs_.erase(call_id);
  const auto asking = asking_.find(call_id);
  if (asking != asking_.end()) asking->second.end();
}

void Callee::serve_dialogs(Instant now, std::vector<Post>& out) {
  for (auto& [call_id, dialog] : asking_) {
    dialog.on_timer(now, out);
    if (dialog.said_bye()) dialogs_.erase(call_id);
    if (!dialog.is_over()) continue;
    for (const ClientTransaction& transaction : dialog.transactions()) {
      asked_.push_back({call_id, transaction});
    }
  }
  std::erase_if(asking_, [](const auto& each) { return each.second.is_over(); });
}

std::vector<std::string> Callee::open_dialogs() const {
  std::vector<std::string> ids;
  for (const auto& [call_id, dialog] : asking_) {
    ids.push_back(call_id);
  }
  return ids;
}

void Callee::say(Server& server, std::uint16_t status, Instant now, std::vector<Post>& out) {
  const bool is_invite = method_of(server.request) == "INVITE";
  const std::string contact = to_string(address_);
  const bool asks = status == 503 && dice_.chance(300);
  const bool is_reliable = server.reliable && status > 100 && status < 200;
  std::string extra = asks ? "Retry-After: 2\r\n" : "";
  if (is_reliable) extra += "Require: 100rel\r\nRSeq: " + std::to_string(status) + "\r\n";
  server.status = status;
  server.last = answer_to(server.request, {.status = status,
                                           .to_tag = status == 100 ? "" : server.to_tag,
                                           .contact = is_invite && status < 300 ? contact : "",
                                           .extra = extra});
  if (is_reliable) {
    server.repeat_at = now + kT1;  // RFC 3262 §3.
    dialogs_.insert(std::string{call_id_of(server.request)});
  }
  if (status >= 200) {
    server.forget_at = now + 64 * kT1;  // Timers H, J and L.
    const std::string call_id{call_id_of(server.request)};
    const bool begins = field_of(server.request, "To: ").find(";tag=") == std::string_view::npos;
    server.interval = kT1;
    if (is_invite) server.repeat_at = now + kT1;
    if (is_invite && status < 300) dialogs_.insert(call_id);
    if (is_invite && begins && status >= 300) dialogs_.erase(call_id);
    if (is_invite && begins && status < 300) open_dialog(server, now);
    if (method_of(server.request) == "BYE") close_dialog(call_id);
  }
  if (mode_ == Mode::kLiar && status >= 180) {
    tell_lies(server, server.last, out);
  } else {
    send(server, server.last, out);
  }
}

void Callee::tell_lies(Server& server, const std::string& truth, std::vector<Post>& out) {
  ++lies;
  const std::string branch = branch_of(truth);
  switch (dice_.below(7)) {
    case 0: {  // One digit of the branch is another.
      std::string wrong = branch;
      char& digit = wrong[wrong.size() - 1 - dice_.below(16)];
      digit = digit == '0' ? '1' : '0';
      send(server, forged(with(truth, branch, wrong)), out);
      break;
    }
    case 1:  // The branch of another request.
      if (other_branch_.empty() || other_branch_ == branch) break;
      send(server, forged(with(truth, branch, other_branch_)), out);
      break;
    case 2: {  // The answer is to go to somebody else.
      const bool stamped = truth.find(";received=") != std::string::npos;
      const std::string wrong = stamped ? with(truth, ";received=", ";received=192.0.2.66;x=")
                                        : with(truth, ";rport=", ";rport=9;x=");
      if (wrong != truth) send(server, forged(wrong, kMisleadingLine), out);
      break;
    }
    case 3:  // Somebody else answers in its place.
      out.push_back({{forged(truth), ipv4(192, 0, 2, 99, 5'060), server.from}, {}});
      break;
    case 4:  // Its repetition has another To tag.
      send(server, truth, out);
      send(server, with(truth, server.to_tag, server.to_tag + "x"), out);
      break;
    case 5:  // Two final answers.
      send(server, truth, out);
      send(server, with(truth, "SIP/2.0 200", "SIP/2.0 486"), out);
      break;
    default: break;  // Nothing at all.
  }
  if (dice_.chance(500)) send(server, truth, out);
}

void Callee::send(const Server& server, const std::string& text, std::vector<Post>& out) const {
  out.push_back({{text, address_, server.from}, {}});
}

void Callee::mischief(std::string_view request) const {
  if (on_mischief) on_mischief(call_id_of(request));
}

Instant Callee::next_wakeup() const {
  if (mode_ == Mode::kFrozen || mode_ == Mode::kDead) return Instant::max();
  Instant at = Instant::max();
  for (const auto& [key, server] : servers_) {
    at = std::min({at, server.repeat_at, server.forget_at});
    if (!server.steps.empty()) at = std::min(at, server.steps.front().at);
  }
  for (const auto& [call_id, dialog] : asking_) {
    at = std::min(at, dialog.next_wakeup());
  }
  return at;
}

}  // namespace steer::sim
