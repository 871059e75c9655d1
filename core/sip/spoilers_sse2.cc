// HOT: runs once per datagram.
#include "core/sip/spoilers.h"

#if defined(__x86_64__)

#include <emmintrin.h>

#include "core/sip/spoiler_fill.h"

namespace steer::sip {
namespace {

struct Sse2Block {
  [[gnu::always_inline]] static inline std::uint64_t mask_of_16(const char* at) noexcept {
    const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(octets, _mm_set1_epi8(0x1f)), octets);
    const __m128i tab = _mm_cmpeq_epi8(octets, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(octets, _mm_set1_epi8(0x7f));
    const __m128i spoils = _mm_or_si128(_mm_andnot_si128(tab, low), del);
    return static_cast<std::uint16_t>(_mm_movemask_epi8(spoils));
  }
  [[gnu::always_inline]] static inline std::uint64_t mask(const char* at) noexcept {
    return mask_of_16(at) | mask_of_16(at + 16) << 16U | mask_of_16(at + 32) << 32U |
           mask_of_16(at + 48) << 48U;
  }
};

}  // namespace

void find_spoilers_sse2(const char* data, std::size_t size, std::size_t block,
                        std::uint64_t* masks) noexcept {
  fill_window<Sse2Block>(data, size, block, masks);
}

}  // namespace steer::sip

#else

namespace steer::sip {

void find_spoilers_sse2(const char* data, std::size_t size, std::size_t block,
                        std::uint64_t* masks) noexcept {
  find_spoilers_scalar(data, size, block, masks);
}

}  // namespace steer::sip

#endif
