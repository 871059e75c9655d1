#include "tests/fuzz/entries.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "core/base/assert.h"
#include "core/sip/call_id.h"
#include "core/sip/parse.h"
#include "core/sip/reply.h"
#include "core/sip/runs.h"
#include "core/sip/stream_framer.h"
#include "core/sip/uri.h"
#include "core/sip/via_list.h"

namespace steer::fuzz {
namespace {

using sip::Message;
using sip::ParseError;
using sip::Via;

bool same_via(const Via& a, const Via& b) {
  return a.transport == b.transport && a.host == b.host && a.port == b.port &&
         a.branch == b.branch && a.received == b.received && a.rport == b.rport &&
         a.has_rport == b.has_rport;
}

bool same_offsets(const Via& a, const Via& b) {
  return a.begin == b.begin && a.sent_by_end == b.sent_by_end && a.end == b.end &&
         a.received_begin == b.received_begin && a.received_end == b.received_end &&
         a.rport_begin == b.rport_begin && a.rport_end == b.rport_end;
}

bool same_field(const sip::HeaderField& a, const sip::HeaderField& b) {
  return a.id == b.id && a.begin == b.begin && a.name_end == b.name_end &&
         a.value_begin == b.value_begin && a.value_end == b.value_end && a.end == b.end;
}

void check_inside(std::string_view whole, std::string_view part) {
  if (part.empty()) return;
  STEER_ASSERT(part.data() >= whole.data());
  STEER_ASSERT(part.data() + part.size() <= whole.data() + whole.size());
}

void check_views(const Message& message) {
  for (const std::string_view part :
       {message.body, message.method_text, message.request_uri, message.via.transport,
        message.via.host, message.via.branch, message.via.received, message.via.rport,
        message.call_id, message.from.uri, message.from.tag, message.to.uri, message.to.tag,
        message.cseq_method}) {
    check_inside(message.bytes, part);
  }
  STEER_ASSERT(!message.via.host.empty() && !message.via.transport.empty());
  STEER_ASSERT(sip::find_call_id(message.bytes) == message.call_id);
  STEER_ASSERT(!message.call_id.empty() && !message.from.uri.empty() && !message.to.uri.empty());
  STEER_ASSERT(message.via.begin < message.via.sent_by_end);
  STEER_ASSERT(message.via.sent_by_end <= message.via.end);
  STEER_ASSERT(message.via.end <= message.fields_end);
}

void check_fields(const Message& message) {
  std::uint32_t at = message.fields_begin;
  for (const sip::HeaderField& field : message.fields) {
    STEER_ASSERT(field.begin == at && field.name_end > field.begin);
    STEER_ASSERT(field.value_begin > field.name_end && field.value_begin <= field.value_end);
    STEER_ASSERT(field.value_end + 2 <= field.end);
    at = field.end;
  }
  STEER_ASSERT(at == message.fields_end);
  STEER_ASSERT(message.bytes.substr(at, 2) == "\r\n");
}

void check_cut(const Message& message) {
  const sip::Cut cut = sip::cut_of_top_via(message);
  STEER_ASSERT(cut.begin < cut.end && cut.end <= message.fields_end);
  Via below;
  if (!sip::second_via(message, below)) return;
  std::string text{message.bytes};
  text.erase(cut.begin, cut.end - cut.begin);
  const auto popped = std::make_unique<Message>();
  STEER_ASSERT(sip::parse(text, *popped) == ParseError::kNone);
  STEER_ASSERT(same_via(popped->via, below));
}

void check_forms(std::string_view input, ParseError expected, const Message& message) {
  const auto other = std::make_unique<Message>();
  STEER_ASSERT(sip::parse_scalar(input, *other) == expected);
  STEER_ASSERT(expected != ParseError::kNone || same_content(message, *other));
#if defined(__x86_64__)
  STEER_ASSERT(sip::parse_sse2(input, *other) == expected);
  STEER_ASSERT(expected != ParseError::kNone || same_content(message, *other));
  if (!__builtin_cpu_supports("avx2")) return;
  STEER_ASSERT(sip::parse_avx2(input, *other) == expected);
  STEER_ASSERT(expected != ParseError::kNone || same_content(message, *other));
#endif
}

// What a framer makes of a stream that comes in pieces of the sizes that `next_size` says: a
// letter, the size and the error of each frame.
template <class NextSize>
std::string frames_of(std::string_view input, NextSize next_size) {
  constexpr std::size_t kSizeMax = 4'096;
  sip::StreamFramer framer;
  std::string told;
  std::size_t begin = 0;  // Of what no frame has taken.
  std::size_t end = 0;    // Of what has come.
  while (true) {
    const sip::Frame frame = framer.next(input.substr(begin, end - begin), kSizeMax);
    if (frame.kind == sip::FrameKind::kMore) {
      STEER_ASSERT(frame.size == 0 && end - begin <= kSizeMax);
      if (end == input.size()) return told;
      end += std::min(next_size(), input.size() - end);
      continue;
    }
    STEER_ASSERT(frame.size <= end - begin && frame.size <= kSizeMax);
    told += std::to_string(static_cast<int>(frame.kind)) + ":" + std::to_string(frame.size) + ":" +
            std::to_string(static_cast<int>(frame.error)) + " ";
    if (frame.kind == sip::FrameKind::kBroken) return told;
    STEER_ASSERT(frame.size != 0);
    if (frame.kind == sip::FrameKind::kMessage) {
      const std::string_view text = input.substr(begin, frame.size);
      const auto message = std::make_unique<Message>();
      // Whatever else is wrong with it: its length is not.
      const ParseError error = sip::parse(text, *message);
      STEER_ASSERT(error != ParseError::kTruncated && error != ParseError::kKeepAlive);
      if (error == ParseError::kNone) STEER_ASSERT(message->bytes.size() == text.size());
    }
    begin += frame.size;
  }
}

template <sip::Run kRun>
void check_run(std::string_view input) {
  const char* end = input.data() + input.size();
  const char* at = input.data();
  while (at != end) {
    const char* expected = at;
    while (expected != end && sip::is_in_run(kRun, *expected)) {
      ++expected;
    }
    STEER_ASSERT(sip::skip_run<kRun>(at, end, end) == expected);
    at = expected == end ? end : expected + 1;
  }
}

}  // namespace

bool same_content(const Message& a, const Message& b) {
  const bool same_values =
      a.bytes == b.bytes && a.body == b.body && a.is_request == b.is_request &&
      a.method == b.method && a.method_text == b.method_text && a.request_uri == b.request_uri &&
      a.status == b.status && a.call_id == b.call_id && a.from.uri == b.from.uri &&
      a.from.tag == b.from.tag && a.to.uri == b.to.uri && a.to.tag == b.to.tag &&
      a.cseq == b.cseq && a.cseq_method == b.cseq_method &&
      a.has_max_forwards == b.has_max_forwards && a.has_content_length == b.has_content_length &&
      (!a.has_max_forwards || a.max_forwards == b.max_forwards) &&
      a.fields_begin == b.fields_begin && a.fields_end == b.fields_end;
  if (!same_values || !same_via(a.via, b.via) || !same_offsets(a.via, b.via)) return false;
  if (a.fields.size() != b.fields.size()) return false;
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    if (!same_field(a.fields[i], b.fields[i])) return false;
  }
  return true;
}

