#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace steer::admin {

// Writes JSON straight into a string, for answers of ten thousand rows: no tree of values is built.
// Commas are put by itself; that names and ends stand where they belong is the caller's care.
class JsonText {
 public:
  explicit JsonText(std::string& out) : out_{out} {}

  JsonText& open_object() { return open('{'); }
  JsonText& close_object() { return close('}'); }
  JsonText& open_array() { return open('['); }
  JsonText& close_array() { return close(']'); }
  // `name` is ours: plain text without quotes or controls.
  JsonText& key(std::string_view name);
  JsonText& foreign_key(std::string_view name);  // Any octets.

  JsonText& text(std::string_view value);  // Any octets; what is not UTF-8 becomes U+FFFD.
  JsonText& number(std::uint64_t value);
  JsonText& signed_number(std::int64_t value);
  JsonText& real(double value);  // Infinities and not-a-number become null.
  JsonText& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonText& null() { return raw("null"); }
  JsonText& text_or_null(const std::optional<std::string>& value);
  JsonText& real_or_null(const std::optional<double>& value);
  // A value that is JSON already.
  JsonText& raw(std::string_view json);

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  void before_value();

  std::string& out_;
  bool comma_ = false;  // The next value or key has a neighbour on its left.
};

}  // namespace steer::admin
