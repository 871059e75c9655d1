#include "tests/dispatch/byte_compare.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <regex>

namespace steer::test {
namespace {

// A message cut at its line ends: start line, fields with their folds, body by Content-Length.
struct Pieces {
  std::string start;
  std::vector<std::string> fields;  // With their CRLF.
  std::string body;
};

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

std::string name_of_field(const std::string& field) {
  std::string name = lower(field.substr(0, field.find(':')));
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) {
    name.pop_back();
  }
  if (name == "v") return "via";
  if (name == "l") return "content-length";
  return name;
}

Pieces cut(std::string_view message) {
  Pieces pieces;
  while (message.starts_with("\r\n")) {
    message.remove_prefix(2);  // RFC 3261 §7.5.
  }
  std::size_t at = message.find("\r\n") + 2;
  pieces.start = message.substr(0, at);
  while (message.substr(at, 2) != "\r\n") {
    std::size_t end = message.find("\r\n", at) + 2;
    while (end < message.size() && (message[end] == ' ' || message[end] == '\t')) {
      end = message.find("\r\n", end) + 2;
    }
    pieces.fields.emplace_back(message.substr(at, end - at));
    at = end;
  }
  pieces.body = message.substr(at + 2);
  for (const std::string& field : pieces.fields) {
    if (name_of_field(field) != "content-length") continue;
    const std::size_t digits = field.find_first_of("0123456789", field.find(':'));
    const std::size_t size = std::stoul(field.substr(digits));
    if (size < pieces.body.size()) pieces.body.resize(size);
  }
  return pieces;
}

// The octets up to the first comma that separates values; npos if there is one value.
std::size_t value_end(std::string_view text, std::size_t at) {
  bool quoted = false;
  bool bracketed = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '\\') {
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '<' || c == '>')) {
      bracketed = c == '<';
    } else if (!quoted && !bracketed && c == ',') {
      return at;
    }
  }
  return std::string_view::npos;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) {
    ++at;
  }
  return at;
}

// Takes received and rport, with the blanks before them, out of the first value of a Via field.
std::string without_stamp(const std::string& field) {
  const std::size_t end = value_end(field, field.find(':') + 1);
  std::string value = field.substr(0, end);
  static const std::regex stamp{R"([ \t\r\n]*;[ \t\r\n]*(received|rport))"
                                R"(([ \t\r\n]*=[ \t\r\n]*[^ \t\r\n;,]*)?(?=[ \t\r\n]*(;|$)))",
                                std::regex::icase};
  value = std::regex_replace(value, stamp, "");
  while (!value.empty() && is_space(value.back())) {
    value.pop_back();
  }
  return value + (end == std::string::npos ? std::string{"\r\n"} : field.substr(end));
}

// What is left of a Route field when up to `*budget` own values at its front are gone; nothing if
// all of it is gone.
std::optional<std::string> routes_left(const std::string& field, const AllowedChanges& allowed,
                                       int& budget) {
  const std::size_t begin = skip_space(field, field.find(':') + 1);
  std::size_t at = begin;
  while (budget > 0) {
    const std::size_t end = value_end(field, at);
    const std::string value = field.substr(at, end - at);
    const bool own = std::ranges::any_of(allowed.own_routes, [&](const std::string& host) {
      return value.find("sip:" + host) != std::string::npos ||
             value.find("@" + host) != std::string::npos;
    });
    if (!own) {
      budget = 0;
      break;
    }
    --budget;
    if (end == std::string::npos) return std::nullopt;
    at = skip_space(field, end + 1);
  }
  return field.substr(0, begin) + field.substr(at);
}

std::string expected_hops(const std::string& field, std::uint32_t cap) {
  const std::size_t begin = skip_space(field, field.find(':') + 1);
  std::size_t end = begin;
  while (end < field.size() && field[end] >= '0' && field[end] <= '9') {
    ++end;
  }
  const auto hops = static_cast<std::uint32_t>(std::stoul(field.substr(begin, end - begin)));
  return field.substr(0, begin) + std::to_string(std::min(hops, cap) - 1) + field.substr(end);
}

}  // namespace

std::string request_difference(std::string_view original, std::string_view forwarded,
                               const AllowedChanges& allowed) {
  const Pieces before = cut(original);
  const Pieces after = cut(forwarded);
  if (before.start != after.start) return "start line: " + after.start;
  if (before.body != after.body) return "body";
  if (forwarded.size() != cut(forwarded).body.size() + (forwarded.find("\r\n\r\n") + 4)) {
    return "octets after the body";
  }
  const bool has_hops = std::ranges::any_of(
      before.fields, [](const std::string& f) { return name_of_field(f) == "max-forwards"; });
  std::size_t at = 0;
  bool top = true;
  int budget = 2;
  const auto take = [&]() { return at < after.fields.size() ? after.fields[at++] : "(nothing)"; };
  for (const std::string& field : before.fields) {
    const std::string name = name_of_field(field);
    if (name == "via" && top) {
      top = false;
      const std::string ours = take();
      if (!ours.starts_with("Via: SIP/2.0/UDP " + allowed.our_sent_by + ";branch=z9hG4bKss.")) {
        return "our Via: " + ours;
      }
      if (!has_hops && take() != "Max-Forwards: " + std::to_string(allowed.hops_cap) + "\r\n") {
        return "no Max-Forwards added";
      }
      const std::string client = take();
      if (without_stamp(client) != without_stamp(field)) return "client's Via: " + client;
      const std::string value = client.substr(0, value_end(client, client.find(':') + 1));
      const bool asked = lower(value).find("rport=") != std::string::npos;
      if (asked && value.find("received=" + allowed.source_ip) == std::string::npos) {
        return "no received: " + client;
      }
      continue;
    }
    std::string expected = field;
    if (name == "max-forwards") expected = expected_hops(field, allowed.hops_cap);
    if (name == "route") {
      const std::optional<std::string> left = routes_left(field, allowed, budget);
      if (!left) continue;
      expected = *left;
    }
    if (const std::string actual = take(); actual != expected) {
      return "field: " + actual + " instead of " + expected;
    }
  }
  return at == after.fields.size() ? "" : "more fields than expected";
}

std::string response_difference(std::string_view original, std::string_view forwarded) {
  Pieces before = cut(original);
  std::string expected = before.start;
  bool top = true;
  for (const std::string& field : before.fields) {
    if (!top || name_of_field(field) != "via") {
      expected += field;
      continue;
    }
    top = false;
    const std::size_t begin = skip_space(field, field.find(':') + 1);
    const std::size_t end = value_end(field, begin);
    if (end == std::string::npos) continue;
    expected += field.substr(0, begin) + field.substr(skip_space(field, end + 1));
  }
  expected += "\r\n" + before.body;
  return expected == forwarded ? "" : "expected\n" + expected + "\ngot\n" + std::string{forwarded};
}

}  // namespace steer::test
