// HOT: runs once per datagram.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/sip/char_class.h"

namespace steer::sip {

// Runs of octets of one class, 16 at a time. skip_class() is what they must agree with; a test
// holds them against it for every octet.
enum class Run : std::uint8_t {
  kValue,         // kValueChar
  kAddress,       // kAddressChar
  kHost,          // kHostChar
  kToken,         // kTokenChar
  kPrintable,     // '!' to '~'
  kQuoted,        // Inside of a quoted string: all but '"' and the backslash.
  kUriParameter,  // kUriParameterChar but '%'.
  kUser,          // kUserChar but '%' and ':', which their reader looks at.
};

constexpr bool is_in_run(Run run, char c) noexcept {
  switch (run) {
    case Run::kValue: return is_in(c, kValueChar);
    case Run::kAddress: return is_in(c, kAddressChar);
    case Run::kHost: return is_in(c, kHostChar);
    case Run::kToken: return is_in(c, kTokenChar);
    case Run::kPrintable: return c > ' ' && c < '\x7f';
    case Run::kQuoted: return c != '"' && c != '\\';
    case Run::kUriParameter: return is_in(c, kUriParameterChar) && c != '%';
    case Run::kUser: return is_in(c, kUserChar) && c != '%' && c != ':';
  }
  return false;
}

#if defined(__SSE2__)
namespace detail {

struct Octets {
  __m128i v;

  [[gnu::always_inline]] __m128i is(char c) const noexcept {
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
  }
  // first <= octet <= last, unsigned.
  [[gnu::always_inline]] __m128i within(char first, char last) const noexcept {
    const __m128i moved = _mm_sub_epi8(v, _mm_set1_epi8(first));
    const __m128i bound = _mm_set1_epi8(static_cast<char>(last - first));
    return _mm_cmpeq_epi8(_mm_min_epu8(moved, bound), moved);
  }
  [[gnu::always_inline]] Octets with(char bit) const noexcept {
    return {_mm_or_si128(v, _mm_set1_epi8(bit))};
  }
};

[[gnu::always_inline]] inline __m128i any(__m128i a, __m128i b) noexcept {
  return _mm_or_si128(a, b);
}
template <class... Masks>
[[gnu::always_inline]] inline __m128i any(__m128i a, __m128i b, Masks... more) noexcept {
  return any(_mm_or_si128(a, b), more...);
}

// A bit for each of the 16 octets that ends the run.
template <Run kRun>
[[gnu::always_inline]] inline std::uint32_t stops(const char* at) noexcept {
  const Octets octets{_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))};
  __m128i ends;
  if constexpr (kRun == Run::kValue) {
    ends = any(octets.within('\0', ' '), octets.is('\x7f'), octets.is('"'), octets.is(','),
               octets.within(';', '<'), octets.is('>'), octets.is('\\'));
  } else if constexpr (kRun == Run::kAddress) {
    ends = any(octets.within('\0', ' '), octets.is('\x7f'), octets.is('"'), octets.is('<'),
               octets.is('>'));
  } else if constexpr (kRun == Run::kHost) {
    const __m128i inside = any(octets.with(0x20).within('a', 'z'), octets.within('-', '.'),
                               octets.within('0', '9'), octets.is('_'));
    ends = _mm_cmpeq_epi8(inside, _mm_setzero_si128());
  } else if constexpr (kRun == Run::kToken) {
    const __m128i inside =
        any(octets.with(0x20).within('a', 'z'), octets.within('0', '9'), octets.within('-', '.'),
            octets.within('*', '+'), octets.is('!'), octets.is('%'), octets.is('\''),
            octets.is('_'), octets.is('`'), octets.is('~'));
    ends = _mm_cmpeq_epi8(inside, _mm_setzero_si128());
  } else if constexpr (kRun == Run::kPrintable) {
    ends = _mm_cmpeq_epi8(octets.within('!', '~'), _mm_setzero_si128());
  } else if constexpr (kRun == Run::kQuoted) {
    ends = any(octets.is('"'), octets.is('\\'));
  } else if constexpr (kRun == Run::kUriParameter) {
    const __m128i inside =
        any(octets.with(0x20).within('a', 'z'), octets.within('-', ';'), octets.within('&', '+'),
            octets.is('!'), octets.is('$'), octets.is('='), octets.is('['), octets.is(']'),
            octets.is('_'), octets.is('~'));
    ends = _mm_cmpeq_epi8(inside, _mm_setzero_si128());
  } else {
    const __m128i outside = _mm_cmpeq_epi8(octets.within('!', '~'), _mm_setzero_si128());
    ends =
        any(outside, octets.is('"'), octets.is('%'), octets.is(':'), octets.is('<'), octets.is('>'),
            octets.is('@'), octets.within('[', '^'), octets.is('`'), octets.within('{', '}'));
  }
  return static_cast<std::uint32_t>(_mm_movemask_epi8(ends));
}

}  // namespace detail
#endif

// The first octet of [at, end) that is not of the run. `readable` (>= end) is where memory ends
// that may be read: the end of the message. Nothing behind it is touched.
template <Run kRun>
inline const char* skip_run(const char* at, const char* end,
                            [[maybe_unused]] const char* readable) noexcept {
#if defined(__SSE2__)
  constexpr std::ptrdiff_t kWidth = 16;
  while (at < end && readable - at >= kWidth) {
    const std::uint32_t ends = detail::stops<kRun>(at);
    if (ends != 0) {
      at += std::countr_zero(ends);
      return at < end ? at : end;
    }
    at += kWidth;
  }
  if (at >= end) return end;
#endif
  while (at != end && is_in_run(kRun, *at)) {
    ++at;
  }
  return at;
}

}  // namespace steer::sip
