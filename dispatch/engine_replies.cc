// Answers of our own: the rare ways a request ends here. Cold.
#include <array>
#include <cstring>

#include "core/proxy/branch.h"
#include "core/proxy/quote.h"
#include "core/sip/reply.h"
#include "core/sip/retry_after.h"
#include "core/sip/words.h"
#include "dispatch/engine.h"
#include "dispatch/incoming.h"

namespace steer::dispatch {
namespace {

// "0" to "f" of a 64-bit mark: our To tag. The same for a request and its retransmissions, since an
// answer without state must be the same each time (RFC 3261 §8.2.7, §16.11).
struct TagText {
  std::array<char, 16> digits{};

  explicit TagText(std::uint64_t value) noexcept {
    for (std::size_t i = 0; i < digits.size(); ++i) {
      digits[i] = "0123456789abcdef"[(value >> (60 - 4 * i)) & 0xf];
    }
  }
  std::string_view view() const noexcept { return {digits.data(), digits.size()}; }
};

// "Unsupported: a, b\r\n" of all Proxy-Require values, of all Require values where we are the one
// who is asked (RFC 3261 §8.2.2.3). Values that do not fit are left out whole.
class UnsupportedField {
 public:
  enum class Of : std::uint8_t { kProxyRequire, kRequire };

  UnsupportedField(const sip::Message& request, Of of) noexcept {
    bool any = false;
    for (const sip::HeaderField& field : request.fields) {
      const bool meant = of == Of::kProxyRequire
                             ? field.id == sip::HeaderId::kProxyRequire
                             : sip::is_word(request.name_of_field(field), "require");
      if (!meant) continue;
      const std::string_view value = request.value_of(field);
      // Nothing is subtracted: the sizes are the sender's. kName is longer than ", ".
      if (value.empty() || size_ + kName.size() + value.size() + kEnd.size() > text_.size()) {
        continue;
      }
      add(any ? ", " : kName);
      add(value);
      any = true;
    }
    if (any) add(kEnd);
  }
  std::string_view view() const noexcept { return {text_.data(), size_}; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  static constexpr std::string_view kName = "Unsupported: ";
  static constexpr std::string_view kEnd = "\r\n";

  void add(std::string_view text) noexcept {
    std::memcpy(text_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }

  std::array<char, 1'024> text_;  // Filled as far as size_.
  std::size_t size_ = 0;
};

constexpr std::string_view kRetryAfter = "Retry-After: 5\r\n";
constexpr std::string_view kCapabilities =
    "Accept: */*\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, SUBSCRIBE, NOTIFY, REFER, "
    "INFO, MESSAGE, PUBLISH\r\n"
    "Supported: \r\n";

// Puts the answer into the outbox. False: it does not fit a datagram.
bool put_reply(const sip::Message& request, const sip::ReplyText& text,
               const proxy::ReturnPath& back, Outbox& outbox, ListenerIndex listener) noexcept {
  const std::size_t size = sip::write_reply(request, text, back.stamp, outbox.slot());
  if (size == 0) return false;
  outbox.commit(size, back.target, listener);
  return true;
}

}  // namespace

void Engine::note_retry_after(const sip::Message& response, TargetTraffic& traffic) noexcept {
  for (const sip::HeaderField& field : response.fields) {
    if (field.id != sip::HeaderId::kRetryAfter) continue;
    std::uint32_t seconds = 0;
    if (!sip::read_retry_after(response.value_of(field), seconds)) continue;
    traffic.retry_after_seconds.set(seconds);
    traffic.retry_after.add();
    return;
  }
}

void Engine::note_refusal(const PeerError& error) noexcept {
  if (gives_away_ && give_away(error)) return;
  note_own_refusal(error);
}

void Engine::note_own_refusal(const PeerError& error) noexcept {
  // Anybody can send an ICMP error, but nobody else knows the branch of a request that we sent.
  const bool of_transaction =
      transactions_ != nullptr && transactions_->is_quote_of_ours(error.quoted, error.peer);
  if (of_transaction) transactions_->on_unreachable(error.peer, now_);
  const Destination* destination = snapshot_->addresses.at(error.peer);
  if (destination == nullptr) return;
  TargetTraffic& traffic = destination->target->traffic[shard_];
  traffic.hints.add();
  const auto proves = [&](const MarkKey& key) {
    return proxy::is_quote_of_forwarded(key, error.quoted, error.peer);
  };
  const bool proven = of_transaction || proves(snapshot_->signing) ||
                      (snapshot_->verifying && proves(*snapshot_->verifying));
  if (!proven) return;
  traffic.refused.add();
  traffic.failures_in_row.add();
}

RequestVerdict Engine::without_living(const Route& route, const DestinationSet& set,
                                      const PacketContext& context) const noexcept {
  nobody_in_ = &set;
  if (route.panic == PanicMode::kUseAll) {
    const Destination* chosen = pick(route.picker, set, context, snapshot_->hasher, TakesInPanic{});
    if (chosen != nullptr) return {.destination = chosen, .in_panic = true, .route = &route};
  }
  return {.reason = Reason::kNoDestination, .route = &route};
}

void Engine::refuse(const Incoming& incoming, Reason reason, Outbox& outbox) noexcept {
  const sip::Message& request = incoming.request;
  if (request.method == sip::Method::kAck) return drop(reason);  // RFC 3261 §17: never answered.
  const proxy::TransactionInputs inputs = proxy::transaction_inputs(request, request.via);
  const TagText tag{proxy::answer_tag(snapshot_->signing, inputs)};
  const bool for_us = reason == Reason::kOptionsForUs;
  const UnsupportedField unsupported{
      request, for_us ? UnsupportedField::Of::kRequire : UnsupportedField::Of::kProxyRequire};
  sip::ReplyText text{.status = row_of(reason).status, .to_tag = tag.view()};
  if (for_us && !unsupported.empty()) text.status = 420;
  if (for_us && draining_) text.status = 503;
  if (text.status == 200) text.extra_fields = kCapabilities;
  if (text.status == 420) text.extra_fields = unsupported.view();
  if (text.status == 503) text.extra_fields = kRetryAfter;
  if (!put_reply(request, text, incoming.back, outbox, incoming.datagram.listener)) {
    return drop(reason);
  }
  counters_.replied[text.status].add();
  counters_.answered[static_cast<std::size_t>(reason)].add();
}

void Engine::refuse_unparsed(sip::ParseError error, const Datagram& datagram,
                             Outbox& outbox) noexcept {
  const auto index = static_cast<std::size_t>(error);
  const sip::ParseErrorRow& row = sip::row_of(error);
  sip::Message request;
  const bool answerable = row.status != 0 && sip::salvage(datagram.bytes, request) &&
                          request.method != sip::Method::kAck;
  if (answerable) {
    proxy::ReturnPath back;
    const bool force_rport = snapshot_->own[datagram.listener].force_rport;
    proxy::request_return_path(request.via, datagram.source, force_rport, back);
    const proxy::TransactionInputs inputs = proxy::transaction_inputs(request, request.via);
    const TagText tag{proxy::answer_tag(snapshot_->signing, inputs)};
    const sip::ReplyText text{.status = row.status, .phrase = row.text, .to_tag = tag.view()};
    if (put_reply(request, text, back, outbox, datagram.listener)) {
      counters_.replied[text.status].add();
      counters_.unparsed_answered[index].add();
      return;
    }
  }
  counters_.unparsed_dropped[index].add();
}

}  // namespace steer::dispatch
