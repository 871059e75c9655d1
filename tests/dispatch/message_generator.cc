#include "tests/dispatch/message_generator.h"

#include <array>
#include <utility>
#include <vector>

#include "tests/dispatch/message_text.h"

namespace steer::test {

std::string MessageGenerator::blanks() {
  static constexpr std::array<std::string_view, 8> kChoices{"",  "",   "",      "",
                                                            " ", "\t", "\r\n ", " \r\n\t "};
  return std::string{kChoices[below(kChoices.size())]};
}

std::string MessageGenerator::separator(char c) {
  return blanks() + c + blanks();
}

std::string MessageGenerator::word(std::size_t size_max) {
  static constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!*_+'~";
  std::string text(1 + below(size_max), 'x');
  for (char& c : text) {
    c = kLetters[below(kLetters.size())];
  }
  return text;
}

std::string MessageGenerator::name(std::string_view full, std::string_view compact) {
  std::string text{!compact.empty() && chance(25) ? compact : full};
  for (char& c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && chance(10)) c = static_cast<char>(c ^ 0x20);
  }
  return text;
}

std::string MessageGenerator::field(std::string_view full, std::string_view compact,
                                    const std::string& value) {
  const std::string before_colon = chance(10) ? " " : chance(5) ? "\t" : "";
  const std::string after_value = chance(10) ? " " : chance(5) ? "\r\n " : "";
  return name(full, compact) + before_colon + ":" + (chance(70) ? " " : blanks()) + value +
         after_value + "\r\n";
}

std::string MessageGenerator::top_via() {
  std::string via = chance(80) ? "SIP/2.0/UDP " : "sip / 2.0 /\tUDP \r\n ";
  via += chance(60) ? "203.0.113.7" : chance(50) ? "pc33.example.com" : "[2001:db8::9]";
  if (chance(70)) via += chance(85) ? ":5070" : " :\t5070";
  std::vector<std::string> parameters;
  if (chance(90)) parameters.push_back("branch=z9hG4bK" + word(30));
  if (chance(60)) parameters.emplace_back(chance(70) ? "rport" : "RPort=4099");
  if (chance(20)) parameters.emplace_back("received=192.0.2.66");
  if (chance(20)) parameters.push_back("x=\"" + word(9) + "; \\\" received=9, b\"");
  if (chance(20)) parameters.emplace_back(chance(50) ? "maddr=192.0.2.77" : "ttl=3");
  while (!parameters.empty()) {
    const std::size_t i = below(parameters.size());
    via += (chance(80) ? ";" : separator(';')) + parameters[i];
    parameters.erase(parameters.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return via;
}

std::string MessageGenerator::lower_via() {
  return "SIP/2.0/TCP host" + word(5) + ";branch=z9hG4bK" + word(12) +
         (chance(30) ? ";received=192.0.2.1;rport=1" : "");
}

std::string MessageGenerator::routes() {
  static constexpr std::array<std::string_view, 5> kValues{
      "<sip:198.51.100.1;lr>", "<sip:us@198.51.100.1:5060;lr;x=y>", "<sip:next.example.com;lr>",
      "\"a, \\\"b\" <sip:127.0.0.1:5080;lr>;z=1", "<sips:198.51.100.9;lr>"};
  std::string text;
  for (std::size_t fields = below(3); fields > 0; --fields) {
    std::string value{kValues[below(kValues.size())]};
    for (std::size_t more = below(3); more > 0; --more) {
      value += separator(',').append(kValues[below(kValues.size())]);
    }
    text += field("Route", "", value);
  }
  return text;
}

std::string MessageGenerator::noise_field() {
  switch (below(5)) {
    case 0: return field("Subject", "s", word(40) + blanks() + word(4));
    case 1: return field("X-" + word(12), "", "\xc3\xa4 \"quoted \\\" text\" " + word(60));
    case 2: return field("Contact", "m", "<sip:" + word(8) + "@192.0.2.4>;q=0.1, <tel:+1>");
    case 3: return field("Record-Route", "", "<sip:198.51.100.1;lr>");
    default: return field("Empty-" + word(5), "", "");
  }
}

std::string MessageGenerator::request() {
  static constexpr std::array<std::string_view, 6> kMethods{"INVITE", "OPTIONS", "BYE",
                                                            "CANCEL", "ACK",     "X-!new"};
  const std::string method{kMethods[below(kMethods.size())]};
  std::vector<std::string> fields;
  std::string via = top_via();
  while (chance(30)) {
    via += separator(',') + lower_via();
  }
  fields.push_back(field("Via", "v", via));
  fields.push_back(chance(30) ? field("Via", "v", lower_via()) : "");
  if (chance(80)) fields.push_back(field("Max-Forwards", "", std::to_string(1 + below(255))));
  fields.push_back(routes());
  fields.push_back(
      field("From", "f", "\"A \\\" <" + word(8) + ">\" <sip:a@example.com>;tag=" + word(10)));
  fields.push_back(field(
      "To", "t", "<sip:b@example.com>" + (chance(30) ? separator(';') + "tag=" + word(6) : "")));
  fields.push_back(field("Call-ID", "i", word(40) + "@" + word(20)));
  fields.push_back(field("CSeq", "", std::to_string(below(1'000'000)) + " " + method));
  for (std::size_t more = below(8); more > 0; --more) {
    const auto at = 2 + static_cast<std::ptrdiff_t>(below(fields.size() - 1));
    fields.insert(fields.begin() + at, noise_field());
  }
  std::string body(chance(50) ? below(300) : 0, '\0');
  for (char& c : body) {
    c = static_cast<char>(random_());
  }
  const bool told = chance(80);
  std::string text = method + " sip:" + word(10) + "@example.com;p=" + word(5) + " SIP/2.0\r\n";
  if (chance(10)) text.insert(0, noise_field().empty() ? "" : "\r\n\r\n");
  for (const std::string& one : fields) {
    text += one;
  }
  if (told) text += field("Content-Length", "l", std::to_string(body.size()));
  text += "\r\n" + body;
  if (told && chance(20)) text += "INVITE sip:trailing@example.com SIP/2.0\r\n\r\n";
  return text;
}

std::string MessageGenerator::respell_vias(std::string_view text) {
  std::string result;
  std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with("Via:")) {
      result += lines[i] + "\r\n";
      continue;
    }
    std::string value = lines[i].substr(5);
    while (i + 1 < lines.size() && lines[i + 1].starts_with("Via:") && chance(50)) {
      value += separator(',') + lines[++i].substr(5);
    }
    result += field("Via", "v", value);
  }
  return result + std::string{text.substr(text.find("\r\n\r\n") + 2)};
}

}  // namespace steer::test
