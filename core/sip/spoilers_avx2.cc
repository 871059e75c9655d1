// HOT: runs once per datagram.
#include "core/sip/spoilers.h"

// Compiled with -mavx2: nothing in here may be an inline function that another file has too, or the
// linker could give that file's callers this copy.

#if defined(__x86_64__)

#include <immintrin.h>

#include "core/sip/spoiler_fill.h"

namespace steer::sip {
namespace {

struct Avx2Block {
  [[gnu::always_inline]] static inline std::uint64_t mask_of_32(const char* at) noexcept {
    const __m256i octets = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(octets, _mm256_set1_epi8(0x1f)), octets);
    const __m256i tab = _mm256_cmpeq_epi8(octets, _mm256_set1_epi8('\t'));
    const __m256i del = _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(0x7f));
    const __m256i spoils = _mm256_or_si256(_mm256_andnot_si256(tab, low), del);
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(spoils));
  }
  [[gnu::always_inline]] static inline std::uint64_t mask(const char* at) noexcept {
    return mask_of_32(at) | mask_of_32(at + 32) << 32U;
  }
};

}  // namespace

void find_spoilers_avx2(const char* data, std::size_t size, std::size_t block,
                        std::uint64_t* masks) noexcept {
  fill_window<Avx2Block>(data, size, block, masks);
}

}  // namespace steer::sip

#else

namespace steer::sip {

void find_spoilers_avx2(const char* data, std::size_t size, std::size_t block,
                        std::uint64_t* masks) noexcept {
  find_spoilers_scalar(data, size, block, masks);
}

}  // namespace steer::sip

#endif
