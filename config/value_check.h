#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "config/keys.h"
#include "config/toml_document.h"
#include "core/base/time.h"

namespace steer::config {

struct KeyItem {
  std::string text;
  Place place;
};

// A value of the type and within the bounds that its row asks for.
struct KeyValue {
  Place place;                 // Of the value; a string's first octet is one column further.
  std::string text;            // kText, kChoice, kTextOrNumber if `is_number` is false.
  std::int64_t integer = 0;    // kInteger, kAutoOrInteger, kSize, kTextOrNumber.
  bool is_number = false;      // kAutoOrInteger, kTextOrNumber: which of the two.
  bool boolean = false;        // kBoolean
  Duration duration{};         // kDuration
  std::vector<KeyItem> items;  // kTextList, kCodeList: numbers as digits.
};

// The value that `node` holds for `row`; nothing, and the mistake in `diagnostics`, if it is of the
// wrong type or out of range. kListen is not for this function.
[[nodiscard]] std::optional<KeyValue> check_value(const KeyRow& row, const TomlDocument& document,
                                                  const TomlNode& node, Diagnostics& diagnostics);

}  // namespace steer::config
