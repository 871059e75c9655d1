#include "config/destination_uri.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/listen_text.h"
#include "config/suggestion.h"
#include "core/sip/chars.h"
#include "core/sip/uri.h"

namespace steer::config {
namespace {

constexpr std::uint16_t kPortDefault = 5060;  // RFC 3261 §19.1.2.
constexpr std::array<std::string_view, 6> kTransports{"udp", "tcp", "tls", "sctp", "ws", "wss"};
constexpr std::array<std::string_view, 10> kOtherSchemes{"tel", "http", "https", "udp",    "tcp",
                                                         "tls", "ws",   "wss",   "mailto", "im"};
// Attributes of column 5 that people glue to the URI; as URI parameters the peers ignore them.
constexpr std::array<std::string_view, 9> kAttributeWords{
    "weight", "rweight", "duid", "socket", "sockname", "maxload", "priority", "flags", "cc"};

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), sip::to_lower);
  return out;
}

// Reads one URI from left to right; `at_` is where the unread part begins in `text_`.
class UriReader {
 public:
  UriReader(std::string_view text, Dialect dialect) : text_{text}, dialect_{dialect} {}

  std::expected<DestinationUri, UriMistake> run() {
    std::optional<UriMistake> wrong = read_scheme();
    if (!wrong) wrong = check_octets();
    if (!wrong) wrong = read_user();
    if (!wrong) wrong = read_host_port();
    if (!wrong) wrong = read_parameters();
    if (wrong) return std::unexpected{*std::move(wrong)};
    uri_.text = (uri_.scheme_added ? "sip:" : "") + std::string{text_};
    return std::move(uri_);
  }

 private:
  using Verdict = std::optional<UriMistake>;

  static Verdict wrong(ListRule rule, std::size_t offset, std::string text) {
    return UriMistake{rule, offset, std::move(text)};
  }

  Verdict read_scheme() {
    const std::size_t colon = text_.find(':');
    const std::string scheme = lower(text_.substr(0, colon));
    if (colon != std::string_view::npos && scheme == "sip") {
      at_ = colon + 1;
      return {};
    }
    if (colon != std::string_view::npos && scheme == "sips") {
      return wrong(ListRule::kTransportNotBuilt, 0,
                   "sips destinations need TLS, which is not built yet; use sip:");
    }
    const bool other = colon != std::string_view::npos &&
                       std::ranges::find(kOtherSchemes, scheme) != kOtherSchemes.end();
    if (other || (colon != std::string_view::npos && text_.substr(colon + 1).starts_with("//"))) {
      return wrong(ListRule::kUriScheme, 0,
                   "a destination cannot have the scheme " + quote(scheme) +
                       "; write sip:host:port, and ;transport= behind it if need be");
    }
    if (dialect_ == Dialect::kOpensips) {
      return wrong(ListRule::kSchemeMissing, 0,
                   quote(text_) + " has no scheme; write sip:" + std::string{text_});
    }
    uri_.scheme_added = true;
    return {};
  }

