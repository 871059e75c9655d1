#include "config/attributes.h"

#include <algorithm>
#include <string>

#include "core/sip/chars.h"

namespace steer::config {
namespace {

// Where "…,key=" begins in a value, or npos: the comma was meant as a separator.
std::size_t comma_before_key(std::string_view value) {
  for (std::size_t at = value.find(','); at != std::string_view::npos;
       at = value.find(',', at + 1)) {
    std::size_t end = at + 1;
    while (end < value.size() &&
           (sip::is_alpha(value[end]) || sip::is_digit(value[end]) || value[end] == '_')) {
      ++end;
    }
    if (end > at + 1 && end < value.size() && value[end] == '=') return at;
  }
  return std::string_view::npos;
}

// The end of the item that begins at `begin`: the next ';' outside quotes.
std::size_t item_end(std::string_view text, std::size_t begin) {
  bool quoted = false;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == ';' && !quoted) return at;
  }
  return text.size();
}

// The mistake in an item, or an empty text; `offset` becomes its place within the item.
std::string item_mistake(std::string_view item, std::string_view value, std::size_t& offset) {
  const std::size_t value_offset = item.size() - value.size();
  if (std::ranges::count(item, '"') % 2 != 0) {
    offset = item.find('"');
    return "a quote without its partner; write key=\"value\"";
  }
  const std::size_t comma = comma_before_key(value);
  if (comma != std::string_view::npos && !value.starts_with('"')) {
    offset = value_offset + comma;
    return "',' between attributes; write ';' in its place";
  }
  if (item.starts_with('=')) return "an attribute without a name; write key=value";
  return {};
}

}  // namespace

const Attribute* find_attribute(const std::vector<Attribute>& attributes, std::string_view key) {
  const auto found = std::ranges::find(attributes, key, &Attribute::key);
  return found == attributes.end() ? nullptr : &*found;
}

std::vector<Attribute> parse_attributes(const ListField& field, std::uint32_t line,
                                        ListContext& context) {
  std::vector<Attribute> attributes;
  const std::string_view text = field.text;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = item_end(text, begin);
    const std::string_view item = text.substr(begin, end - begin);
    const auto column = static_cast<std::uint32_t>(field.column + begin);
    begin = end + 1;
    if (item.empty()) continue;  // ";;" or a final ';' do no harm.
    const std::size_t equals = std::min(item.find('='), item.size());
    Attribute attribute{item.substr(0, equals), item.substr(std::min(equals + 1, item.size())),
                        column};
    std::size_t offset = 0;
    std::string mistake = item_mistake(item, attribute.value, offset);
    if (mistake.empty() && find_attribute(attributes, attribute.key) != nullptr) {
      mistake = "attribute " + quote(attribute.key) + " is given twice; delete one of them";
    }
    if (!mistake.empty()) {
      context.diagnostics.error(context.at(line, column + static_cast<std::uint32_t>(offset)),
                                mistake);
      continue;
    }
    if (attribute.value.size() >= 2 && attribute.value.front() == '"') {
      attribute.value = attribute.value.substr(1, attribute.value.size() - 2);
    }
    attributes.push_back(attribute);
  }
  return attributes;
}

}  // namespace steer::config
