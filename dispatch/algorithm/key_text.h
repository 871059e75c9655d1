// HOT: runs once per datagram.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/sip/chars.h"
#include "core/sip/uri.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// Gathers the text an algorithm hashes, in fixed space. What does not fit is not cut off: the full
// piece is hashed and its hash goes on as the beginning of the next, so every octet counts.
class KeyText {
 public:
  explicit KeyText(const RouteHasher& hasher) noexcept : hasher_{hasher} {}

  void add(std::string_view text) noexcept {
    while (!text.empty()) {
      if (size_ == octets_.size()) fold();
      const std::size_t part = std::min(text.size(), octets_.size() - size_);
      std::memcpy(octets_.data() + size_, text.data(), part);
      size_ += part;
      text.remove_prefix(part);
    }
  }
  void add_lower(std::string_view text) noexcept {
    for (const char c : text) {
      const char lower = sip::to_lower(c);
      add({&lower, 1});
    }
  }
  void add_number(std::uint64_t number) noexcept {
    std::array<char, 20> digits;
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    add({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  // What has been gathered; whole unless it was longer than kHashKeySizeMax.
  std::string_view view() const noexcept { return {octets_.data(), size_}; }
  bool is_whole() const noexcept { return !folded_; }
  RouteHash hash() const noexcept { return hasher_(view()); }

 private:
  void fold() noexcept {
    const RouteHash hash = hasher_(view());
    std::memcpy(octets_.data(), &hash.value, sizeof hash.value);
    size_ = sizeof hash.value;
    folded_ = true;
  }

  const RouteHasher& hasher_;
  std::size_t size_ = 0;
  bool folded_ = false;
  std::array<char, kHashKeySizeMax> octets_;  // Filled as far as size_.
};

// The part of a URI that says whom it means: user and host, the port if it is not the scheme's own;
// never parameters (they change between requests of one call). Hosts compare without case, users
// with it (RFC 3261 §19.1.4). Other schemes: the whole text.
inline void add_uri_identity(const sip::Uri& uri, bool user_only, KeyText& key) noexcept {
  const bool is_sip = uri.scheme == sip::UriScheme::kSip || uri.scheme == sip::UriScheme::kSips;
  if (!is_sip) {
    key.add(uri.text);
    return;
  }
  key.add(uri.user);
  if (user_only) return;
  key.add("@");
  key.add_lower(uri.host);
  if (uri.port == 0 || uri.port == sip::default_port(uri.scheme)) return;
  key.add(":");
  key.add_number(uri.port);
}

// The same for a URI as a message has it; one that cannot be taken apart counts as a whole.
inline void add_uri_text(std::string_view uri_text, bool user_only, KeyText& key) noexcept {
  sip::Uri uri;
  if (sip::parse_uri(uri_text, uri)) {
    add_uri_identity(uri, user_only, key);
  } else {
    key.add(uri_text);
  }
}

// What an algorithm hashes, gathered and hashed.
template <class Algorithm>
RouteHash hash_of_text(const Algorithm& algorithm, const PacketContext& context,
                       const RouteHasher& hasher) noexcept {
  KeyText key{hasher};
  algorithm.gather(context, key);
  return key.hash();
}

}  // namespace steer::dispatch