  // RFC 3261 §25.1 allows no octet outside printable ASCII, and these only as separators elsewhere.
  Verdict check_octets() const {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const auto octet = static_cast<unsigned char>(text_[i]);
      if (octet <= 0x20 || octet >= 0x7f ||
          std::string_view{"<>\"`\\^{}|"}.find(text_[i]) != std::string_view::npos) {
        return wrong(ListRule::kUriOctet, i,
                     quote(text_.substr(i, 1)) +
                         " cannot stand in a URI; delete it (no <> and no quotes round it)");
      }
      if (text_[i] == '#') {
        return wrong(ListRule::kUriOctet, i, "'#' in the URI; put a blank before a comment");
      }
    }
    return {};
  }

  Verdict read_user() {
    const std::size_t host_end = std::min(text_.find_first_of(";?", at_), text_.size());
    const std::size_t sign = text_.find('@', at_);
    if (sign == std::string_view::npos) return {};
    if (sign > host_end && text_.find_first_of("[.", at_) < host_end) return {};
    if (sign == at_) {
      return wrong(ListRule::kUriUser, at_, "nothing stands before '@'; delete the '@'");
    }
    uri_.user = text_.substr(at_, sign - at_);
    at_ = sign + 1;
    return {};
  }

  Verdict read_host_port() {
    const std::size_t end = std::min(text_.find_first_of(";?", at_), text_.size());
    const std::string_view whole = text_.substr(at_, end - at_);
    if (whole.empty() || whole.front() == ':') {
      return wrong(ListRule::kUriHostMissing, at_,
                   "URI has no host; write sip:address:port, as in sip:192.0.2.1:5060");
    }
    if (const std::size_t comma = whole.find(','); comma != std::string_view::npos) {
      return wrong(ListRule::kUriComma, at_ + comma,
                   "',' in the URI; write one destination per line");
    }
    std::size_t host_size = 0;
    if (whole.front() == '[') {
      const std::size_t close = whole.find(']');
      if (close == std::string_view::npos) {
        return wrong(ListRule::kIpv6Brackets, at_, "']' is missing; write sip:[2001:db8::1]:5060");
      }
      host_size = close + 1;
    } else {
      if (std::ranges::count(whole, ':') > 1) {
        return wrong(ListRule::kIpv6Brackets, at_,
                     "an IPv6 address needs brackets; write sip:[2001:db8::1]:5060 in place "
                     "of " +
                         quote(whole));
      }
      host_size = std::min(whole.find(':'), whole.size());
    }
    Verdict verdict = read_port(whole.substr(host_size), at_ + host_size);
    if (!verdict) verdict = read_host(whole.substr(0, host_size));
    at_ = end;
    return verdict;
  }

  // `text` is empty or should be ":5060".
  Verdict read_port(std::string_view text, std::size_t offset) {
    if (text.empty()) return {};
    if (text.front() != ':') {
      return wrong(ListRule::kUriPort, offset,
                   quote(text) + " follows the address; write ':' and a port or nothing");
    }
    const std::optional<std::uint16_t> port = parse_port(text.substr(1));
    if (!port) {
      return wrong(ListRule::kUriPort, offset + 1,
                   "port " + quote(text.substr(1)) +
                       " is not a number from 1 to 65535; correct it or leave the "
                       "colon out for 5060");
    }
    uri_.port = *port;
    return {};
  }

  Verdict read_host(std::string_view host) {
    uri_.host = lower(host);
    const std::uint16_t port = uri_.port != 0 ? uri_.port : kPortDefault;
    const bool brackets = host.front() == '[';
    const std::optional<Address> address = parse_ip(host, port);
    if (address) {
      uri_.is_literal = true;
      uri_.address = *address;
      return check_address(*address);
    }
    if (brackets) {
      return wrong(ListRule::kUriHost, at_, quote(host) + " is not an IPv6 address; correct it");
    }
    if (looks_like_ipv4(host)) {
      return wrong(ListRule::kUriHost, at_,
                   quote(host) +
                       " is not an IPv4 address (four numbers from 0 to 255); "
                       "correct it");
    }
    if (!is_host_name(host)) {
      return wrong(ListRule::kUriHost, at_,
                   quote(host) +
                       " is neither an address nor a host name (letters, digits, "
                       "'-' and '.'); correct it");
    }
    return {};
  }

  Verdict check_address(const Address& address) const {
    if (is_unroutable(address)) {
      return wrong(ListRule::kUnroutableAddress, at_,
                   ip_text(address) +
                       " is not the address of one host (wildcard, broadcast "
                       "or multicast); write the destination's own address");
    }
    const bool link_local = address.family == Family::kIpv6 && address.octets[0] == 0xfe &&
                            (address.octets[1] & 0xc0) == 0x80;  // RFC 4291 §2.5.6: fe80::/10.
    if (link_local) {
      return wrong(ListRule::kUnroutableAddress, at_,
                   ip_text(address) +
                       " is link-local and a URI cannot name its interface; "
                       "write a global or unique local address");
    }
    return {};
  }

  Verdict read_parameters() {
    const std::size_t question = text_.find('?', at_);
    if (question != std::string_view::npos) {
      return wrong(ListRule::kUriHeaders, question,
                   "a destination has no header fields; delete all from '?' on");
    }
    while (at_ < text_.size()) {
      const std::size_t begin = at_ + 1;  // After the ';'.
      const std::size_t end = std::min(text_.find(';', begin), text_.size());
      if (Verdict verdict = read_parameter(text_.substr(begin, end - begin), begin)) return verdict;
      at_ = end;
    }
    return {};
  }

  Verdict read_parameter(std::string_view parameter, std::size_t offset) {
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string name = lower(parameter.substr(0, equals));
    const std::string_view value = parameter.substr(std::min(equals + 1, parameter.size()));
    if (name.empty()) {
      return wrong(ListRule::kUriGrammar, offset, "an empty URI parameter; delete the ';'");
    }
    if (std::ranges::find(kAttributeWords, name) != kAttributeWords.end()) {
      return wrong(ListRule::kAttributeInUri, offset,
                   "';" + name +
                       "=' stands inside the URI, where it does nothing; write "
                       "it as an attribute in column 5: URI flags " +
                       (dialect_ == Dialect::kKamailio ? "priority " : "weight ") + name + "=" +
                       (value.empty() ? "…" : std::string{value}));
    }
    if (name == "maddr") {
      return wrong(ListRule::kMaddr, offset,
                   "maddr is not followed; write that address as the host instead");
    }
    if (name == "transport") return read_transport(lower(value), offset);
    return {};
  }

  Verdict read_transport(const std::string& value, std::size_t offset) {
    if (value == "udp") return {};
    if (value == "tcp" || value == "tls") {
      return wrong(ListRule::kTransportNotBuilt, offset,
                   "transport=" + value + " is not built yet; use transport=udp or leave it out");
    }
    const bool known = std::ranges::find(kTransports, value) != kTransports.end();
    return wrong(ListRule::kUnknownTransport, offset,
                 (known ? "transport=" + value + " is not supported"
                        : "unknown transport " + quote(value) + did_you_mean(value, kTransports)) +
                     "; use transport=udp or leave it out");
  }

  std::string_view text_;
  Dialect dialect_;
  std::size_t at_ = 0;
  DestinationUri uri_;
};

// What the steps above let through and the grammar does not: odd characters in user or parameters.
std::optional<UriMistake> break_of_grammar(const DestinationUri& uri) {
  if (uri.host.find('_') != std::string::npos) return {};  // Common inside clusters; never sent on.
  sip::Uri parsed;
  if (sip::parse_uri(uri.text, parsed)) return {};
  return UriMistake{ListRule::kUriGrammar, 0,
                    quote(uri.text) +
                        " breaks the grammar of SIP URIs (RFC 3261 §25.1); write "
                        "sip:host:port"};
}

}  // namespace

std::expected<DestinationUri, UriMistake> parse_destination_uri(std::string_view text,
                                                                Dialect dialect) {
  std::expected<DestinationUri, UriMistake> uri = UriReader{text, dialect}.run();
  if (!uri) return uri;
  if (std::optional<UriMistake> broken = break_of_grammar(*uri)) {
    return std::unexpected{*std::move(broken)};
  }
  return uri;
}

}  // namespace steer::config
