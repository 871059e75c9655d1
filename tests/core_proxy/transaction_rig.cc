#include "tests/core_proxy/transaction_rig.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "core/proxy/field_places.h"
#include "core/proxy/forward.h"
#include "core/sip/parse.h"

namespace steer::proxy::test {
namespace {

constexpr std::string_view kOurVia = "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=";

}  // namespace

Written RigHost::write(const Attempt& attempt, std::span<char> out) const noexcept {
  if (!writes) return {};
  std::array<char, 256> line;
  std::size_t size = 0;
  for (const std::string_view piece : {kOurVia, attempt.branch, std::string_view{"\r\n"}}) {
    std::ranges::copy(piece, line.begin() + static_cast<std::ptrdiff_t>(size));
    size += piece.size();
  }
  ReturnPath back;
  request_return_path(attempt.request.via, attempt.source, false, back);
  const RequestEdits edits{
      .via_line = {line.data(), size}, .stamp = back.stamp, .max_forwards = 69, .own_routes = {}};
  return {write_request(attempt.request, FieldPlaces{attempt.request}, edits, out),
          attempt.came_by};
}

std::optional<NextHop> RigHost::next(const FailedTry& failed, UserData&) {
  told.push_back(
      {failed.failure, failed.status, failed.number, failed.hop.address, failed.may_go_on});
  // As a host that has no failure code but 5xx.
  const bool wants = wants_any || failed.failure != TryFailure::kStatus || failed.status >= 500;
  if (!failed.may_go_on || !wants || candidates.empty()) return std::nullopt;
  const NextHop hop{candidates.front(), Transport::kUdp, 2};
  candidates.pop_front();
  return hop;
}

bool RigHost::accepts(const NextHop& hop, const Address& source) const noexcept {
  return any_source || same_ip(hop.address, source);
}

std::string text_of(const RequestText& request) {
  return request.method + " sip:bob@example.com SIP/2.0\r\n" +
         "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=" + request.branch + "\r\n" +
         "Max-Forwards: 70\r\n" + "From: <sip:a@example.com>;tag=" + request.from_tag + "\r\n" +
         "To: <sip:b@example.com>\r\n" + "Call-ID: " + request.call_id + "\r\n" +
         "CSeq: " + std::to_string(request.cseq) + " " + request.method + "\r\n" + request.extra +
         "Content-Length: 0\r\n\r\n";
}

std::string response_to(std::string_view request, std::uint16_t status, std::string_view to_tag,
                        std::string_view extra) {
  std::string text = "SIP/2.0 " + std::to_string(status) + " Said\r\n";
  sip::Message message;
  EXPECT_EQ(sip::parse(request, message), sip::ParseError::kNone) << request;
  for (const sip::HeaderField& field : message.fields) {
    using enum sip::HeaderId;
    const bool copied = field.id == kVia || field.id == kFrom || field.id == kTo ||
                        field.id == kCallId || field.id == kCseq;
    if (!copied) continue;
    text += request.substr(field.begin, field.value_end - field.begin);
    if (field.id == kTo && status > 100 && message.to.tag.empty()) {
      text += ";tag=" + std::string{to_tag};
    }
    text += "\r\n";
  }
  return text + std::string{extra} + "Content-Length: 0\r\n\r\n";
}

Rig::Rig(const Options& options)
    : arena_(8 * kMiB),
      sends_(256),
      machine_{std::make_unique<Transactions>(Transactions::Options{.shard = 3,
                                                                    .limits = options.limits,
                                                                    .times = options.times,
                                                                    .key = MarkKey{ClusterKey{}},
                                                                    .process = Seed{11},
                                                                    .start = kRigStart},
                                              counters)},
      message_{std::make_unique<sip::Message>()} {}

void Rig::collect(const Outbox& outbox) {
  for (const Send& send : outbox.sends()) {
    sent_.push_back({std::string{send.bytes}, send.target, now});
  }
}

RequestOutcome Rig::request(const RequestText& request) {
  return request_text(text_of(request));
}

RequestOutcome Rig::request_text(std::string_view text) {
  EXPECT_EQ(sip::parse(text, *message_), sip::ParseError::kNone) << text;
  Outbox outbox = make_outbox();
  const TransactionInputs inputs = transaction_inputs(*message_, message_->via);
  ReturnPath back;
  request_return_path(message_->via, kCaller, false, back);
  const RequestOutcome outcome =
      machine_->on_request({*message_, inputs, back, {}}, now, outbox, host);
  if (outcome == RequestOutcome::kNew) {
    begun = machine_->begin({.request = *message_,
                             .inputs = inputs,
                             .source = kCaller,
                             .back = back,
                             .listener = {},
                             .loop = 0x1234,
                             .hop = {kFirst, Transport::kUdp, 1},
                             .user = {},
                             .tries = tries,
                             .try_timeout = try_timeout,
                             .forward_503 = forward_503},
                            now, outbox, host);
  }
  collect(outbox);
  return outcome;
}

void Rig::refused(const RequestText& request, std::string_view answer) {
  const std::string text = text_of(request);
  EXPECT_EQ(sip::parse(text, *message_), sip::ParseError::kNone) << text;
  const TransactionInputs inputs = transaction_inputs(*message_, message_->via);
  ReturnPath back;
  request_return_path(message_->via, kCaller, false, back);
  machine_->remember({.request = *message_,
                      .inputs = inputs,
                      .source = kCaller,
                      .back = back,
                      .listener = {},
                      .hop = {},
                      .user = {}},
                     answer, now);
}

ResponseOutcome Rig::response(std::string_view text, const Address& source) {
  EXPECT_EQ(sip::parse(text, *message_), sip::ParseError::kNone) << text;
  Outbox outbox = make_outbox();
  const ResponseVerdict verdict = machine_->on_response(*message_, source, now, outbox, host);
  collect(outbox);
  return verdict.outcome;
}

ResponseOutcome Rig::answer(const Sent& request, std::uint16_t status, std::string_view to_tag,
                            std::string_view extra) {
  return response(response_to(request.text, status, to_tag, extra), request.target);
}

bool Rig::feed(std::string_view text, const Address& source) {
  if (sip::parse(text, *message_) != sip::ParseError::kNone) return false;
  if (message_->is_request) {
    request_text(text);
  } else {
    response(text, source);
  }
  return true;
}

void Rig::unreachable(const Address& peer) {
  machine_->on_unreachable(peer, now);
}

void Rig::advance(Duration duration) {
  const Instant end = now + duration;
  while (true) {
    const std::optional<Instant> next = machine_->next_wakeup();
    if (!next || *next > end) break;
    now = std::max(now, *next);
    Outbox outbox = make_outbox();
    if (!outbox.has_room()) break;
    machine_->expire(now, outbox, host);
    collect(outbox);
  }
  now = end;
}

std::vector<Sent> Rig::take() {
  return std::exchange(sent_, {});
}

Sent Rig::only() {
  const std::vector<Sent> sent = take();
  EXPECT_EQ(sent.size(), 1U);
  for (std::size_t i = 0; sent.size() > 1 && i < sent.size(); ++i) {
    ADD_FAILURE() << to_string(sent[i].target) << ": " << sent[i].text;
  }
  return sent.empty() ? Sent{} : sent.front();
}

const TransactionRecord& Rig::record(std::uint32_t slot) const {
  return machine_->store().transaction(slot);
}

const TryRecord& Rig::last_try(std::uint32_t slot) const {
  return machine_->store().attempt(record(slot).last_try);
}

std::uint32_t Rig::taken(Machine machine, TransactionState state, TransactionEvent event) const {
  return machine_->transitions_taken()[find_transition(machine, state, event)];
}

bool Rig::is_clean() const {
  const TransactionStore& store = machine_->store();
  return store.size() == 0 && store.try_count() == 0 && store.octets.block_count() == 0 &&
         store.timers.size() == 0;
}

}  // namespace steer::proxy::test
