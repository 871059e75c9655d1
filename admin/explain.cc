#include "admin/explain.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/base/limits.h"
#include "dispatch/explain.h"
#include "health/effective.h"

namespace steer::admin {
namespace {

using dispatch::Decision;
using dispatch::Destination;
using dispatch::Mismatch;
using dispatch::Reason;

constexpr std::uint16_t kSipPort = 5'060;
constexpr std::size_t kKeyShownMax = 256;

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected{Refusal{RefusalKind::kFailed, std::move(text), {}}};
}

std::string address_text(Transport transport, const Address& address) {
  return fmt::format("{}:{}", name_of(transport), to_string(address));
}

// --- The question ----------------------------------------------------------------------------

// The listener that such a request would come by: of this transport, of the source's family.
std::optional<ListenerIndex> listener_for(const proxy::OwnAddresses& own, Transport transport,
                                          Family family) {
  for (std::size_t i = 0; i < own.listeners().size(); ++i) {
    const proxy::OwnAddress& listener = own.listeners()[i];
    if (listener.transport == transport && listener.address.family == family) {
      return ListenerIndex{static_cast<std::uint16_t>(i)};
    }
  }
  return std::nullopt;
}

std::optional<Transport> transport_of(std::string_view word) {
  for (const Transport transport : {Transport::kUdp, Transport::kTcp, Transport::kTls}) {
    if (word == name_of(transport)) return transport;
  }
  return word.empty() ? std::optional{Transport::kUdp} : std::nullopt;
}

bool is_call_id_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char each) {
    const auto octet = static_cast<unsigned char>(each);
    return octet > 0x20 && octet != 0x7f;
  });
}

// RFC 3261 §8.1.1: the least that a request has.
std::string made_up_request(std::string_view call_id, const Address& source) {
  return fmt::format(
      "INVITE sip:explain@{0} SIP/2.0\r\nVia: SIP/2.0/UDP {0};branch=z9hG4bKexplain;rport\r\n"
      "Max-Forwards: 70\r\nFrom: <sip:explain@{0}>;tag=explain\r\nTo: <sip:explain@{0}>\r\n"
      "Call-ID: {1}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
      to_string(source), call_id);
}

struct Asking {
  std::string text;
  Address source;
  ListenerIndex listener;
};

Answer<Asking> read_question(const ExplainQuestion& question, const dispatch::Snapshot& snapshot) {
  Asking asking{.text = question.message, .source = ipv4(127, 0, 0, 1, kSipPort), .listener = {}};
  if (question.message.empty() && question.call_id.empty()) {
    return refuse("nothing to explain: give a message or a Call-ID");
  }
  if (!question.message.empty() && !question.call_id.empty()) {
    return refuse("a message and a Call-ID exclude each other: the message has one");
  }
  if (!question.source.empty()) {
    const std::optional<Address> source = parse_address(question.source, kSipPort);
    if (!source) {
      return refuse(
          fmt::format("\"{}\" is no source address: write 192.0.2.7:5060 or [2001:db8::7]:5060",
                      question.source));
    }
    asking.source = *source;
  }
  const std::optional<Transport> transport = transport_of(question.transport);
  if (!transport) {
    return refuse(fmt::format("\"{}\" is no transport: write udp, tcp or tls", question.transport));
  }
  if (question.message.empty()) {
    if (!is_call_id_text(question.call_id)) {
      return refuse(
          "a Call-ID has no blanks and no control characters: write it as in the message");
    }
    asking.text = made_up_request(question.call_id, asking.source);
  }
  const auto listener = listener_for(snapshot.own, *transport, asking.source.family);
  if (!listener && (!question.transport.empty() || !question.source.empty())) {
    return refuse(fmt::format("no listener takes {} from {}: name another source or transport",
                              name_of(*transport), to_string(asking.source)));
  }
  asking.listener = listener.value_or(ListenerIndex{0});
  return asking;
}

// --- The answer ------------------------------------------------------------------------------

std::string mismatch_text(Mismatch mismatch, const dispatch::RouteDefinition& route,
                          const sip::Message& request, const Asking& asking) {
  const dispatch::RouteMatch& match = route.match;
  switch (mismatch) {
    case Mismatch::kNone: return "";
    case Mismatch::kMethod:
      return fmt::format("method {} wanted, this is {}", fmt::join(match.methods, " or "),
                         request.method_text);
    case Mismatch::kSource:
      return fmt::format("source {} is in none of its networks", ip_text(asking.source));
    case Mismatch::kTransport:
      return fmt::format("transport {} wanted", name_of(match.transport.value_or(Transport::kUdp)));
    case Mismatch::kFromSet:
      return fmt::format("source {} is no destination of set {}", ip_text(asking.source),
                         match.from_set.value_or(dispatch::SetId{}).value);
    case Mismatch::kRequestUriUser:
      return fmt::format("the Request-URI's user does not fit \"{}\"", match.request_uri_user);
  }
  return "";
}

