#include "config/value_check.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "config/suggestion.h"
#include "config/units.h"
#include "core/base/assert.h"

namespace steer::config {
namespace {

// One value on its way through the checks. `mistake` says why it ended.
struct Check {
  const KeyRow& row;
  const TomlDocument& document;
  const TomlNode& node;
  KeyValue value;
  std::string mistake;

  std::string name() const { return std::string{row.path}; }
  bool fail(std::string text) {
    mistake = std::move(text);
    return false;
  }
};

std::string range_text(const KeyRow& row) {
  if (row.type == KeyType::kDuration) {
    return duration_text(std::chrono::milliseconds{row.min}) + " to " +
           duration_text(std::chrono::milliseconds{row.max});
  }
  return std::to_string(row.min) + " to " + std::to_string(row.max);
}

// What a right value looks like, for wrong types.
std::string example_of(const KeyRow& row) {
  switch (row.type) {
    case KeyType::kText: return "a string in double quotes";
    case KeyType::kInteger: return "a whole number, " + range_text(row);
    case KeyType::kAutoOrInteger: return "\"auto\" or a whole number, " + range_text(row);
    case KeyType::kBoolean: return "true or false, without quotes";
    case KeyType::kDuration: return "a duration in quotes, as in \"500ms\" or \"10s\"";
    case KeyType::kSize: return "a whole number of octets or a string such as \"32KiB\"";
    case KeyType::kChoice: return "a string, one of " + std::string{row.choices};
    case KeyType::kTextList: return "a list of strings, as in [\"…\", \"…\"]";
    case KeyType::kListen: return "a list of listeners, as in [\"udp:0.0.0.0:5060\"]";
    case KeyType::kCodeList: return "a list of codes and classes, as in [\"2xx\", 404]";
    case KeyType::kTextOrNumber: return "a name in quotes or a number";
  }
  return "?";
}

bool wrong_type(Check& check) {
  return check.fail(check.name() + " cannot be " + std::string{name_of(check.node.kind)} +
                    "; write " + example_of(check.row));
}

bool in_range(Check& check, std::int64_t number) {
  if (number >= check.row.min && number <= check.row.max) return true;
  return check.fail(check.name() + " is out of range; write a value from " + range_text(check.row));
}

bool take_text(Check& check) {
  if (check.node.kind != TomlKind::kText) return wrong_type(check);
  check.value.text = check.node.text;
  if (check.value.text.empty()) {
    return check.fail(check.name() + " is empty; delete the line to get the default");
  }
  if (check.value.text.find('\0') != std::string::npos) {
    return check.fail(check.name() + " holds a NUL octet; delete it");
  }
  return true;
}

bool take_integer(Check& check) {
  if (check.node.kind != TomlKind::kInteger) return wrong_type(check);
  check.value.integer = check.node.integer;
  check.value.is_number = true;
  return in_range(check, check.node.integer);
}

bool take_auto_or_integer(Check& check) {
  if (check.node.kind == TomlKind::kText && check.node.text == "auto") return true;
  return take_integer(check);
}

bool take_boolean(Check& check) {
  if (check.node.kind != TomlKind::kBoolean) return wrong_type(check);
  check.value.boolean = check.node.boolean;
  return true;
}

bool take_duration(Check& check) {
  if (check.node.kind == TomlKind::kInteger) {
    return check.fail(check.name() + " needs a unit; write \"" +
                      std::to_string(check.node.integer) + "s\" or \"" +
                      std::to_string(check.node.integer) + "ms\"");
  }
  if (check.node.kind != TomlKind::kText) return wrong_type(check);
  const Result<Duration> duration = parse_duration(check.node.text);
  if (!duration) return check.fail(check.name() + ": " + duration.error().what);
  check.value.duration = *duration;
  return in_range(check, std::chrono::duration_cast<std::chrono::milliseconds>(*duration).count());
}

bool take_size(Check& check) {
  if (check.node.kind != TomlKind::kText) return take_integer(check);
  const Result<std::int64_t> size = parse_size(check.node.text);
  if (!size) return check.fail(check.name() + ": " + size.error().what);
  check.value.integer = *size;
  return in_range(check, *size);
}

bool take_choice(Check& check) {
  if (check.node.kind != TomlKind::kText) return wrong_type(check);
  const std::vector<std::string_view> words = split_choices(check.row.choices);
  check.value.text = check.node.text;
  if (std::ranges::find(words, check.node.text) != words.end()) return true;
  std::string known;
  for (const std::string_view word : words) {
    known += (known.empty() ? "" : ", ") + std::string{word};
  }
  return check.fail(check.name() + " cannot be " + quote(check.node.text) +
                    did_you_mean(check.node.text, words) + " (there are: " + known + ")");
}

bool take_list(Check& check) {
  const bool numbers = check.row.type == KeyType::kCodeList;
  const auto take_item = [&](const TomlNode& item) {
    const bool is_number = numbers && item.kind == TomlKind::kInteger;
    if (!is_number && item.kind != TomlKind::kText) return false;
    check.value.items.push_back(
        {is_number ? std::to_string(item.integer) : item.text, check.document.place_of(item)});
    return true;
  };
  if (check.node.kind != TomlKind::kArray) return take_item(check.node) || wrong_type(check);
  for (const std::size_t child : check.node.children) {
    if (!take_item(check.document.nodes[child])) {
      const TomlNode& item = check.document.nodes[child];
      check.value.place = check.document.place_of(item);
      return check.fail("an entry of " + check.name() + " cannot be " +
                        std::string{name_of(item.kind)} + "; write " + example_of(check.row));
    }
  }
  if (check.value.items.empty()) {
    return check.fail(check.name() + " is an empty list; delete the line to get the default");
  }
  return true;
}

bool take_text_or_number(Check& check) {
  if (check.node.kind == TomlKind::kText) return take_text(check);
  if (check.node.kind != TomlKind::kInteger) return wrong_type(check);
  check.value.integer = check.node.integer;
  check.value.is_number = true;
  return true;
}

bool take(Check& check) {
  switch (check.row.type) {
    case KeyType::kText: return take_text(check);
    case KeyType::kInteger: return take_integer(check);
    case KeyType::kAutoOrInteger: return take_auto_or_integer(check);
    case KeyType::kBoolean: return take_boolean(check);
    case KeyType::kDuration: return take_duration(check);
    case KeyType::kSize: return take_size(check);
    case KeyType::kChoice: return take_choice(check);
    case KeyType::kTextList:
    case KeyType::kCodeList: return take_list(check);
    case KeyType::kTextOrNumber: return take_text_or_number(check);
    case KeyType::kListen: break;
  }
  STEER_ASSERT(false && "the reader takes listeners and tables apart itself");
}

}  // namespace

std::optional<KeyValue> check_value(const KeyRow& row, const TomlDocument& document,
                                    const TomlNode& node, Diagnostics& diagnostics) {
  Check check{row, document, node, {}, {}};
  check.value.place = document.place_of(node);
  if (take(check)) return std::move(check.value);
  diagnostics.error(check.value.place, check.mistake);
  return std::nullopt;
}

}  // namespace steer::config
