#include "config/source.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/sip/chars.h"

namespace steer::config {
namespace {

constexpr std::array<std::pair<std::string_view, SourceKind>, 7> kSchemes{
    {{"text", SourceKind::kDbText},
     {"sqlite", SourceKind::kSqlite},
     {"mysql", SourceKind::kMysql},
     {"mariadb", SourceKind::kMysql},
     {"postgres", SourceKind::kPostgres},
     {"postgresql", SourceKind::kPostgres},
     {"file", SourceKind::kList}}};

constexpr std::array<std::string_view, 10> kColumns{"id",    "setid",     "destination", "socket",
                                                    "state", "flags",     "weight",      "priority",
                                                    "attrs", "probe_mode"};

constexpr std::string_view kMask = "***";

std::unexpected<Error> refuse(std::string what) {
  return std::unexpected{Error{{}, std::move(what)}};
}

// As read from the folder of `file`.
std::string path_from(const std::string& file, std::string_view path) {
  const std::filesystem::path given{path};
  if (given.is_absolute()) return given.lexically_normal().string();
  return (std::filesystem::path{file}.parent_path() / given).lexically_normal().string();
}

std::optional<unsigned> hexadecimal(char c) {
  if (sip::is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = sip::to_lower(c);
  if (lower < 'a' || lower > 'f') return std::nullopt;
  return static_cast<unsigned>(lower - 'a' + 10);
}

// RFC 3986 §2.1: %XX. Nothing: a '%' without two digits, or NUL.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hexadecimal(text[i + 1]);
    const auto low = hexadecimal(text[i + 2]);
    if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return out;
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = sip::is_alpha(c) || sip::is_digit(c) || std::string_view{"-._~"}.contains(c);
    if (plain) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[octet >> 4U];
    out += kDigits[octet & 15U];
  }
  return out;
}

// What comes behind "scheme://" of a server, taken apart.
class ServerUrl {
 public:
  explicit ServerUrl(SourceAddress& address) : address_{address} {}

  // What is wrong, or nothing.
  std::string take(std::string_view rest, std::string_view scheme) {
    const std::size_t question = std::min(rest.find('?'), rest.size());
    const std::string_view query = rest.substr(std::min(question + 1, rest.size()));
    rest = rest.substr(0, question);
    // A '/' or '@' within the password is a common slip: the last '@' ends it.
    const std::size_t at = rest.rfind('@');
    std::string_view login;
    if (at != std::string_view::npos) login = rest.substr(0, at);
    if (at != std::string_view::npos) rest.remove_prefix(at + 1);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash + 1 == rest.size()) {
      return "the URL names no database; write " + std::string{scheme} +
             "://user:password@host/database";
    }
    if (!take_login(login) || !take_into(rest.substr(slash + 1), address_.database)) {
      return "a '%' in the URL is not followed by two hexadecimal digits; write %25 for a '%'";
    }
    if (address_.password == kMask) {
      return "the password is masked, as it is shown to people; write the real one";
    }
    if (std::string mistake = take_host(rest.substr(0, slash)); !mistake.empty()) return mistake;
    if (std::string mistake = take_query(query); !mistake.empty()) return mistake;
    address_.shown = shown(scheme);
    return {};
  }

 private:
  bool take_login(std::string_view login) {
    const std::size_t colon = std::min(login.find(':'), login.size());
    return take_into(login.substr(0, colon), address_.user) &&
           take_into(login.substr(std::min(colon + 1, login.size())), address_.password);
  }

  static bool take_into(std::string_view text, std::string& out) {
    std::optional<std::string> plain = decoded(text);
    if (plain) out = std::move(*plain);
    return plain.has_value();
  }

