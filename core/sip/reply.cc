#include "core/sip/reply.h"

#include <array>
#include <charconv>
#include <cstring>

namespace steer::sip {
namespace {

struct PhraseRow {
  std::uint16_t status;
  std::string_view phrase;
};
// RFC 3261 §21 and the status codes that later RFCs registered with IANA.
constexpr auto kPhrases = std::to_array<PhraseRow>({
    {100, "Trying"},
    {180, "Ringing"},
    {181, "Call Is Being Forwarded"},
    {182, "Queued"},
    {183, "Session Progress"},
    {199, "Early Dialog Terminated"},
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Notification"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Moved Temporarily"},
    {305, "Use Proxy"},
    {380, "Alternative Service"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {410, "Gone"},
    {412, "Conditional Request Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Unsupported URI Scheme"},
    {420, "Bad Extension"},
    {421, "Extension Required"},
    {422, "Session Interval Too Small"},
    {423, "Interval Too Brief"},
    {430, "Flow Failed"},
    {433, "Anonymity Disallowed"},
    {440, "Max-Breadth Exceeded"},
    {480, "Temporarily Unavailable"},
    {481, "Call/Transaction Does Not Exist"},
    {482, "Loop Detected"},
    {483, "Too Many Hops"},
    {484, "Address Incomplete"},
    {485, "Ambiguous"},
    {486, "Busy Here"},
    {487, "Request Terminated"},
    {488, "Not Acceptable Here"},
    {489, "Bad Event"},
    {491, "Request Pending"},
    {493, "Undecipherable"},
    {494, "Security Agreement Required"},
    {500, "Server Internal Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Server Time-out"},
    {505, "Version Not Supported"},
    {513, "Message Too Large"},
    {580, "Precondition Failure"},
    {600, "Busy Everywhere"},
    {603, "Decline"},
    {604, "Does Not Exist Anywhere"},
    {606, "Not Acceptable"},
    {607, "Unwanted"},
    {608, "Rejected"},
});

// Writes one piece after the other; once one does not fit, none does.
class Writer {
 public:
  explicit Writer(std::span<char> out) noexcept : out_{out} {}

  void text(std::string_view piece) noexcept {
    if (piece.size() > out_.size() - used_) {
      full_ = true;
      used_ = out_.size();
    }
    if (full_ || piece.empty()) return;
    std::memcpy(out_.data() + used_, piece.data(), piece.size());
    used_ += piece.size();
  }
  void number(std::uint32_t value) noexcept {
    constexpr std::size_t kDigitsMax = 10;
    std::array<char, kDigitsMax> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  std::size_t size() const noexcept { return full_ ? 0 : used_; }

 private:
  std::span<char> out_;
  std::size_t used_ = 0;
  bool full_ = false;
};

std::string_view piece(const Message& request, std::uint32_t begin, std::uint32_t end) noexcept {
  return request.bytes.substr(begin, end - begin);
}

void write_received(std::string_view address, Writer& writer) noexcept {
  writer.text(";received=");
  writer.text(address);
}

void write_rport(std::uint16_t port, Writer& writer) noexcept {
  writer.text(";rport=");
  writer.number(port);
}

// The field with the topmost Via: new parameters go behind sent-by, given ones are replaced where
// they stand (RFC 3261 §18.2.1, RFC 3581 §4).
void write_top_via(const Message& request, const HeaderField& field, const ViaStamp& stamp,
                   Writer& writer) noexcept {
  const Via& via = request.via;
  const bool stamp_received = !stamp.received.empty();
  const bool stamp_rport = stamp.rport != 0;
  const bool replace_received = stamp_received && via.received_end != 0;
  const bool replace_rport = stamp_rport && via.rport_end != 0;
  writer.text(piece(request, field.begin, via.sent_by_end));
  if (stamp_received && !replace_received) write_received(stamp.received, writer);
  if (stamp_rport && !replace_rport) write_rport(stamp.rport, writer);
  std::uint32_t at = via.sent_by_end;
  const auto copy_up_to = [&](std::uint32_t begin, std::uint32_t end) {
    writer.text(piece(request, at, begin));
    at = end;
  };
  const auto received = [&] {
    if (!replace_received) return;
    copy_up_to(via.received_begin, via.received_end);
    write_received(stamp.received, writer);
  };
  const bool received_first = via.received_begin < via.rport_begin;
  if (received_first) received();
  if (replace_rport) {
    copy_up_to(via.rport_begin, via.rport_end);
    write_rport(stamp.rport, writer);
  }
  if (!received_first) received();
  writer.text(piece(request, at, field.end));
}

void write_vias(const Message& request, const ViaStamp& stamp, Writer& writer) noexcept {
  bool top = true;
  for (const HeaderField& field : request.fields) {
    if (field.id != HeaderId::kVia) continue;
    if (top) {
      write_top_via(request, field, stamp, writer);
    } else {
      writer.text(piece(request, field.begin, field.end));
    }
    top = false;
  }
}

void write_field(const Message& request, HeaderId id, Writer& writer) noexcept {
  for (const HeaderField& field : request.fields) {
    if (field.id == id) writer.text(piece(request, field.begin, field.end));
  }
}

// RFC 3261 §8.2.6.2: a tag is added unless the request has one.
void write_to(const Message& request, std::string_view to_tag, Writer& writer) noexcept {
  if (!request.to.tag.empty() || to_tag.empty()) {
    write_field(request, HeaderId::kTo, writer);
    return;
  }
  for (const HeaderField& field : request.fields) {
    if (field.id != HeaderId::kTo) continue;
    writer.text(piece(request, field.begin, field.value_end));
    writer.text(";tag=");
    writer.text(to_tag);
    writer.text(piece(request, field.value_end, field.end));
  }
}

}  // namespace

std::size_t write_reply(const Message& request, const ReplyText& text, const ViaStamp& stamp,
                        std::span<char> out) noexcept {
  Writer writer{out};
  writer.text("SIP/2.0 ");
  writer.number(text.status);
  writer.text(" ");
  writer.text(text.phrase.empty() ? standard_phrase(text.status) : text.phrase);
  writer.text("\r\n");
  write_vias(request, stamp, writer);
  write_field(request, HeaderId::kFrom, writer);
  write_to(request, text.to_tag, writer);
  write_field(request, HeaderId::kCallId, writer);
  write_field(request, HeaderId::kCseq, writer);
  writer.text(text.extra_fields);
  writer.text("Content-Length: 0\r\n\r\n");
  return writer.size();
}

std::string_view standard_phrase(std::uint16_t status) noexcept {
  for (const PhraseRow& row : kPhrases) {
    if (row.status == status) return row.phrase;
  }
  return "Unknown";
}

}  // namespace steer::sip
