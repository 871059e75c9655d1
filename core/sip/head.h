// HOT: runs once per datagram.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/sip/char_class.h"
#include "core/sip/content_length.h"
#include "core/sip/fields.h"
#include "core/sip/header_table.h"
#include "core/sip/parse.h"
#include "core/sip/spoilers.h"
#include "core/sip/start_line.h"
#include "core/sip/uri.h"
#include "core/sip/via_list.h"

namespace steer::sip {

// The octet-by-octet form of what a Form gives: where spoilers are, and header names.
struct ScalarForm {
  using Scanner = SpoilerScanner<find_spoilers_scalar>;
  // A name in the table that begins at `at` and is followed by a colon at once; its size, or 0.
  static std::size_t known_name(const char* at, const char* end, HeaderId& id) noexcept {
    const char* name_end = skip_class(at, end, kTokenChar);
    if (name_end == at || name_end == end || *name_end != ':') return 0;
    return find_header(view_of(at, name_end), id) ? static_cast<std::size_t>(name_end - at) : 0;
  }
};

// Takes the head of one message apart. Lives for one call of parse().
template <class Form>
class HeadParser {
 public:
  HeadParser(std::string_view bytes, Message& out) noexcept
      : bytes_{bytes},
        data_{bytes.data()},
        size_{bytes.size()},
        scanner_{data_, size_},
        out_{out} {}

  [[nodiscard]] ParseError run() noexcept {
    ParseError error = start_line();
    if (error != ParseError::kNone) [[unlikely]]
      return error;
    error = all_fields();
    if (error != ParseError::kNone) [[unlikely]]
      return error;
    return finish();
  }

 private:
  static constexpr std::string_view kVersionWord = "SIP/2.0";
  static constexpr std::size_t kStatusLineSizeMin = 12;  // "SIP/2.0 200 ".

  static constexpr std::uint32_t bit_of(HeaderId id) noexcept {
    return 1U << static_cast<std::uint32_t>(id);
  }
  std::uint32_t offset(const char* at) const noexcept {
    return static_cast<std::uint32_t>(at - data_);
  }

  [[nodiscard]] ParseError start_line() noexcept {
    const std::size_t end = scanner_.next(0);
    if (end + 1 >= size_ || data_[end] != '\r' || data_[end + 1] != '\n') [[unlikely]] {
      return judge_spoiled_line(bytes_, end);
    }
    const std::string_view line = bytes_.substr(0, end);
    at_ = end + 2;
    out_.fields_begin = static_cast<std::uint32_t>(at_);
    const bool good = is_version(line.data(), line.size()) ? status_line(line) : request_line(line);
    return good ? ParseError::kNone : judge_start_line(line);
  }

  static bool is_version(const char* at, std::size_t size) noexcept {
    return size >= kVersionWord.size() &&
           equals_ignoring_case({at, kVersionWord.size()}, kVersionWord);
  }

  // Single blanks between exactly three words (RFC 3261 §7.1).
  [[nodiscard]] bool request_line(std::string_view line) noexcept {
    const char* end = line.data() + line.size();
    const char* method_end = skip_class(line.data(), end, kTokenChar);
    out_.method_text = view_of(line.data(), method_end);
    constexpr std::ptrdiff_t kTailSize = static_cast<std::ptrdiff_t>(kVersionWord.size()) + 1;
    if (out_.method_text.empty() || end - method_end < kTailSize + 2) return false;
    const char* uri_end = end - kTailSize;
    if (*method_end != ' ' || *uri_end != ' ') return false;
    if (!is_version(uri_end + 1, kVersionWord.size())) return false;
    out_.is_request = true;
    out_.status = 0;
    out_.method = method_of(out_.method_text);
    out_.request_uri = view_of(method_end + 1, uri_end);
    Uri uri;
    // Header fields in a Request-URI must not be sent (RFC 3261 §19.1.1, Table 1).
    return parse_uri(out_.request_uri, uri) && uri.headers.empty();
  }

