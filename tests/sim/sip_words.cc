#include "tests/sim/sip_words.h"

#include <charconv>

#include "tests/sim/packet.h"

namespace steer::sim {
namespace {

std::uint32_t number_at(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The value of a parameter "name=" in a line; empty: none.
std::string_view parameter(std::string_view line, std::string_view name) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + name.size());
  return rest.substr(0, rest.find_first_of(";, \r"));
}

// The n-th word, counted from 0.
std::string_view word(std::string_view text, std::size_t n) {
  for (; n != 0; --n) {
    text = text.substr(std::min(text.find(' ') + 1, text.size()));
  }
  return text.substr(0, text.find_first_of(" \r"));
}

}  // namespace

std::vector<std::string> lines_of(std::string_view text, std::string_view name) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    if (end == at || end == std::string_view::npos) break;
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with(name)) lines.emplace_back(line);
    at = end + 2;
  }
  return lines;
}

std::string method_of(std::string_view request) {
  return std::string{word(request, 0)};
}
std::string uri_of(std::string_view request) {
  return std::string{word(request, 1)};
}
std::uint16_t status_of(std::string_view response) {
  return is_request_text(response) ? std::uint16_t{0}
                                   : static_cast<std::uint16_t>(number_at(word(response, 1)));
}
std::string branch_of(std::string_view text) {
  return std::string{parameter(field_of(text, "Via: "), "branch=")};
}
std::string cseq_method_of(std::string_view text) {
  return std::string{word(field_of(text, "CSeq: "), 1)};
}
std::uint32_t cseq_of(std::string_view text) {
  return number_at(field_of(text, "CSeq: "));
}
std::string tag_of(std::string_view field) {
  return std::string{parameter(field, ";tag=")};
}
std::string uri_in(std::string_view field) {
  const std::size_t begin = field.find('<') + 1;
  return std::string{field.substr(begin, field.find('>') - begin)};
}

Address via_target(std::string_view via_line) {
  std::string sent_by{word(via_line.substr(via_line.find("SIP/2.0")), 1)};
  sent_by = sent_by.substr(0, sent_by.find_first_of(";,"));
  Address target = parse_address(sent_by, 5'060).value_or(Address{});
  const std::string_view received = parameter(via_line, ";received=");
  const std::string_view rport = parameter(via_line, ";rport=");
  if (!received.empty()) target = parse_ip(received, target.port).value_or(target);
  if (!rport.empty()) target.port = static_cast<std::uint16_t>(number_at(rport));
  return target;
}

Address address_in(std::string_view uri) {
  const std::size_t at = uri.find('@');
  std::string_view host = uri.substr(at == std::string_view::npos ? uri.find(':') + 1 : at + 1);
  host = host.substr(0, host.find_first_of(";?>"));
  return parse_address(host, 5'060).value_or(Address{});
}

std::string answer_to(std::string_view request, const Answer& answer) {
  std::string text = "SIP/2.0 " + std::to_string(answer.status) + " Simulated\r\n";
  const auto add = [&text](std::string_view line) { text.append(line).append("\r\n"); };
  for (const std::string& via : lines_of(request, "Via:")) {
    add(via);
  }
  for (const std::string& route : lines_of(request, "Record-Route:")) {
    add(route);
  }
  add("From: " + std::string{field_of(request, "From: ")});
  std::string to = "To: " + std::string{field_of(request, "To: ")};
  if (!answer.to_tag.empty() && to.find(";tag=") == std::string::npos) {
    to.append(";tag=").append(answer.to_tag);
  }
  add(to);
  add("Call-ID: " + std::string{call_id_of(request)});
  add("CSeq: " + std::string{field_of(request, "CSeq: ")});
  if (!answer.contact.empty()) add("Contact: <sip:" + std::string{answer.contact} + ">");
  return text.append(answer.extra).append("Content-Length: 0\r\n\r\n");
}

}  // namespace steer::sim
