#include "tools/siplab/answer.h"

#include <algorithm>
#include <cstring>

#include "core/sip/reply.h"

namespace steer::siplab {

namespace {

constexpr std::string_view kTagPrefix = "uas-";

// Appends to a fixed buffer; once something did not fit, nothing more does.
class Writer {
 public:
  explicit Writer(std::span<char> out) noexcept : out_{out} {}
  void put(std::string_view text) noexcept {
    if (failed_ || text.size() > out_.size() - size_) {
      failed_ = true;
      return;
    }
    std::memcpy(out_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void put_status(std::uint16_t status) noexcept {
    const std::array<char, 3> digits{static_cast<char>('0' + status / 100),
                                     static_cast<char>('0' + status / 10 % 10),
                                     static_cast<char>('0' + status % 10)};
    put({digits.data(), digits.size()});
  }
  std::size_t size() const noexcept { return failed_ ? 0 : size_; }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool failed_ = false;
};

std::string_view without_line_end(std::string_view field) noexcept {
  while (!field.empty() && (field.back() == '\n' || field.back() == '\r')) {
    field.remove_suffix(1);
  }
  return field;
}

}  // namespace

Identity::Identity(const Address& address) {
  // ':' and brackets are no token characters (RFC 3261 §25.1).
  std::string host = ip_text(address);
  std::erase(host, '[');
  std::erase(host, ']');
  std::ranges::replace(host, ':', '_');
  tag = ";tag=" + std::string{kTagPrefix} + host + "-" + std::to_string(address.port);
  contact = "Contact: <sip:uas@" + to_string(address) + ">\r\n";
  server = "Server: siplab-uas " + to_string(address) + "\r\n";
}

std::size_t write_answer(const Scan& request, std::uint16_t status, const Identity& identity,
                         std::span<char> out) noexcept {
  Writer writer{out};
  writer.put("SIP/2.0 ");
  writer.put_status(status);
  writer.put(" ");
  writer.put(sip::standard_phrase(status));
  writer.put("\r\n");
  for (const std::string_view via : request.via()) {
    writer.put(via);
  }
  // RFC 3261 §12.1.1: answers that make a dialog carry the route set and a contact.
  const bool makes_dialog = status > 100 && status < 300 && method_of(request) == "INVITE";
  for (std::size_t i = 0; makes_dialog && i < request.record_route_count; ++i) {
    writer.put(request.record_routes[i]);
  }
  writer.put(request.from);
  writer.put(without_line_end(request.to));
  // RFC 3261 §8.2.6.2: every answer but 100 has a tag.
  if (status != 100 && tag_of(request.to).empty()) writer.put(identity.tag);
  writer.put("\r\n");
  writer.put(request.call_id);
  writer.put(request.cseq);
  if (makes_dialog) writer.put(identity.contact);
  writer.put(identity.server);
  writer.put("Content-Length: 0\r\n\r\n");
  return writer.size();
}

std::string_view method_of(const Scan& request) noexcept {
  return request.start_line.substr(
      0, std::min(request.start_line.find(' '), request.start_line.size()));
}

std::string_view who_answered(const Scan& response) noexcept {
  const std::string_view tag = tag_of(response.to);
  if (tag.starts_with(kTagPrefix)) return tag.substr(kTagPrefix.size());
  if (!response.server.empty()) return value_of(response.server);
  return response.contact.empty() ? std::string_view{} : uri_of(response.contact);
}

}  // namespace steer::siplab
