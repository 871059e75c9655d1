#include "core/sip/start_line.h"

#include "core/sip/char_class.h"
#include "core/sip/spoilers.h"
#include "core/sip/uri.h"

namespace steer::sip {
namespace {

constexpr std::string_view kSipSlash = "SIP/";
constexpr std::string_view kVersion = "SIP/2.0";

bool begins_with_sip(std::string_view text) noexcept {
  return equals_ignoring_case(text.substr(0, kSipSlash.size()), kSipSlash);
}

// "SIP/" digits "." digits.
bool is_version(std::string_view text) noexcept {
  if (!begins_with_sip(text)) return false;
  text.remove_prefix(kSipSlash.size());
  const char* end = text.data() + text.size();
  const char* at = text.data();
  while (at != end && is_digit(*at)) {
    ++at;
  }
  if (at == text.data() || at == end || *at != '.') return false;
  const char* minor = ++at;
  while (at != end && is_digit(*at)) {
    ++at;
  }
  return at != minor && at == end;
}

// A STUN message is no SIP message: its first two bits are zero and its cookie is fixed.
bool is_stun(std::string_view datagram) noexcept {
  constexpr std::string_view kCookie = "\x21\x12\xa4\x42";
  return datagram.size() >= 8 && (static_cast<std::uint8_t>(datagram[0]) & 0xc0U) == 0 &&
         datagram.substr(4, 4) == kCookie;
}

ParseError judge_status_line(std::string_view line) noexcept {
  const std::string_view version = line.substr(0, line.find(' '));
  if (!is_version(version)) return ParseError::kStartLine;
  if (!equals_ignoring_case(version, kVersion)) return ParseError::kVersion;
  return ParseError::kStatusCode;
}

ParseError judge_request_line(std::string_view line) noexcept {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return ParseError::kStartLine;
  const std::string_view version = line.substr(last + 1);
  if (!is_token(line.substr(0, first)) || !is_version(version)) return ParseError::kStartLine;
  const std::string_view uri = line.substr(first + 1, last - first - 1);
  // Blanks next to the separators are the line's fault, others the URI's.
  if (uri.empty() || is_blank(uri.front()) || is_blank(uri.back())) return ParseError::kStartLine;
  if (uri.find_first_of(" \t") != std::string_view::npos) return ParseError::kRequestUri;
  if (!equals_ignoring_case(version, kVersion)) return ParseError::kVersion;
  return ParseError::kRequestUri;
}

}  // namespace

ParseError skip_prelude(std::string_view& datagram) noexcept {
  if (is_stun(datagram)) return ParseError::kStun;
  if (datagram == std::string_view{"\0\0\0\0", 4}) return ParseError::kKeepAlive;
  while (datagram.starts_with("\r\n")) {
    datagram.remove_prefix(2);
  }
  if (datagram.empty()) return ParseError::kKeepAlive;
  return is_in(datagram.front(), kTokenChar) ? ParseError::kNone : ParseError::kNoise;
}

bool is_like_sip(std::string_view line) noexcept {
  if (begins_with_sip(line)) return true;
  if (line.empty() || !is_in(line.front(), kTokenChar)) return false;
  for (std::size_t at = line.find(' '); at < line.size(); at = line.find(' ', at + 1)) {
    if (begins_with_sip(line.substr(at + 1))) return true;
  }
  return false;
}

ParseError judge_start_line(std::string_view line) noexcept {
  if (!is_like_sip(line)) return ParseError::kNoise;
  return begins_with_sip(line) ? judge_status_line(line) : judge_request_line(line);
}

ParseError judge_spoiled_line(std::string_view bytes, std::size_t at) noexcept {
  std::size_t line_end = at;
  while (line_end < bytes.size() && bytes[line_end] != '\r' && bytes[line_end] != '\n') {
    ++line_end;
  }
  if (!is_like_sip(bytes.substr(0, line_end))) return ParseError::kNoise;
  if (at + 1 >= bytes.size() && (at == bytes.size() || bytes[at] == '\r')) {
    return ParseError::kTruncated;
  }
  const bool line_end_octet = bytes[at] == '\r' || bytes[at] == '\n';
  return line_end_octet ? ParseError::kBareLineEnd : ParseError::kControlOctet;
}

ParseError judge_spoiled_field(std::string_view bytes, std::size_t begin,
                               std::size_t& end) noexcept {
  std::size_t at = begin;
  bool in_value = false;
  bool in_quotes = false;
  for (; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (c == '\r') {
      if (at + 2 >= bytes.size()) {
        const bool cut = at + 1 == bytes.size() || bytes[at + 1] == '\n';
        return cut ? ParseError::kTruncated : ParseError::kBareLineEnd;
      }
      if (bytes[at + 1] != '\n') return ParseError::kBareLineEnd;
      if (!is_blank(bytes[at + 2])) {
        end = at;
        return in_value ? ParseError::kNone : ParseError::kHeaderName;
      }
      at += 2;
      continue;
    }
    if (c == '\n') return ParseError::kBareLineEnd;
    if (is_spoiler(c)) return in_value ? ParseError::kControlOctet : ParseError::kHeaderName;
    if (!in_value) {
      in_value = c == ':';
    } else if (c == '"') {
      in_quotes = !in_quotes;
    } else if (c == '\\' && in_quotes && at + 1 < bytes.size()) {
      // The octet after a backslash means nothing, but a line end is never hidden.
      if (bytes[at + 1] != '\r' && bytes[at + 1] != '\n') ++at;
    }
  }
  return ParseError::kTruncated;
}

}  // namespace steer::sip
