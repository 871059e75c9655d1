// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sip/char_class.h"
#include "core/sip/content_length.h"
#include "core/sip/fields.h"
#include "core/sip/forms.h"
#include "core/sip/header_table.h"
#include "core/sip/parse.h"
#include "core/sip/runs.h"
#include "core/sip/start_line.h"
#include "core/sip/uri.h"
#include "core/sip/via_list.h"
#include "core/sip/words.h"

namespace steer::sip {

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
  static constexpr std::ptrdiff_t kVersionTailSize = 8;     // " SIP/2.0"
  static constexpr std::ptrdiff_t kStatusLineSizeMin = 12;  // "SIP/2.0 200 "

  static constexpr std::uint32_t bit_of(HeaderId id) noexcept {
    return 1U << static_cast<std::uint32_t>(id);
  }
  std::uint32_t offset(const char* at) const noexcept {
    return static_cast<std::uint32_t>(at - data_);
  }
  const char* readable() const noexcept { return data_ + size_; }
  // CR LF at `at`, with at least `behind` octets after them.
  bool is_line_end(std::size_t at, std::size_t behind) const noexcept {
    return at + 2 + behind <= size_ && is_crlf(data_ + at);
  }

  [[nodiscard]] ParseError start_line() noexcept {
    const std::size_t size = scanner_.next(0);
    if (!is_line_end(size, 0)) [[unlikely]] {
      return judge_spoiled_line(bytes_, size);
    }
    at_ = size + 2;
    out_.fields_begin = static_cast<std::uint32_t>(at_);
    const char* end = data_ + size;
    if (size < kStatusLineSizeMin) [[unlikely]] {
      return judge_start_line(bytes_.substr(0, size));
    }
    const bool good = is_version_before<' '>(data_) ? status_line(end) : request_line(end);
    return good ? ParseError::kNone : judge_start_line(bytes_.substr(0, size));
  }

  // Single blanks between exactly three words (RFC 3261 §7.1).
  [[nodiscard]] bool request_line(const char* end) noexcept {
    const char* uri_end = end - kVersionTailSize;
    const char* method_end = skip_class(data_, uri_end, kTokenChar);
    if (method_end == data_ || *method_end != ' ' || !is_version_after_blank(uri_end)) return false;
    if (method_end == uri_end) return false;
    out_.is_request = true;
    out_.status = 0;
    out_.method_text = view_of(data_, method_end);
    out_.method = method_of(out_.method_text);
    out_.request_uri = view_of(method_end + 1, uri_end);
    Uri uri;
    // Header fields in a Request-URI must not be sent (RFC 3261 §19.1.1, Table 1).
    return parse_uri_within(out_.request_uri, readable(), uri) && uri.headers.empty();
  }

  // RFC 3261 §7.2. The reason phrase may be empty, the blank before it may not.
  [[nodiscard]] bool status_line(const char* /*end*/) noexcept {
    const char* digits = data_ + kVersionTailSize;
    if (!is_digit(digits[0]) || !is_digit(digits[1]) || !is_digit(digits[2])) return false;
    const int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
    if (digits[3] != ' ' || status < 100 || status > 699) return false;
    out_.is_request = false;
    out_.status = static_cast<std::uint16_t>(status);
    out_.method = Method::kOther;
    out_.method_text = {};
    out_.request_uri = {};
    return true;
  }

  [[nodiscard]] ParseError all_fields() noexcept {
    for (;;) {
      const std::size_t begin = at_;
      std::size_t end = scanner_.next(begin);
      if (!is_line_end(end, 1) || is_blank(data_[end + 2]) || end == begin) [[unlikely]] {
        if (end == begin && is_line_end(end, 0)) {
          out_.fields_end = static_cast<std::uint32_t>(begin);
          return ParseError::kNone;
        }
        const ParseError error = end_of_field(begin, end);
        if (error != ParseError::kNone) return error;
      }
      // Filled where it stays: copied right after it was written, it would stall.
      HeaderField* field = out_.fields.append();
      if (field == nullptr) [[unlikely]] {
        return ParseError::kTooManyFields;
      }
      if (!cut_field(*field, begin, end)) [[unlikely]] {
        return ParseError::kHeaderName;
      }
      at_ = end + 2;
      const ParseError error = take(*field);
      if (error != ParseError::kNone) [[unlikely]] {
        return error;
      }
    }
  }

  // `end` is the first spoiler of the field: moves it past folds to the CR that ends the field.
  [[nodiscard, gnu::noinline]] ParseError end_of_field(std::size_t begin,
                                                       std::size_t& end) noexcept {
    while (is_line_end(end, 1)) {
      if (!is_blank(data_[end + 2])) return ParseError::kNone;
      end = scanner_.next(end + 2);
    }
    return judge_spoiled_field(bytes_, begin, end);
  }

  // Name, blanks, colon, value. False: no name, or an octet in it that is not of a token.
  [[nodiscard, gnu::always_inline]] bool cut_field(HeaderField& field, std::size_t field_begin,
                                                   std::size_t field_end) noexcept {
    const char* begin = data_ + field_begin;
    const char* end = data_ + field_end;
    HeaderId id = HeaderId::kOther;
    const char* colon = begin + Form::known_name(begin, end, readable(), id);
    const char* name_end = colon;
    if (colon == begin) [[unlikely]] {
      if (!read_name(begin, end, name_end, id)) return false;
      colon = name_end;
      while (colon != end && is_blank(*colon)) {
        ++colon;
      }
      if (colon == end || *colon != ':') return false;
    }
    const char* value = colon + 1;
    if (*value == ' ') ++value;
    if (is_lws(*value)) [[unlikely]] {
      value = skip_lws(value, end);
    }
    // An empty value ends at its colon or blank, never before it begins.
    while (end != value && is_lws(end[-1])) [[unlikely]] {
      --end;
    }
    field.id = id;
    field.begin = static_cast<std::uint32_t>(field_begin);
    field.name_end = offset(name_end);
    field.value_begin = offset(value);
    field.value_end = offset(end);
    field.end = static_cast<std::uint32_t>(field_end + 2);
    return true;
  }

  // A name that known_name() did not know: spelled in an odd way, long, or not ours.
  [[nodiscard, gnu::noinline]] bool read_name(const char* begin, const char* end,
                                              const char*& name_end, HeaderId& id) noexcept {
    name_end = skip_run<Run::kToken>(begin, end, readable());
    if (name_end == begin) return false;
    if (!find_header(view_of(begin, name_end), id)) id = HeaderId::kOther;
    return true;
  }

  [[nodiscard]] ParseError take(const HeaderField& field) noexcept {
    const std::string_view value = view_of(data_ + field.value_begin, data_ + field.value_end);
    const std::uint32_t seen_before = seen_;
    seen_ |= bit_of(field.id);
    const bool doubled = (seen_before & bit_of(field.id)) != 0;
    switch (field.id) {
      case HeaderId::kVia: return doubled ? ParseError::kNone : take_via(field);
      case HeaderId::kFrom:
        if (doubled) return ParseError::kDuplicateField;
        return read_name_address(value, readable(), out_.from) ? ParseError::kNone
                                                               : ParseError::kFrom;
      case HeaderId::kTo:
        if (doubled) return ParseError::kDuplicateField;
        return read_name_address(value, readable(), out_.to) ? ParseError::kNone : ParseError::kTo;
      case HeaderId::kCallId:
        if (doubled) return ParseError::kDuplicateField;
        out_.call_id = value;
        return check_call_id(value, readable()) ? ParseError::kNone : ParseError::kCallId;
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
