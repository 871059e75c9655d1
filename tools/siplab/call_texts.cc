#include "tools/siplab/call_texts.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "core/base/hash.h"

namespace steer::siplab {

namespace {

constexpr std::string_view kCookie = "z9hG4bKsl";  // RFC 3261 §8.1.1.7, and ours.
constexpr std::size_t kSearchedSize = 512;  // The one Via that is left comes early in a response.

// Joins texts in a buffer that is known to be large enough for all but hostile answers.
class Joiner {
 public:
  explicit Joiner(std::span<char> out) noexcept : out_{out} {}
  void put(std::string_view text) noexcept {
    if (text.size() > out_.size() - size_) return;
    std::memcpy(out_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void put(const TextTemplate& text, const CallKey& key) noexcept {
    if (text.size() > out_.size() - size_) return;
    text.write(key, out_.data() + size_);
    size_ += text.size();
  }
  std::size_t size() const noexcept { return size_; }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
};

std::string sdp(const Address& local) {
  const std::string_view kind = local.family == Family::kIpv6 ? "IP6" : "IP4";
  std::string host = ip_text(local);
  std::erase(host, '[');
  std::erase(host, ']');
  return fmt::format(
      "v=0\r\no=siplab 1 1 IN {0} {1}\r\ns=-\r\nc=IN {0} {1}\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
      "a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n",
      kind, host);
}

// Head and body with a Content-Length between; padded with `padding` octets at the end of the body.
std::string with_body(const std::string& head, std::string body, bool is_sdp, std::size_t padding) {
  if (padding != 0 && is_sdp) body += "a=x-padding:" + std::string(padding, 'x') + "\r\n";
  if (padding != 0 && !is_sdp) body += std::string(padding, 'x');
  std::string type;
  if (!body.empty()) {
    type = is_sdp ? "Content-Type: application/sdp\r\n" : "Content-Type: text/plain\r\n";
  }
  return fmt::format("{}{}Content-Length: {}\r\n\r\n{}", head, type, body.size(), body);
}

// The request's pattern, padded to `size` octets as sent.
Result<TextTemplate> padded(const std::string& head, const std::string& body, std::size_t size) {
  const bool is_sdp = !body.empty();
  const TextTemplate least{with_body(head, body, is_sdp, 0)};
  if (size == 0 || size == least.size()) return least;
  const std::size_t least_padded = TextTemplate{with_body(head, body, is_sdp, 1)}.size();
  if (size < least_padded) {
    return std::unexpected(Error{
        "--size", fmt::format("the message needs {} octets, or {} and more with padding; give "
                              "one of these",
                              least.size(), least_padded)});
  }
  std::size_t padding = size - least_padded + 1;
  // More padding may need more digits in Content-Length: take as many octets off again.
  const std::size_t above = TextTemplate{with_body(head, body, is_sdp, padding)}.size() - size;
  padding -= std::min(above, padding - 1);
  std::string text = with_body(head, body, is_sdp, padding);
  // Where that takes a digit away, blanks that stand for nothing fill up.
  const std::size_t missing = size - std::min(size, TextTemplate{text}.size());
  text.insert(text.find("Content-Length:") + std::strlen("Content-Length:"), missing, ' ');
  return TextTemplate{text};
}

// The values of a Record-Route field, split at commas outside of <>.
void split_routes(std::string_view value, std::vector<std::string_view>& out) {
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    const char c = i < value.size() ? value[i] : ',';
    if (c == '<') inside = true;
    if (c == '>') inside = false;
    if (c != ',' || (inside && i < value.size())) continue;
    out.push_back(value.substr(begin, i - begin));
    begin = i + 1;
  }
}

}  // namespace

std::string run_name(std::uint64_t seed) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string out;
  for (std::uint64_t value = mix(seed); out.size() < 6; value /= kLetters.size()) {
    out.push_back(kLetters[value % kLetters.size()]);
  }
  return out;
}

void Dialog::assign(const Scan& answer, std::string_view request_uri) {
  remote_target = answer.contact.empty() ? request_uri : uri_of(answer.contact);
  to = value_of(answer.to);
  routes.clear();
  if (answer.record_route_count == 0) return;
  std::vector<std::string_view> values;
  for (const std::string_view field : answer.record_route()) {
    split_routes(value_of(field), values);
  }
  for (auto value = values.rbegin(); value != values.rend(); ++value) {
    routes.append("Route: ").append(*value).append("\r\n");
  }
}

Result<CallTexts> CallTexts::make(const UacOptions& options, const Address& local) {
  const std::string run = run_name(options.seed);
  const std::string here = to_string(local);
  const std::string there = to_string(options.target);
  const std::string from = options.from.empty() ? "sip:caller@" + here : options.from;
  const std::string to = options.to.empty() ? "sip:callee@" + there : options.to;
  const std::string uri = options.request_uri.empty() ? to : options.request_uri;
  const std::string prefix =
      options.call_id_prefix.empty() ? "siplab-" + run + "-" : options.call_id_prefix;
  const std::string_view method = options.mode == Mode::kOptions ? "OPTIONS" : "INVITE";

  const std::string via =
      fmt::format("Via: SIP/2.0/UDP {};rport;branch={}{}%c%s%n\r\n", here, kCookie, run);
  const std::string middle =
      fmt::format("Max-Forwards: 70\r\nFrom: <{}>;tag=sl{}%n\r\nCall-ID: {}%n@{}\r\n", from, run,
                  prefix, ip_text(local));
  const std::string head = fmt::format(
      "{0} {1} SIP/2.0\r\n{2}{3}To: <{4}>\r\nCSeq: 1 {0}\r\nContact: <sip:siplab@{5}>\r\n"
      "User-Agent: siplab\r\n",
      method, uri, via, middle, to, here);
  CallTexts out;
  Result<TextTemplate> first =
      padded(head, options.mode == Mode::kOptions ? "" : sdp(local), options.size);
  if (!first) return std::unexpected(first.error());
  out.first_ = std::move(*first);
  out.request_uri_ = TextTemplate{uri};
  out.via_ = TextTemplate{via};
  out.middle_ = TextTemplate{middle};
  return out;
}

std::size_t CallTexts::write_first(const CallKey& key, std::span<char> out) const noexcept {
  Joiner joiner{out};
  joiner.put(first_, key);
  return joiner.size();
}

std::size_t CallTexts::write_ack_to_failure(const CallKey& key, std::string_view to,
                                            std::span<char> out) const noexcept {
  Joiner joiner{out};
  joiner.put("ACK ");
  joiner.put(request_uri_, key);
  joiner.put(" SIP/2.0\r\n");
  joiner.put(via_, key);
  joiner.put(middle_, key);
  joiner.put("To: ");
  joiner.put(to);
  joiner.put("\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
  return joiner.size();
}

std::size_t CallTexts::write_in_dialog(const CallKey& key, std::string_view method,
                                       const Dialog& dialog, std::span<char> out) const noexcept {
  Joiner joiner{out};
  joiner.put(method);
  joiner.put(" ");
  joiner.put(dialog.remote_target);
  joiner.put(" SIP/2.0\r\n");
  joiner.put(via_, key);
  joiner.put(dialog.routes);
  joiner.put(middle_, key);
  joiner.put("To: ");
  joiner.put(dialog.to);
  // RFC 3261 §13.2.2.4: the ACK has the INVITE's number; §12.2.1.1: the BYE has the next one.
  joiner.put(method == "ACK" ? "\r\nCSeq: 1 ACK" : "\r\nCSeq: 2 BYE");
  joiner.put("\r\nContent-Length: 0\r\n\r\n");
  return joiner.size();
}

std::string CallTexts::request_uri(const CallKey& key) const {
  std::string out(request_uri_.size(), '\0');
  request_uri_.write(key, out.data());
  return out;
}

BranchReader::BranchReader(std::uint64_t seed) : cookie_{std::string{kCookie} + run_name(seed)} {}

std::optional<CallKey> BranchReader::read(std::string_view datagram) const noexcept {
  const std::string_view searched = datagram.substr(0, kSearchedSize);
  const void* const found =
      ::memmem(searched.data(), searched.size(), cookie_.data(), cookie_.size());
  if (found == nullptr) return std::nullopt;
  const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - searched.data());
  std::string_view rest = datagram.substr(at + cookie_.size());
  if (rest.empty()) return std::nullopt;
  CallKey key;
  key.step = rest.front();
  std::uint64_t slot = 0;
  if (!read_digits(rest.substr(1), kSlotDigits, slot)) return std::nullopt;
  if (!read_digits(rest.substr(1 + kSlotDigits), kNumberDigits, key.number)) return std::nullopt;
  key.slot = static_cast<std::uint32_t>(slot);
  return key;
}

}  // namespace steer::siplab
