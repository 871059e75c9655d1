#pragma once

#include <string>
#include <string_view>

#include "tests/support/seed.h"

namespace steer::test {

// Requests that are correct and look odd: compact names, any case, folds and blanks round every
// separator, several values per field, quoted strings, unknown fields, binary bodies, octets after
// the body. Their top Via is of 203.0.113.7; some carry Routes, ours on top or not.
class MessageGenerator {
 public:
  explicit MessageGenerator(Seed seed) : random_{seed.value} {}

  std::string request();

  // `text` (one of our answers, say) with its Via fields spelt otherwise: compact, folded, joined.
  std::string respell_vias(std::string_view text);

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool chance(std::size_t percent) { return below(100) < percent; }
  std::string blanks();  // May be empty, may be a fold.
  std::string separator(char c);
  std::string word(std::size_t size_max);
  std::string name(std::string_view full, std::string_view compact);
  std::string field(std::string_view full, std::string_view compact, const std::string& value);
  std::string top_via();
  std::string lower_via();
  std::string routes();
  std::string noise_field();

  Random random_;
};

}  // namespace steer::test
