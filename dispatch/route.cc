// HOT: runs once per datagram.
#include "dispatch/route.h"

#include <algorithm>

namespace steer::dispatch {
namespace {

bool method_matches(const Route& route, const sip::Message& message) noexcept {
  if (route.methods == 0 && route.other_methods.empty()) return true;
  if (message.method != sip::Method::kOther) {
    return (route.methods >> static_cast<unsigned>(message.method) & 1U) != 0;
  }
  return std::ranges::any_of(route.other_methods, [&](std::string_view name) {
    return name == message.method_text;  // RFC 3261 §7.1: methods compare with case.
  });
}

bool source_matches(const Route& route, const Address& source) noexcept {
  if (route.sources.empty()) return true;
  return std::ranges::any_of(route.sources,
                             [&](const Network& network) { return network.contains(source); });
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // Where the last * was, and how far it reached.
  std::size_t reached = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      reached = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++reached;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

Mismatch mismatch_of(const Route& route, const PacketContext& context,
                     const AddressIndex& addresses) noexcept {
  if (!method_matches(route, context.message())) return Mismatch::kMethod;
  if (!source_matches(route, context.source())) return Mismatch::kSource;
  if (route.transport && *route.transport != context.listener().transport) {
    return Mismatch::kTransport;
  }
  if (route.from_set && !addresses.has(context.source(), *route.from_set)) {
    return Mismatch::kFromSet;
  }
  const bool fits = route.request_uri_user.empty() ||
                    glob_matches(route.request_uri_user, context.request_uri().user);
  return fits ? Mismatch::kNone : Mismatch::kRequestUriUser;
}

}  // namespace steer::dispatch
