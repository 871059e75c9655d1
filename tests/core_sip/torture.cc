#include "tests/core_sip/torture.h"

#include <sstream>

#include "tests/support/shared_folder.h"

namespace steer::test {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

bool has_word(const std::string& list, const std::string& word) {
  for (const std::string& member : split(list, ',')) {
    if (member == word) return true;
  }
  return false;
}

}  // namespace

bool TortureCase::tolerates(const std::string& outcome) const {
  if (!is_request) return has_word(adapted, outcome);
  return has_word(must, outcome) || has_word(may, outcome);
}

std::vector<TortureCase> torture_cases() {
  constexpr std::size_t kColumns = 13;
  std::vector<TortureCase> cases;
  const auto folder = shared_folder();
  if (!folder) return cases;
  const auto table = read_file(*folder + "/torture/expect.tsv");
  if (!table) return cases;
  for (const std::string& line : split(*table, '\n')) {
    std::vector<std::string> cells = split(line, '\t');
    cells.resize(kColumns);
    if (cells[0] == "name") continue;
    const auto bytes = read_file(*folder + "/torture/" + cells[0] + ".sip");
    if (!bytes) continue;
    cases.push_back({.name = cells[0],
                     .is_request = cells[2] == "req",
                     .valid = cells[3] == "1",
                     .must = cells[4],
                     .may = cells[5],
                     .adapted = cells[7],
                     .call_id = cells[8],
                     .from_uri = cells[9],
                     .to_uri = cells[10],
                     .request_uri = cells[11],
                     .bytes = *bytes});
  }
  return cases;
}

}  // namespace steer::test
