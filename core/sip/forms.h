// HOT: runs once per datagram.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/sip/char_class.h"
#include "core/sip/header_table.h"
#include "core/sip/spoilers.h"

namespace steer::sip {

// What the forms of the parser differ in: how they find spoilers and known header names.
// known_name() looks at the name that begins at `at`, with a colon right behind it: its size and id
// if it is in the table, else 0. [at, end) is the field, `readable` the end of the message.

// Octet by octet: the oracle of the others.
struct ScalarForm {
  using Scanner = SpoilerScanner<find_spoilers_scalar>;
  static std::size_t known_name(const char* at, const char* end, const char* /*readable*/,
                                HeaderId& id) noexcept {
    const char* name_end = skip_class(at, end, kTokenChar);
    if (name_end == at || name_end == end || *name_end != ':') return 0;
    return find_header(view_of(at, name_end), id) ? static_cast<std::size_t>(name_end - at) : 0;
  }
};

#if defined(__SSE2__)
// What the vector forms share; SSE2 is part of every x86-64 machine. Names longer than a vector are
// left to the code that takes unknown names.
template <SpoilerFunction Find>
struct VectorForm {
  using Scanner = SpoilerScanner<Find>;
  [[gnu::always_inline]] static std::size_t known_name(const char* at, const char* end,
                                                       const char* readable,
                                                       HeaderId& id) noexcept {
    if (readable - at < static_cast<std::ptrdiff_t>(kWideNameSize)) [[unlikely]] {
      return ScalarForm::known_name(at, end, readable, id);
    }
    const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto colons =
        static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8(':'))));
    if (colons == 0) return 0;
    const auto size = static_cast<std::size_t>(std::countr_zero(colons));
    const WideName& proposed = kWideNames[header_slot(at[0], at[1], size, kHeaderTable.factor)];
    // Bit 5 makes letters small. It also makes CR a hyphen, but a CR in the field is followed by
    // LF, which becomes nothing that a name holds: a name never reaches past the field's line.
    const __m128i wanted = _mm_load_si128(reinterpret_cast<const __m128i*>(proposed.text.data()));
    const __m128i small = _mm_or_si128(octets, _mm_set1_epi8(0x20));
    const auto equal = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(small, wanted)));
    if (size != proposed.size || (equal & proposed.bits) != proposed.bits) return 0;
    id = proposed.id;
    return size;
  }
};
#endif

}  // namespace steer::sip