health::EffectiveState state_of(const Destination& destination) {
  return health::effective(destination.definition.state,
                           destination.entry->intent.load(std::memory_order_acquire),
                           destination.target->health.load(std::memory_order_acquire));
}

std::string why_not(const Destination& destination) {
  const bool by_operator = !destination.entry->is_open();
  switch (state_of(destination)) {
    case health::EffectiveState::kInactive: return "inactive in the list";
    case health::EffectiveState::kDraining: return "draining: the operator keeps new calls away";
    case health::EffectiveState::kDisabled:
      return by_operator ? "disabled by the operator" : "disabled in the list";
    case health::EffectiveState::kProbing: return "down: its probes have to succeed first";
    case health::EffectiveState::kActive: break;
  }
  if (destination.target->paused.load(std::memory_order_relaxed)) {
    return "asked for no new calls (503 with Retry-After)";
  }
  const auto share = destination.target->share.load(std::memory_order_relaxed);
  if (share < dispatch::TargetRecord::kShareFull) {
    return fmt::format("starts slowly: takes {} % of its calls for now",
                       100U * share / dispatch::TargetRecord::kShareFull);
  }
  return "did not take new calls a moment ago";
}

ExplainedCandidate candidate_of(const dispatch::Asked& asked, bool would_be_next) {
  const Destination& destination = *asked.destination;
  ExplainedCandidate candidate;
  candidate.attempt = asked.attempt;
  candidate.uri = destination.definition.uri;
  candidate.address = address_text(destination.transport, destination.address);
  candidate.state = health::name_of(state_of(destination));
  candidate.taken = asked.taken;
  if (!asked.taken && !would_be_next) candidate.skipped_because = why_not(destination);
  return candidate;
}

// Without octets that a terminal or a log would obey.
std::string shown_key(const dispatch::Choice& choice) {
  std::string text = choice.hash_key_is_whole ? "" : "…";
  for (const char each : std::string_view{choice.hash_key}.substr(0, kKeyShownMax)) {
    const auto octet = static_cast<unsigned char>(each);
    text += octet < 0x20 || octet >= 0x7f ? fmt::format("\\x{:02x}", octet) : std::string{each};
  }
  if (choice.hash_key.size() > kKeyShownMax) text += "…";
  return text;
}

void take_choice(const dispatch::Choice& choice, Explanation& answer) {
  answer.algorithm = dispatch::name_of(choice.algorithm);
  answer.hash_key = shown_key(choice);
  if (choice.hash) answer.hash = fmt::format("{:016x}", choice.hash->value);
  for (const dispatch::Asked& each : choice.asked) {
    answer.candidates.push_back(candidate_of(each, false));
  }
  for (const dispatch::Asked& each : choice.next) {
    answer.candidates.push_back(candidate_of(each, true));
  }
}

std::string because_of(Reason reason, const Decision& decision) {
  switch (reason) {
    case Reason::kTooManyHops: return "Max-Forwards is 0";
    case Reason::kBadExtension: return "it has a Proxy-Require, and no extension is supported";
    case Reason::kLoop: return "it has been here before, unchanged: one of its Via values is ours";
    case Reason::kNoRoute: return "no route matches";
    case Reason::kNoDestination:
      return fmt::format("nobody of set {} takes new calls",
                         decision.set == nullptr ? 0 : decision.set->id.value);
    case Reason::kTooLarge: return "it is larger than limits.message_bytes";
    case Reason::kOptionsForUs: return "it is an OPTIONS for this proxy itself";
    case Reason::kBadRoute:
      return "its Route is ours, but the mark in it is missing, or not of this dialog, this "
             "direction and this source";
    case Reason::kTransactionsFull:
    case Reason::kMaxBreadth:
    case Reason::kNoTransaction:
    case Reason::kResponseNoTransaction:
    case Reason::kResponseNotOurs:
    case Reason::kResponseBadMark:
    case Reason::kResponseBadReturn:
    case Reason::kResponseFromStranger:
    case Reason::kResponseNoClient:
    case Reason::kOutboxFull:
    case Reason::kHandOverFull:
    case Reason::kCount: break;
  }
  return "";
}

// Where a mark in our own Record-Route or Path leads to; no algorithm is asked then.
void take_mark(const dispatch::RequestVerdict& verdict, Explanation& answer) {
  const Destination* destination = verdict.destination;
  answer.outcome = "forwarded";
  answer.winner = destination != nullptr ? destination->definition.uri : "";
  answer.winner_address =
      address_text(destination != nullptr ? destination->transport : Transport::kUdp, verdict.hop);
  answer.in_dialog = verdict.in_dialog;
  switch (verdict.by_mark) {
    case dispatch::ByMark::kNo: break;
    case dispatch::ByMark::kDestination:
      answer.because = "within a dialog: the mark in our Record-Route names this destination";
      if (destination == nullptr) answer.because += ", which is not on the list any more";
      break;
    case dispatch::ByMark::kCaller:
      answer.because =
          "within a dialog: the mark in our Record-Route says that a destination sent it, so it "
          "goes where Route and Request-URI say, or to the caller";
      break;
    case dispatch::ByMark::kRegistered:
      answer.because = "the mark in our Path names this address: who registered through us";
      break;
  }
}

