// HOT: runs once per datagram.
#include "dispatch/algorithm/auth_username.h"

#include <algorithm>
#include <cstddef>

#include "core/sip/chars.h"

namespace steer::dispatch {
namespace {

constexpr std::string_view kUsername = "username";

bool is_space(char c) noexcept {
  return sip::is_blank(c) || c == '\r' || c == '\n';  // A fold inside of a value.
}

// Reads credentials piece by piece; never beyond their end.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_{text} {}

  bool at_end() const noexcept { return at_ == text_.size(); }
  void skip_spaces() noexcept {
    while (!at_end() && is_space(text_[at_])) {
      ++at_;
    }
  }
  bool take(char c) noexcept {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // Up to a space or one of = , "
  std::string_view token() noexcept {
    const std::size_t begin = at_;
    while (!at_end() && !is_space(text_[at_]) && text_[at_] != '=' && text_[at_] != ',' &&
           text_[at_] != '"') {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }
  // After the opening quote; what stands before the closing one. Without one: nothing.
  std::string_view quoted() noexcept {
    const std::size_t begin = at_;
    for (; !at_end(); ++at_) {
      if (text_[at_] == '"') return text_.substr(begin, at_++ - begin);
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
    }
    return {};
  }
  // To the next parameter; false: there is none.
  bool next_parameter() noexcept {
    while (!at_end()) {
      if (take(',')) return true;
      if (take('"')) {
        quoted();
      } else {
        ++at_;
      }
    }
    return false;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// credentials = scheme LWS name=value, name=value, …
std::string_view username_of(std::string_view credentials) noexcept {
  Reader reader{credentials};
  reader.skip_spaces();
  reader.token();  // The scheme.
  do {
    reader.skip_spaces();
    const std::string_view name = reader.token();
    reader.skip_spaces();
    if (!reader.take('=')) continue;
    reader.skip_spaces();
    if (!reader.take('"')) continue;  // RFC 7616 §3.4: a user name stands in quotes.
    const std::string_view value = reader.quoted();
    if (sip::equals_ignoring_case(name, kUsername)) return value;
  } while (reader.next_parameter());
  return {};
}

}  // namespace

std::string_view auth_username(const sip::Message& message) noexcept {
  for (const sip::HeaderId id :
       {sip::HeaderId::kProxyAuthorization, sip::HeaderId::kAuthorization}) {
    for (const sip::HeaderField& field : message.fields) {
      if (field.id != id) continue;
      const std::string_view name = username_of(message.value_of(field));
      if (!name.empty()) return name;
    }
  }
  return {};
}

void add_unquoted(std::string_view quoted, KeyText& key) noexcept {
  while (!quoted.empty()) {
    const std::size_t plain = std::min(quoted.find('\\'), quoted.size());
    key.add(quoted.substr(0, plain));
    quoted.remove_prefix(plain);
    if (quoted.size() < 2) return;
    key.add(quoted.substr(1, 1));
    quoted.remove_prefix(2);
  }
}

void AuthUsernameAlgorithm::gather(const PacketContext& context, KeyText& key) const noexcept {
  const std::string_view name = auth_username(context.message());
  if (name.empty()) {
    key.add(context.message().call_id);
  } else {
    add_unquoted(name, key);
  }
}

RouteHash AuthUsernameAlgorithm::key(const PacketContext& context,
                                     const RouteHasher& hasher) const noexcept {
  return hash_of_text(*this, context, hasher);
}

}  // namespace steer::dispatch
