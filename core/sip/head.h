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

// Takes the head of one message apart. Lives for one call of parse(), in registers: all of it is
// inlined, and no part of it has its address taken.
template <class Form>
class HeadParser {
 public:
  [[gnu::always_inline]] HeadParser(std::string_view bytes, SpoilerWindow& window,
                                    Message& out) noexcept
      : bytes_{bytes},
        data_{bytes.data()},
        size_{bytes.size()},
        readable_{data_ + size_},
        scanner_{data_, size_, window},
        out_{out} {}

  [[nodiscard, gnu::always_inline]] ParseError run() noexcept {
    ParseError error = start_line();
    if (error != ParseError::kNone) [[unlikely]] {
      return error;
    }
    error = all_fields();
    if (error != ParseError::kNone) [[unlikely]] {
      return error;
    }
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
  // parse() has refused what is longer than a datagram can be.
  std::uint16_t short_offset(const char* at) const noexcept {
    return static_cast<std::uint16_t>(at - data_);
  }
  const char* readable() const noexcept { return readable_; }
  // CR LF at `at`, with at least `behind` octets after them.
  bool is_line_end(std::size_t at, std::size_t behind) const noexcept {
    return at + 2 + behind <= size_ && is_crlf(data_ + at);
  }

  [[nodiscard, gnu::always_inline]] ParseError start_line() noexcept {
    const std::size_t size = scanner_.next();
    if (!is_line_end(size, 0)) [[unlikely]] {
      return judge_spoiled_line(bytes_, size);
    }
    scanner_.skip_behind(size);
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
  [[nodiscard, gnu::always_inline]] bool request_line(const char* end) noexcept {
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
  [[nodiscard, gnu::always_inline]] bool status_line(const char* /*end*/) noexcept {
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

  [[nodiscard, gnu::always_inline]] ParseError all_fields() noexcept {
    for (;;) {
      const std::size_t begin = at_;
      std::size_t end = scanner_.next();
      // The comparison with a blank also sends the last field, which the empty line follows, the
      // slow way: once per message.
      if (end == begin || !is_line_end(end, 1) || static_cast<std::uint8_t>(data_[end + 2]) <= ' ')
          [[unlikely]] {
        if (end == begin && is_line_end(end, 0)) {
          out_.fields_end = static_cast<std::uint32_t>(begin);
          return ParseError::kNone;
        }
        // Folds, and what only looks like the end of a line, are read octet by octet.
        if (!is_line_end(end, 1) || is_blank(data_[end + 2])) {
          std::size_t field_end = end;
          const ParseError error = judge_spoiled_field(bytes_, begin, field_end);
          if (error != ParseError::kNone) return error;
          if (field_end != end) scanner_.seek(field_end + 1);
          end = field_end;
        }
      }
      scanner_.skip_behind(end);
      const ParseError error = one_field(data_ + begin, data_ + end);
      if (error != ParseError::kNone) [[unlikely]] {
        return error;
      }
      at_ = end + 2;
    }
  }

  // Name, blanks, colon, value; `field_end` is the CR that ends the field.
  [[nodiscard, gnu::always_inline]] ParseError one_field(const char* begin,
                                                         const char* field_end) noexcept {
    HeaderId id = HeaderId::kOther;
    const char* name_end = begin + Form::known_name(begin, field_end, readable(), id);
    const char* colon = name_end;
    if (name_end == begin) [[unlikely]] {
      name_end = read_name(begin, field_end, readable(), id);
      colon = name_end;
      while (colon != field_end && is_blank(*colon)) {
        ++colon;
      }
      if (name_end == begin || colon == field_end || *colon != ':') return ParseError::kHeaderName;
    }
    const char* value = colon + 1;
    if (*value == ' ') ++value;
    if (is_lws(*value)) [[unlikely]] {
      value = skip_lws(value, field_end);
    }
    const char* end = field_end;
    while (is_lws(end[-1]) && end != value) [[unlikely]] {
      --end;
    }
    // Filled where it stays: copied right after it was written, it would stall.
    HeaderField* field = out_.fields.append();
    if (field == nullptr) [[unlikely]] {
      return ParseError::kTooManyFields;
    }
    field->begin = short_offset(begin);
    field->name_end = short_offset(name_end);
    field->value_begin = short_offset(value);
    field->value_end = short_offset(end);
    field->end = short_offset(field_end + 2);
    field->id = id;
    return take(id, view_of(value, end));
  }

  // A name that known_name() did not know: spelled in an odd way, long, or not ours. Returns one
  // past it, `begin` if there is none.
  [[nodiscard, gnu::noinline]] static const char* read_name(const char* begin, const char* end,
                                                            const char* readable,
                                                            HeaderId& id) noexcept {
    const char* name_end = skip_run<Run::kToken>(begin, end, readable);
    if (name_end == begin || !find_header(view_of(begin, name_end), id)) id = HeaderId::kOther;
    return name_end;
  }

  [[nodiscard, gnu::always_inline]] ParseError take(HeaderId id, std::string_view value) noexcept {
    if (id > HeaderId::kContentLength) return ParseError::kNone;  // None of those below.
    const bool doubled = (seen_ & bit_of(id)) != 0;
    seen_ |= bit_of(id);
    switch (id) {
      case HeaderId::kVia: return doubled ? ParseError::kNone : take_via(value);
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

  [[nodiscard, gnu::always_inline]] ParseError take_via(std::string_view value) noexcept {
    std::uint32_t next = 0;
    const char* end = value.data() + value.size();
    const bool good = parse_via(out_, offset(value.data()), offset(end), out_.via, next);
    return good ? ParseError::kNone : ParseError::kVia;
  }

  [[nodiscard, gnu::always_inline]] ParseError take_cseq(std::string_view value) noexcept {
    if (!read_cseq(value, out_.cseq, out_.cseq_method)) return ParseError::kCseq;
    // RFC 3261 §8.1.1.5: the method must match that of the request.
    const bool matches = !out_.is_request || out_.cseq_method == out_.method_text;
    return matches ? ParseError::kNone : ParseError::kCseqMethod;
  }

  [[nodiscard, gnu::always_inline]] ParseError finish() noexcept {
    constexpr std::uint32_t kRequired = bit_of(HeaderId::kVia) | bit_of(HeaderId::kCallId) |
                                        bit_of(HeaderId::kFrom) | bit_of(HeaderId::kTo) |
                                        bit_of(HeaderId::kCseq);
    if ((seen_ & kRequired) != kRequired) [[unlikely]] {
      return missing(seen_);
    }
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

  [[nodiscard, gnu::cold, gnu::noinline]] static ParseError missing(std::uint32_t seen) noexcept {
    if ((seen & bit_of(HeaderId::kVia)) == 0) return ParseError::kViaMissing;
    if ((seen & bit_of(HeaderId::kCallId)) == 0) return ParseError::kCallIdMissing;
    if ((seen & bit_of(HeaderId::kFrom)) == 0) return ParseError::kFromMissing;
    if ((seen & bit_of(HeaderId::kTo)) == 0) return ParseError::kToMissing;
    return ParseError::kCseqMissing;
  }

  std::string_view bytes_;
  const char* data_;
  std::size_t size_;
  const char* readable_;
  typename Form::Scanner scanner_;
  Message& out_;
  std::size_t at_ = 0;
  std::uint32_t seen_ = 0;  // Bit per HeaderId.
  ContentLength length_;
};

}  // namespace steer::sip
