#include "tests/core_sip/draft.h"

namespace steer::test {

Draft Draft::with(std::string_view name, std::string_view line) const {
  Draft changed = *this;
  changed.lines.clear();
  for (const std::string& old : lines) {
    const bool replaced = std::string_view{old}.starts_with(name);
    if (!replaced) changed.lines.push_back(old);
    if (replaced && !line.empty()) changed.lines.emplace_back(line);
  }
  return changed;
}

Draft Draft::plus(std::string_view line) const {
  Draft changed = *this;
  changed.lines.emplace_back(line);
  return changed;
}

Draft Draft::starting(std::string_view line) const {
  Draft changed = *this;
  changed.start = line;
  return changed;
}

std::string Draft::text() const {
  std::string all = start + "\r\n";
  for (const std::string& line : lines) {
    all += line + "\r\n";
  }
  return all + "\r\n" + body;
}

Draft response_draft() {
  Draft draft;
  draft.start = "SIP/2.0 200 OK";
  draft.lines.insert(draft.lines.begin(), "Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bKours");
  return draft.with("Max-Forwards", "").with("To", "To: <sip:bob@example.com>;tag=b1");
}

}  // namespace steer::test
