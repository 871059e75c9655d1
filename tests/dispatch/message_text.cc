#include "tests/dispatch/message_text.h"

#include "core/base/assert.h"

namespace steer::test {
namespace {

bool begins_via(std::string_view line) {
  return line.starts_with("Via:") || line.starts_with("v:");
}

}  // namespace

std::string RequestText::text() const {
  std::string text = method + " " + uri + " " + version + "\r\n";
  const auto add = [&text](const std::string& line) {
    if (!line.empty()) text.append(line).append("\r\n");
  };
  for (const std::string& via : vias) {
    add(via);
  }
  add(max_forwards);
  for (const std::string& route : routes) {
    add(route);
  }
  add(from);
  add(to);
  add(call_id);
  add("CSeq: " + std::to_string(cseq) + " " + method);
  for (const std::string& line : extra) {
    add(line);
  }
  add("Content-Length: " + std::to_string(body.size()));
  return text.append("\r\n").append(body);
}

std::vector<std::string> lines_of(std::string_view message) {
  std::vector<std::string> lines;
  const std::string_view head = message.substr(0, message.find("\r\n\r\n") + 2);
  for (std::size_t at = 0; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    const bool folded = !lines.empty() && (line.starts_with(' ') || line.starts_with('\t'));
    if (folded) {
      lines.back().append("\r\n").append(line);
    } else {
      lines.emplace_back(line);
    }
    at = end + 2;
  }
  return lines;
}

std::string line_with(std::string_view message, std::string_view prefix) {
  for (const std::string& line : lines_of(message)) {
    if (line.starts_with(prefix)) return line;
  }
  return {};
}

std::string status_of(std::string_view message) {
  constexpr std::string_view kVersion = "SIP/2.0 ";
  return message.starts_with(kVersion) ? std::string{message.substr(kVersion.size(), 3)} : "";
}

std::string top_branch(std::string_view message) {
  const std::string via = line_with(message, "Via:");
  const std::size_t begin = via.find("branch=") + 7;
  return via.substr(begin, via.find(';', begin) - begin);
}

std::string response_to(std::string_view request, std::uint16_t status) {
  std::string text = "SIP/2.0 " + std::to_string(status) + " Whatever\r\n";
  for (std::string line : lines_of(request)) {
    const bool to = line.starts_with("To:");
    if (!begins_via(line) && !to && !line.starts_with("From:") && !line.starts_with("Call-ID:") &&
        !line.starts_with("CSeq:")) {
      continue;
    }
    if (to && line.find(";tag=") == std::string::npos) line += ";tag=uas-1";
    text.append(line).append("\r\n");
  }
  return text.append("Contact: <sip:bob@10.0.0.1>\r\nContent-Length: 0\r\n\r\n");
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  STEER_ASSERT(at != std::string_view::npos);
  return std::string{text.substr(0, at)}.append(to).append(text.substr(at + from.size()));
}

}  // namespace steer::test
