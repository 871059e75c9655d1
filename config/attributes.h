#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/list_row.h"

namespace steer::config {

// One of a destination's attributes; views into the list's text.
struct Attribute {
  std::string_view key;
  std::string_view value;  // Without the quotes that may have stood round it.
  std::uint32_t column = 0;
};

// "k=v;k=v". A word without '=' is a key without value. Commas between attributes, a key given
// twice and a missing quote are errors; what can be read is returned all the same.
std::vector<Attribute> parse_attributes(const ListField& field, std::uint32_t line,
                                        ListContext& context);

// Where "…,key=" begins in a value, or npos: the comma was meant as a separator.
std::size_t comma_before_key(std::string_view value);

// The attribute called `key`, or null.
const Attribute* find_attribute(const std::vector<Attribute>& attributes, std::string_view key);

}  // namespace steer::config
