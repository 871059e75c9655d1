#include "tests/fuzz/engine_entry.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "core/base/assert.h"
#include "core/sip/parse.h"
#include "core/sip/via_list.h"

namespace steer::fuzz {
namespace {

using sip::Message;
using sip::ParseError;
using test::Sent;

bool is_destination(const test::World& world, const Address& address) {
  return std::ranges::any_of(world.snapshot().sets, [&](const dispatch::DestinationSet& set) {
    return std::ranges::any_of(
        set.destinations, [&](const dispatch::Destination& one) { return one.address == address; });
  });
}

bool same(const std::optional<Sent>& a, const std::optional<Sent>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->text == b->text && a->target == b->target && a->listener == b->listener);
}

// What a server would answer to the forwarded request: its dialog fields and Vias, nothing else.
std::string answer_to(const Message& request) {
  std::string text = "SIP/2.0 200 OK\r\n";
  for (const sip::HeaderField& field : request.fields) {
    const bool echoed = field.id == sip::HeaderId::kVia || field.id == sip::HeaderId::kFrom ||
                        field.id == sip::HeaderId::kTo || field.id == sip::HeaderId::kCallId ||
                        field.id == sip::HeaderId::kCseq;
    if (echoed) text += request.bytes.substr(field.begin, field.end - field.begin);
  }
  return text + "Content-Length: 0\r\n\r\n";
}

void check_way_back(test::World& world, const Message& forwarded, const Sent& sent) {
  const std::string answer = answer_to(forwarded);
  const std::optional<Sent> back = world.send(answer, sent.target, sent.listener);
  // The client's Via may name a host that is no address, or a port that is none.
  if (back) {
    const auto parsed = std::make_unique<Message>();
    STEER_ASSERT(sip::parse(back->text, *parsed) == ParseError::kNone);
    STEER_ASSERT(!parsed->is_request && parsed->call_id == forwarded.call_id);
  }
  // Another Call-ID is another transaction: its mark does not fit.
  const std::size_t at = answer.find(forwarded.call_id, answer.find("Via"));
  if (at == std::string::npos) return;
  const auto answered = std::make_unique<Message>();
  std::string changed = answer;
  if (sip::parse(answer, *answered) != ParseError::kNone) return;
  const auto place = static_cast<std::size_t>(answered->call_id.data() - answer.data());
  changed[place] = changed[place] == 'x' ? 'y' : 'x';
  STEER_ASSERT(!world.send(changed, sent.target, sent.listener).has_value());
}

// A BYE by the Record-Route that the forwarded request carries reaches its destination; with one
// octet changed the mark leads nowhere.
void check_dialog(test::World& world, const Message& forwarded, const Sent& sent) {
  if (!forwarded.to.tag.empty()) return;
  // Ours stands below our Via; any other is the sender's.
  std::size_t place = 0;
  while (forwarded.fields[place].id != sip::HeaderId::kVia) {
    ++place;
  }
  const sip::HeaderField& below = forwarded.fields[place + 1];
  constexpr std::size_t kCallIdSizeMax = 10'000;  // So that the requests below are not too large.
  if (below.id != sip::HeaderId::kRecordRoute || forwarded.call_id.size() > kCallIdSizeMax) return;
  const std::string_view value = forwarded.value_of(below);
  const std::string head = "BYE sip:192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKb1\r\n";
  std::string rest = "From: <sip:a@b>";
  if (!forwarded.from.tag.empty()) rest.append(";tag=").append(forwarded.from.tag);
  rest.append("\r\nTo: <sip:c@d>;tag=fuzz-to\r\nCall-ID: ").append(forwarded.call_id);
  rest.append("\r\nCSeq: 9 BYE\r\n\r\n");
  const std::string route = std::string{"Route: "}.append(value).append("\r\n");
  const std::optional<Sent> bye = world.send(head + route + rest);
  STEER_ASSERT(bye.has_value() && bye->target == sent.target);
  std::string forged = route;
  char& digit = forged[forged.size() - 4];
  digit = digit == '0' ? '1' : '0';
  const std::optional<Sent> refused = world.send(head + forged + rest);
  STEER_ASSERT(refused.has_value() && refused->text.starts_with("SIP/2.0 403 "));
}

}  // namespace

dispatch::Definition engine_definition() {
  dispatch::Definition definition = test::simple_definition(4);
  dispatch::SetDefinition second{.id = {2}, .destinations = {}};
  for (std::uint32_t n = 11; n <= 13; ++n) {
    second.destinations.push_back(test::destination_definition(n));
  }
  definition.sets.push_back(std::move(second));
  dispatch::RouteDefinition route;
  route.mode = dispatch::RouteMode::kStateless;
  route.match.methods = {"REGISTER", "MESSAGE"};
  route.set = {2};
  route.algorithm = dispatch::AlgorithmKind::kToUri;
  route.path = true;
  definition.routes[0].record_route = true;
  definition.routes.insert(definition.routes.begin(), route);
  return definition;
}

void check_engine(test::World& world, std::string_view input) {
  if (input.size() > kDatagramSizeMax) return;
  const std::optional<Sent> sent = world.send(input);
  STEER_ASSERT(same(sent, world.send(input)));
  if (!sent) return;

  const auto out = std::make_unique<Message>();
  STEER_ASSERT(sip::parse(sent->text, *out) == ParseError::kNone);
  if (out->is_request) {
    STEER_ASSERT(is_destination(world, sent->target));
    STEER_ASSERT(out->has_max_forwards);
    check_way_back(world, *out, *sent);
    check_dialog(world, *out, *sent);
    return;
  }
  // An answer of ours: to where the request came from, and never to an ACK.
  STEER_ASSERT(sent->target.ip().size() == test::client_address().ip().size());
  STEER_ASSERT(same_ip(sent->target, test::client_address()));
  STEER_ASSERT(out->cseq_method != "ACK" || !input.starts_with("ACK "));
}

}  // namespace steer::fuzz