  // RFC 3261 §7.2. The reason phrase may be empty, the blank before it may not.
  [[nodiscard]] bool status_line(std::string_view line) noexcept {
    if (line.size() < kStatusLineSizeMin || line[7] != ' ' || line[11] != ' ') return false;
    if (!is_digit(line[8]) || !is_digit(line[9]) || !is_digit(line[10])) return false;
    const int status = (line[8] - '0') * 100 + (line[9] - '0') * 10 + (line[10] - '0');
    if (status < 100 || status > 699) return false;
    out_.is_request = false;
    out_.status = static_cast<std::uint16_t>(status);
    out_.method = Method::kOther;
    out_.method_text = {};
    out_.request_uri = {};
    return true;
  }

  [[nodiscard]] ParseError all_fields() noexcept {
    for (;;) {
      HeaderField field{};
      field.begin = static_cast<std::uint32_t>(at_);
      std::size_t end = scanner_.next(at_);
      if (end == at_ && end + 1 < size_ && data_[end] == '\r' && data_[end + 1] == '\n') {
        out_.fields_end = field.begin;
        return ParseError::kNone;
      }
      ParseError error = end_of_field(field.begin, end);
      if (error != ParseError::kNone) [[unlikely]]
        return error;
      if (!cut_field(field, end)) [[unlikely]]
        return ParseError::kHeaderName;
      if (!out_.fields.push(field)) [[unlikely]]
        return ParseError::kTooManyFields;
      error = take(field);
      if (error != ParseError::kNone) [[unlikely]]
        return error;
      at_ = field.end;
    }
  }

  // `end` is the first spoiler of the field: moves it past folds to the CR that ends the field.
  [[nodiscard]] ParseError end_of_field(std::size_t begin, std::size_t& end) noexcept {
    for (;;) {
      if (end + 2 >= size_ || data_[end] != '\r' || data_[end + 1] != '\n') [[unlikely]] {
        return judge_spoiled_field(bytes_, begin, end);
      }
      if (!is_blank(data_[end + 2])) [[likely]]
        return ParseError::kNone;
      end = scanner_.next(end + 2);
    }
  }

  // Name, blanks, colon, value. False: no name, or an octet in it that is not of a token.
  [[nodiscard]] bool cut_field(HeaderField& field, std::size_t field_end) noexcept {
    const char* begin = data_ + field.begin;
    const char* end = data_ + field_end;
    const char* name_end = begin + Form::known_name(begin, end, field.id);
    if (name_end == begin) [[unlikely]] {
      name_end = skip_class(begin, end, kTokenChar);
      if (name_end == begin) return false;
      if (!find_header(view_of(begin, name_end), field.id)) field.id = HeaderId::kOther;
    }
    const char* colon = name_end;
    while (colon != end && is_blank(*colon))
      ++colon;
    if (colon == end || *colon != ':') return false;
    const char* value = skip_lws(colon + 1, end);
    while (end != value && is_lws(end[-1]))
      --end;
    field.name_end = offset(name_end);
    field.value_begin = offset(value);
    field.value_end = offset(end);
    field.end = static_cast<std::uint32_t>(field_end + 2);
    return true;
  }

