// HOT: runs once per datagram.
#include "core/sip/parse.h"

#include "core/sip/head.h"

namespace steer::sip {
namespace {

template <class Form>
[[gnu::always_inline]] inline ParseError parse_with(std::string_view datagram,
                                                    Message& out) noexcept {
  // Methods and "SIP/2.0" begin with a letter, nearly always.
  if (datagram.empty() || !is_alpha(datagram.front())) [[unlikely]] {
    const ParseError error = skip_prelude(datagram);
    if (error != ParseError::kNone) return error;
  }
  // Larger than any datagram: offsets of fields would not hold it. No network brings it.
  if (datagram.size() > kParsedSizeMax) [[unlikely]] {
    return ParseError::kTruncated;
  }
  out.bytes = datagram;
  out.fields.clear();
  SpoilerWindow window;
  return HeadParser<Form>{datagram, window, out}.run();
}

// Written once, before main(), by what this machine can do.
using ParseFunction = ParseError (*)(std::string_view, Message&) noexcept;
ParseFunction fastest_form() noexcept {
#if defined(__x86_64__)
  __builtin_cpu_init();  // We may run before the compiler's own start-up code.
  return __builtin_cpu_supports("avx2") ? parse_avx2 : parse_sse2;
#else
  return parse_scalar;
#endif
}
const ParseFunction kFastestForm = fastest_form();

}  // namespace

ParseError parse(std::string_view datagram, Message& out) noexcept {
  return kFastestForm(datagram, out);
}

ParseError parse_scalar(std::string_view datagram, Message& out) noexcept {
  return parse_with<ScalarForm>(datagram, out);
}

#if defined(__x86_64__)
ParseError parse_sse2(std::string_view datagram, Message& out) noexcept {
  return parse_with<VectorForm<find_spoilers_sse2>>(datagram, out);
}

ParseError parse_avx2(std::string_view datagram, Message& out) noexcept {
  return parse_with<VectorForm<find_spoilers_avx2>>(datagram, out);
}
#else
ParseError parse_sse2(std::string_view datagram, Message& out) noexcept {
  return parse_scalar(datagram, out);
}

ParseError parse_avx2(std::string_view datagram, Message& out) noexcept {
  return parse_scalar(datagram, out);
}
#endif

}  // namespace steer::sip
