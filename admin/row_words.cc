#include "admin/row_words.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/sip/uri.h"

namespace steer::admin {
namespace {

char lower(char each) {
  return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
}

}  // namespace

std::string attributes_text(const DestinationRow& row) {
  std::string text;
  for (const auto& [name, value] : row.attributes) {
    if (!text.empty()) text += ';';
    text += name;
    if (!value.empty()) text += '=' + value;
  }
  return text;
}

std::string_view attribute(const DestinationRow& row, std::string_view name) {
  const auto found = std::find_if(row.attributes.begin(), row.attributes.end(),
                                  [&](const auto& each) { return each.first == name; });
  return found == row.attributes.end() ? std::string_view{} : std::string_view{found->second};
}

std::uint32_t number_attribute(const DestinationRow& row, std::string_view name) {
  const std::string_view text = attribute(row, name);
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

RowAddress address_of(const DestinationRow& row) {
  const std::string_view text = row.address;
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (first == std::string_view::npos || last <= first) return {};
  RowAddress address{.transport = text.substr(0, first),
                     .host = text.substr(first + 1, last - first - 1)};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  std::from_chars(text.data() + last + 1, text.data() + text.size(), address.port);
  return address;
}

std::string_view uri_host(std::string_view uri) {
  sip::Uri parsed;
  return sip::parse_uri(uri, parsed) ? parsed.host : std::string_view{};
}

std::string_view uri_transport(std::string_view uri) {
  sip::Uri parsed;
  std::string_view transport;
  if (!sip::parse_uri(uri, parsed)) return {};
  if (!sip::find_parameter(parsed.parameters, "transport", transport)) return {};
  return transport;
}

bool is_probed(const DestinationRow& row) {
  if (row.state == "disabled" || row.configured == "inactive") return false;
  return row.configured == "probing" || row.probe.count != 0 || row.probe_last_ms.has_value() ||
         row.health == "down";
}

bool says_state(std::string_view text, char letter, std::string_view word) {
  if (text.empty() || lower(text[0]) != letter) return false;
  if (text.size() == 1 || same_but_for_case(text, word)) return true;
  const char probed = lower(text[1]);
  return text.size() == 2 && (probed == 'p' || probed == 'x');
}

std::string why_list_keeps_out(std::uint32_t set, const DestinationRow& row) {
  if (row.configured != "inactive" && row.configured != "disabled") return {};
  return fmt::format("the list says that {}/{} is {}: change its flags there and reload", set,
                     row.uri, row.configured);
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

}  // namespace steer::admin
