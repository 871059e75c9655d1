#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/list_rule.h"
#include "config/severity.h"
#include "dispatch/definition.h"

// What a check of the configuration has to say. Control thread only.

namespace steer::config {

using dispatch::Place;

struct Diagnostic {
  Severity severity = Severity::kError;
  Place place;  // Line and column from 1, columns in octets; 0 is shown as 1.
  std::string text;
  ListRule rule = ListRule::kNone;  // If it is about a list.
};

// "file:line:column: severity: text", the form that editors and CI tools read. Octets that a
// terminal might obey are shown as '?'.
std::string format(const Diagnostic& diagnostic);

// Foreign text for a message: in single quotes, cut after 60 octets, controls written as \xNN, so
// that a list cannot send escape sequences to a terminal.
std::string quote(std::string_view text);

// Collects all mistakes of one check. Keeps at most kDiagnosticCountMax of them and counts the
// rest; an error takes the room of a warning, so that no flood of warnings hides it.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void error(Place place, std::string text);
  void warning(Place place, std::string text);
  void note(Place place, std::string text);

  bool has_errors() const { return error_count_ != 0; }
  std::size_t error_count() const { return error_count_; }
  std::size_t warning_count() const { return warning_count_; }
  std::size_t note_count() const { return note_count_; }
  std::size_t left_out_count() const { return left_out_count_; }
  // By file (in the order in which files were first spoken of), line and column, whatever order the
  // checks ran in; what is said of one place keeps its order.
  std::span<const Diagnostic> all() const { return kept_; }

  // All of it as text, in that order, one line each; the last one counts what was left out.
  std::vector<std::string> lines() const;

 private:
  bool make_room_for_error();
  void keep(Diagnostic diagnostic);
  std::size_t rank_of(const std::string& file);

  std::vector<Diagnostic> kept_;
  std::vector<std::string> files_;  // In the order in which they were first spoken of.
  std::size_t kept_error_count_ = 0;
  std::size_t error_count_ = 0;
  std::size_t warning_count_ = 0;
  std::size_t note_count_ = 0;
  std::size_t left_out_count_ = 0;
};

}  // namespace steer::config
