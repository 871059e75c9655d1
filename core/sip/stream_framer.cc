#include "core/sip/stream_framer.h"

#include <cstring>

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/sip/char_class.h"
#include "core/sip/content_length.h"
#include "core/sip/header_table.h"

namespace steer::sip {
namespace {

// Up to here a length is believed, so that who announces too much is told that (513). Beyond it
// nobody knows what was meant.
constexpr std::uint32_t kAnnouncedMax = 16 * kMiB;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kProtocol = "SIP/";

Frame broken(std::size_t size, ParseError error) noexcept {
  return {.kind = FrameKind::kBroken, .size = size, .error = error};
}

// A start line of SIP, of whatever version, as opposed to HTTP, TLS or noise: those get silence.
bool is_of_sip(std::string_view line) noexcept {
  const auto is_protocol = [](std::string_view text) {
    return text.size() >= kProtocol.size() &&
           equals_ignoring_case(kProtocol, text.substr(0, kProtocol.size()));
  };
  if (is_protocol(line)) return true;
  for (std::size_t at = line.find(' '); at != std::string_view::npos; at = line.find(' ', at + 1)) {
    if (is_protocol(line.substr(at + 1))) return true;
  }
  return false;
}

// The first octet that can begin a message.
bool may_begin(char c) noexcept {
  return is_in(c, kTokenChar);
}

// Name and value of a field as the parser sees them; false: it will refuse this line.
bool split_field(std::string_view field, HeaderId& id, std::string_view& value) noexcept {
  const char* const end = field.data() + field.size();
  const char* const name_end = skip_class(field.data(), end, kTokenChar);
  const char* colon = name_end;
  while (colon != end && is_blank(*colon)) {
    ++colon;
  }
  if (name_end == field.data() || colon == end || *colon != ':') return false;
  if (!find_header(view_of(field.data(), name_end), id)) id = HeaderId::kOther;
  value = view_of(colon + 1, end);
  return true;
}

// The end of the field that begins at `begin`, its last CRLF included: lines that begin with a
// blank belong to it.
std::size_t end_of_field(std::string_view head, std::size_t begin) noexcept {
  std::size_t at = begin;
  do {
    at = head.find('\n', at) + 1;
  } while (at < head.size() && is_blank(head[at]));
  return at;
}

// All fields of a head whose lines end with CRLF. kNone and the length, or why there is none.
ParseError content_length_of(std::string_view head, std::uint32_t& length) noexcept {
  ContentLength reader;
  std::size_t at = head.find('\n') + 1;
  while (at < head.size() && head[at] != '\r') {
    const std::size_t end = end_of_field(head, at);
    HeaderId id = HeaderId::kOther;
    std::string_view value;
    const bool is_field = split_field(head.substr(at, end - at - kLineEnd.size()), id, value);
    if (is_field && id == HeaderId::kContentLength && !reader.take(value, kAnnouncedMax)) {
      return ParseError::kContentLength;
    }
    at = end;
  }
  if (!reader.seen()) return ParseError::kContentLengthMissing;
  length = reader.value();
  return ParseError::kNone;
}

}  // namespace

Frame StreamFramer::next(std::string_view octets, std::size_t size_max) noexcept {
  STEER_DEBUG_ASSERT(size_max <= kParsedSizeMax);
  if (wanted_ != 0) {
    if (octets.size() < wanted_) return {};
    const std::size_t size = wanted_;
    wanted_ = 0;
    return {.kind = FrameKind::kMessage, .size = size};
  }
  if (octets.empty()) return {};
  if (searched_ == 0) {
    if (octets.front() == '\r') return empty_line(octets);
    if (!may_begin(octets.front())) return broken(0, ParseError::kNoise);
  }
  after_empty_line_ = false;
  // No more than shows that it is too long, so that the sizes of the pieces decide nothing.
  return read_head(octets.substr(0, size_max + 1), size_max);
}

// Two of them in a row are a ping, whatever pieces they come in.
Frame StreamFramer::empty_line(std::string_view octets) noexcept {
  if (octets.size() < kLineEnd.size()) return {};
  if (!octets.starts_with(kLineEnd)) return broken(0, ParseError::kNoise);
  const bool is_second = after_empty_line_;
  after_empty_line_ = !is_second;
  return {.kind = is_second ? FrameKind::kPing : FrameKind::kEmpty, .size = kLineEnd.size()};
}

// Line by line; no octet is looked at again but those of the line that was cut, and these once.
Frame StreamFramer::read_head(std::string_view octets, std::size_t size_max) noexcept {
  const char* const data = octets.data();
  while (searched_ < octets.size()) {
    const void* const found = std::memchr(data + searched_, '\n', octets.size() - searched_);
    if (found == nullptr) break;
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - data);
    const std::string_view line = octets.substr(line_begin_, end - line_begin_);
    const bool is_start_line = line_begin_ == 0;
    line_begin_ = searched_ = static_cast<std::uint32_t>(end + 1);
    if (line.empty() || line.find('\r') != line.size() - 1) {
      // What has no good first line may be anything.
      return broken(is_start_line ? 0 : end + 1, ParseError::kBareLineEnd);
    }
    if (is_start_line && !is_of_sip(line.substr(0, line.size() - 1))) {
      return broken(0, ParseError::kNoise);
    }
    if (line.size() == 1) return whole_head(octets, size_max);
  }
  searched_ = static_cast<std::uint32_t>(octets.size());
  return octets.size() > size_max ? broken(0, ParseError::kOversized) : Frame{};
}

// `line_begin_` is where the body begins.
Frame StreamFramer::whole_head(std::string_view octets, std::size_t size_max) noexcept {
  const std::size_t head_size = line_begin_;
  line_begin_ = searched_ = 0;
  if (head_size > size_max) return broken(0, ParseError::kOversized);
  std::uint32_t length = 0;
  const ParseError error = content_length_of(octets.substr(0, head_size), length);
  if (error != ParseError::kNone) return broken(head_size, error);
  const std::size_t size = head_size + length;
  if (size > size_max) return broken(head_size, ParseError::kOversized);
  if (octets.size() >= size) return {.kind = FrameKind::kMessage, .size = size};
  wanted_ = static_cast<std::uint32_t>(size);
  return {};
}

}  // namespace steer::sip