  std::string take_host(std::string_view text) {
    const std::size_t bracket = text.find(']');
    const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    address_.host = host;
    if (colon == std::string_view::npos) return {};
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), address_.port);
    const bool all = end == digits.data() + digits.size();
    if (problem == std::errc{} && all && address_.port != 0) return {};
    return "the URL's port is not a number from 1 to 65535; correct it, and write %40, %2F and "
           "%3A for '@', '/' and ':' in a password";
  }

  std::string take_query(std::string_view query) {
    while (!query.empty()) {
      const std::string_view item = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(item.size() + 1, query.size()));
      if (!item.starts_with("socket=")) {
        return "the URL has a parameter that is not known; there is socket=/path alone";
      }
      if (!take_into(item.substr(7), address_.path)) return "socket= holds a broken %XX";
    }
    return {};
  }

  std::string shown(std::string_view scheme) const {
    std::string text{scheme};
    text += "://";
    if (!address_.user.empty()) text += encoded(address_.user);
    if (!address_.password.empty()) text += ":" + std::string{kMask};
    if (!address_.user.empty() || !address_.password.empty()) text += '@';
    const bool six = address_.host.find(':') != std::string::npos;
    text += six ? "[" + address_.host + "]" : address_.host;
    if (address_.port != 0) text += ":" + std::to_string(address_.port);
    text += "/" + encoded(address_.database);
    if (!address_.path.empty()) text += "?socket=" + address_.path;
    return text;
  }

  SourceAddress& address_;
};

}  // namespace

std::string_view name_of(SourceKind kind) noexcept {
  switch (kind) {
    case SourceKind::kList: return "list";
    case SourceKind::kDbText: return "db_text";
    case SourceKind::kSqlite: return "SQLite";
    case SourceKind::kMysql: return "MariaDB";
    case SourceKind::kPostgres: return "PostgreSQL";
  }
  return "?";
}

Result<SourceAddress> parse_source(std::string_view text, const std::string& file) {
  SourceAddress address;
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) {
    if (text.empty()) return refuse("the source is empty; write a path or a URL");
    address.path = path_from(file, text);
    address.shown = address.path;
    if (text.ends_with(".sqlite")) address.kind = SourceKind::kSqlite;
    return address;
  }
  const std::string_view scheme = text.substr(0, mark);
  const auto* const known =
      std::ranges::find(kSchemes, scheme, &std::pair<std::string_view, SourceKind>::first);
  if (known == kSchemes.end()) {
    return refuse(
        "this kind of source is not known; write a path, or a URL that begins with text://, "
        "sqlite://, mysql:// or postgres://");
  }
  address.kind = known->second;
  const std::string_view rest = text.substr(mark + 3);
  if (address.kind == SourceKind::kMysql || address.kind == SourceKind::kPostgres) {
    const std::string mistake = ServerUrl{address}.take(rest, scheme);
    if (!mistake.empty()) return refuse(mistake);
    return address;
  }
  if (rest.empty()) {
    return refuse("the URL names no path; write " + std::string{scheme} + ":///path");
  }
  address.path = path_from(file, rest);
  const std::string prefix = std::string{scheme} + "://";
  address.shown = address.kind == SourceKind::kList ? address.path : prefix + address.path;
  return address;
}

void mask_password(std::span<char> text) noexcept {
  const std::string_view url{text.data(), text.size()};
  const std::size_t mark = url.find("://");
  if (mark == std::string_view::npos) return;
  const std::size_t question = url.find('?', mark);
  const std::size_t at = url.substr(0, question).rfind('@');
  const std::size_t colon = url.find(':', mark + 3);
  if (at == std::string_view::npos || colon >= at) return;
  std::ranges::fill(text.subspan(colon + 1, at - colon - 1), '*');
}

bool is_column_name(std::string_view name) noexcept {
  return std::ranges::find(kColumns, name) != kColumns.end();
}

std::string column_names_text() {
  std::string text;
  for (const std::string_view each : kColumns) {
    text += (text.empty() ? "" : ", ") + std::string{each};
  }
  return text;
}

}  // namespace steer::config