void check_parse(std::string_view input) {
  const auto message = std::make_unique<Message>();
  const ParseError error = sip::parse(input, *message);
  check_forms(input, error, *message);
  if (error != ParseError::kNone) return;
  check_views(*message);
  check_fields(*message);
  const auto again = std::make_unique<Message>();
  STEER_ASSERT(sip::parse(message->bytes, *again) == ParseError::kNone);
  STEER_ASSERT(same_content(*message, *again));
  check_cut(*message);
}

void check_uri(std::string_view input) {
  check_run<sip::Run::kValue>(input);
  check_run<sip::Run::kAddress>(input);
  check_run<sip::Run::kHost>(input);
  check_run<sip::Run::kToken>(input);
  check_run<sip::Run::kPrintable>(input);
  check_run<sip::Run::kQuoted>(input);
  check_run<sip::Run::kUriParameter>(input);
  check_run<sip::Run::kUser>(input);
  sip::Uri uri;
  const bool good = sip::parse_uri(input, uri);
  const std::string longer = std::string{input} + "0123456789abcdefghijklmnop@;";
  sip::Uri within;
  const std::string_view same{longer.data(), input.size()};
  STEER_ASSERT(sip::parse_uri_within(same, longer.data() + longer.size(), within) == good);
  if (!good) return;
  STEER_ASSERT(uri.scheme == within.scheme && uri.user == within.user && uri.host == within.host);
  STEER_ASSERT(uri.port == within.port && uri.parameters == within.parameters);
  STEER_ASSERT(uri.scheme_text.size() + 1 + uri.text.size() == input.size());
  const bool is_sip = uri.scheme == sip::UriScheme::kSip || uri.scheme == sip::UriScheme::kSips;
  STEER_ASSERT(is_sip != uri.host.empty() && uri.has_user != uri.user.empty());
  std::string_view value;
  for (const std::string_view part : {uri.user, uri.host, uri.parameters, uri.headers}) {
    check_inside(input, part);
  }
  if (sip::find_parameter(uri.parameters, "lr", value)) check_inside(uri.parameters, value);
}

void check_stream(std::string_view input) {
  // A head that never ends is noticed a piece later, the larger the pieces are.
  const std::string whole = frames_of(input, [] { return std::size_t{64}; });
  STEER_ASSERT(frames_of(input, [] { return std::size_t{1}; }) == whole);
  std::size_t size = 0;
  STEER_ASSERT(frames_of(input, [&size] { return 1 + size++ % 13; }) == whole);
}

void check_reply(std::string_view input) {
  const auto request = std::make_unique<Message>();
  const ParseError error = sip::parse(input, *request);
  if (error == ParseError::kNone && !request->is_request) return;
  if (error != ParseError::kNone && !sip::salvage(input, *request)) return;
  // Our Content-Length may be the one field too many.
  if (request->fields.size() == kHeaderFieldCountMax) return;
  const auto buffer = std::make_unique<std::array<char, kDatagramSizeMax>>();
  const sip::ReplyText text{.status = 400, .phrase = {}, .extra_fields = {}, .to_tag = "our-tag"};
  for (const sip::ViaStamp stamp : {sip::ViaStamp{}, sip::ViaStamp{"198.51.100.7", 40'000}}) {
    const std::size_t size = sip::write_reply(*request, text, stamp, *buffer);
    if (size == 0) continue;
    const auto reply = std::make_unique<Message>();
    STEER_ASSERT(sip::parse({buffer->data(), size}, *reply) == ParseError::kNone);
    STEER_ASSERT(!reply->is_request && reply->status == text.status);
    STEER_ASSERT(reply->call_id == request->call_id && reply->cseq == request->cseq);
    STEER_ASSERT(reply->via.branch == request->via.branch && !reply->to.tag.empty());
    if (stamp.rport == 0) continue;
    STEER_ASSERT(reply->via.received == stamp.received && reply->via.rport == "40000");
  }
}

}  // namespace steer::fuzz