  [[nodiscard]] ParseError take(const HeaderField& field) noexcept {
    const std::string_view value =
        bytes_.substr(field.value_begin, field.value_end - field.value_begin);
    const std::uint32_t seen_before = seen_;
    seen_ |= bit_of(field.id);
    const bool doubled = (seen_before & bit_of(field.id)) != 0;
    switch (field.id) {
      case HeaderId::kVia: return doubled ? ParseError::kNone : take_via(field);
      case HeaderId::kFrom:
        if (doubled) return ParseError::kDuplicateField;
        return read_name_address(value, out_.from) ? ParseError::kNone : ParseError::kFrom;
      case HeaderId::kTo:
        if (doubled) return ParseError::kDuplicateField;
        return read_name_address(value, out_.to) ? ParseError::kNone : ParseError::kTo;
      case HeaderId::kCallId:
        if (doubled) return ParseError::kDuplicateField;
        out_.call_id = value;
        return check_call_id(value) ? ParseError::kNone : ParseError::kCallId;
      case HeaderId::kCseq:
        if (doubled) return ParseError::kDuplicateField;
        return take_cseq(value);
      case HeaderId::kMaxForwards:
        if (doubled) return ParseError::kDuplicateField;
        return read_max_forwards(value, out_.max_forwards) ? ParseError::kNone
                                                           : ParseError::kMaxForwards;
      case HeaderId::kContentLength:
        return length_.take(value, kContentLengthMax) ? ParseError::kNone
                                                      : ParseError::kContentLength;
      case HeaderId::kRoute:
      case HeaderId::kRecordRoute:
      case HeaderId::kProxyRequire:
      case HeaderId::kAuthorization:
      case HeaderId::kProxyAuthorization:
      case HeaderId::kUserAgent:
      case HeaderId::kContact:
      case HeaderId::kRetryAfter:
      case HeaderId::kOther:
      case HeaderId::kCount: break;
    }
    return ParseError::kNone;
  }

  [[nodiscard]] ParseError take_via(const HeaderField& field) noexcept {
    std::uint32_t next = 0;
    const bool good = parse_via(out_, field.value_begin, field.value_end, out_.via, next);
    return good ? ParseError::kNone : ParseError::kVia;
  }

  [[nodiscard]] ParseError take_cseq(std::string_view value) noexcept {
    if (!read_cseq(value, out_.cseq, out_.cseq_method)) return ParseError::kCseq;
    // RFC 3261 §8.1.1.5: the method must match that of the request.
    const bool matches = !out_.is_request || out_.cseq_method == out_.method_text;
    return matches ? ParseError::kNone : ParseError::kCseqMethod;
  }

  [[nodiscard]] ParseError finish() noexcept {
    constexpr std::uint32_t kRequired = bit_of(HeaderId::kVia) | bit_of(HeaderId::kCallId) |
                                        bit_of(HeaderId::kFrom) | bit_of(HeaderId::kTo) |
                                        bit_of(HeaderId::kCseq);
    if ((seen_ & kRequired) != kRequired) [[unlikely]]
      return missing();
    out_.has_max_forwards = (seen_ & bit_of(HeaderId::kMaxForwards)) != 0;
    out_.has_content_length = length_.seen();
    const std::size_t body_begin = out_.fields_end + 2;
    std::size_t body_size = size_ - body_begin;
    if (length_.seen()) {
      if (length_.value() > body_size) return ParseError::kTruncated;
      body_size = length_.value();  // RFC 3261 §18.3: what follows the body is discarded.
    }
    out_.body = bytes_.substr(body_begin, body_size);
    out_.bytes = bytes_.substr(0, body_begin + body_size);
    return ParseError::kNone;
  }

  [[nodiscard, gnu::cold, gnu::noinline]] ParseError missing() const noexcept {
    if ((seen_ & bit_of(HeaderId::kVia)) == 0) return ParseError::kViaMissing;
    if ((seen_ & bit_of(HeaderId::kCallId)) == 0) return ParseError::kCallIdMissing;
    if ((seen_ & bit_of(HeaderId::kFrom)) == 0) return ParseError::kFromMissing;
    if ((seen_ & bit_of(HeaderId::kTo)) == 0) return ParseError::kToMissing;
    return ParseError::kCseqMissing;
  }

  std::string_view bytes_;
  const char* data_;
  std::size_t size_;
  typename Form::Scanner scanner_;
  Message& out_;
  std::size_t at_ = 0;
  std::uint32_t seen_ = 0;  // Bit per HeaderId.
  ContentLength length_;
};

}  // namespace steer::sip
