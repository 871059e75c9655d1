#include "config/attributes.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/sip/chars.h"

namespace steer::config {
namespace {

// The end of the item that begins at `begin`: the next ';' outside quotes.
std::size_t item_end(std::string_view text, std::size_t begin) {
  bool quoted = false;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == ';' && !quoted) return at;
  }
  return text.size();
}

// What is wrong with an item, and where in it.
struct ItemMistake {
  ListRule rule = ListRule::kNone;
  std::size_t offset = 0;
  std::string text;
};

std::optional<ItemMistake> item_mistake(std::string_view item, std::string_view value) {
  const std::size_t value_offset = item.size() - value.size();
  if (std::ranges::count(item, '"') % 2 != 0) {
    return ItemMistake{ListRule::kAttributeQuote, item.find('"'),
                       "a quote without its partner; write key=\"value\""};
  }
  const std::size_t comma = comma_before_key(value);
  if (comma != std::string_view::npos && !value.starts_with('"')) {
    return ItemMistake{ListRule::kAttributeComma, value_offset + comma,
                       "',' between attributes; write ';' in its place"};
  }
  if (!item.starts_with('=')) return std::nullopt;
  return ItemMistake{ListRule::kAttributeName, 0, "an attribute without a name; write key=value"};
}

}  // namespace

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
    std::optional<ItemMistake> mistake = item_mistake(item, attribute.value);
    if (!mistake && find_attribute(attributes, attribute.key) != nullptr) {
      mistake = {ListRule::kAttributeTwice, 0,
                 "attribute " + quote(attribute.key) + " is given twice; delete one of them"};
    }
    if (mistake) {
      context.say(mistake->rule, line, column + mistake->offset, mistake->text);
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