void take_verdict(const Decision& decision, const ExplainInputs& inputs, Explanation& answer) {
  const dispatch::RequestVerdict& verdict = decision.verdict;
  if (verdict.by_mark != dispatch::ByMark::kNo) return take_mark(verdict, answer);
  if (verdict.destination == nullptr) {
    const bool for_us = verdict.reason == Reason::kOptionsForUs;
    const int status = for_us && inputs.draining ? 503 : dispatch::row_of(verdict.reason).status;
    answer.outcome = decision.is_ack ? "dropped" : fmt::format("answered {}", status);
    if (for_us) answer.outcome += " by us";
    answer.because = because_of(verdict.reason, decision);
    if (decision.is_ack) answer.because += "; an ACK is never answered";
    return;
  }
  const Destination& winner = *verdict.destination;
  answer.outcome = "forwarded";
  answer.winner = winner.definition.uri;
  answer.winner_address = address_text(winner.transport, winner.address);
  answer.in_dialog = verdict.in_dialog;
  const bool second = decision.choice && decision.choice->asked.size() > 1;
  if (verdict.in_dialog) {
    answer.because = "within a dialog (To has a tag), and the Request-URI names this destination";
  } else if (decision.choice && decision.choice->varies) {
    answer.because = decision.choice->algorithm == dispatch::AlgorithmKind::kRandom
                         ? "drawn anew for each request; this is one of those that may be drawn"
                         : "the turns of the shard that gets it decide; this is one of those that "
                           "take turns";
  } else if (verdict.in_panic) {
    answer.because = "nobody of the set is up: panic = \"use-all\" chooses as if all were";
  } else if (winner.target->is_paused()) {
    answer.because = "it asked for no new calls (503 with Retry-After), but is better than nobody";
  } else if (answer.hash.empty()) {
    answer.because =
        second ? "the first of the list that takes new calls" : "the first of the list";
  } else {
    answer.because = second ? "the first of the hash's choices that takes new calls"
                            : "the first choice of the hash";
  }
}

void take_route(const Decision& decision, const ExplainInputs& inputs, Explanation& answer) {
  if (!decision.route) return;
  answer.route = static_cast<std::uint32_t>(*decision.route + 1);
  if (*decision.route >= inputs.routes.size()) return;
  const dispatch::Place& place = inputs.routes[*decision.route].place;
  const bool built_in = inputs.routes.size() == 1 && place.line <= 1;
  if (!built_in) answer.route_place = fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

}  // namespace

Answer<Explanation> explain(const ExplainQuestion& question, const ExplainInputs& inputs) {
  const dispatch::Snapshot& snapshot = inputs.snapshot;
  const Answer<Asking> asking = read_question(question, snapshot);
  if (!asking) return std::unexpected{asking.error()};
  std::optional<dispatch::SetId> set;
  if (question.set) set = dispatch::SetId{*question.set};
  if (set && snapshot.set(*set) == nullptr) {
    return refuse(fmt::format("there is no set {}: `sipsteerctl list` shows them", set->value));
  }
  const Datagram datagram{asking->text, asking->source, asking->listener};
  const Decision decision = dispatch::explain(snapshot, datagram, {.set = set});
  Explanation answer;
  answer.generation = snapshot.generation;
  if (decision.parse_error != sip::ParseError::kNone) {
    const sip::ParseErrorRow& row = sip::row_of(decision.parse_error);
    answer.outcome = row.status == 0 ? "dropped" : fmt::format("answered {}", row.status);
    answer.because = fmt::format("it is not SIP that can be forwarded: {}",
                                 row.text.empty() ? row.counter : row.text);
    return answer;
  }
  if (!decision.is_request) {
    answer.outcome = "a response";
    answer.because = "responses go back where their topmost Via says; nobody is chosen";
    return answer;
  }
  sip::Message request;
  static_cast<void>(sip::parse(asking->text, request));  // It parsed a moment ago.
  for (std::size_t i = 0; i < decision.passed_over.size() && i < inputs.routes.size(); ++i) {
    answer.route_skipped.push_back(
        fmt::format("route {}: {}", i + 1,
                    mismatch_text(decision.passed_over[i], inputs.routes[i], request, *asking)));
  }
  take_route(decision, inputs, answer);
  if (decision.set != nullptr) answer.set = decision.set->id.value;
  if (decision.choice) take_choice(*decision.choice, answer);
  take_verdict(decision, inputs, answer);
  return answer;
}

}  // namespace steer::admin
