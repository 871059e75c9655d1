// HOT: runs once per datagram.
#include "core/proxy/made_requests.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace steer::proxy {
namespace {

// Writes one piece after the other; once one does not fit, nothing counts.
class Line {
 public:
  explicit Line(std::span<char> out) noexcept : out_{out} {}

  Line& operator<<(std::string_view text) noexcept {
    if (text.size() > out_.size() - size_) {
      full_ = true;
      return *this;
    }
    if (!text.empty()) std::memcpy(out_.data() + size_, text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  Line& operator<<(std::uint32_t number) noexcept {
    std::array<char, 10> digits;
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return *this << std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())};
  }
  std::size_t size() const noexcept { return full_ ? 0 : size_; }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool full_ = false;
};

// Whole fields with their line ends.
void copy_fields(const sip::Message& from, sip::HeaderId id, Line& line) noexcept {
  for (const sip::HeaderField& field : from.fields) {
    if (field.id == id) line << from.bytes.substr(field.begin, field.end - field.begin);
  }
}

std::size_t write_made(std::string_view method, const sip::Message& sent,
                       const sip::Message& with_to, std::span<char> out) noexcept {
  Line line{out};
  line << method << " " << sent.request_uri
       << " SIP/2.0\r\nVia: " << sent.bytes.substr(sent.via.begin, sent.via.end - sent.via.begin)
       << "\r\n"
       << "Max-Forwards: 70\r\n";
  copy_fields(sent, sip::HeaderId::kRoute, line);
  copy_fields(sent, sip::HeaderId::kFrom, line);
  copy_fields(with_to, sip::HeaderId::kTo, line);
  copy_fields(sent, sip::HeaderId::kCallId, line);
  line << "CSeq: " << sent.cseq << " " << method << "\r\nContent-Length: 0\r\n\r\n";
  return line.size();
}

}  // namespace

std::size_t write_cancel(const sip::Message& sent, std::span<char> out) noexcept {
  return write_made("CANCEL", sent, sent, out);
}

std::size_t write_ack(const sip::Message& sent, const sip::Message& response,
                      std::span<char> out) noexcept {
  return write_made("ACK", sent, response, out);
}

}  // namespace steer::proxy
