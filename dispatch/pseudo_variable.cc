#include "dispatch/pseudo_variable.h"

#include <array>
#include <utility>

namespace steer::dispatch {
namespace {

struct VariableRow {
  std::string_view name;  // After '$'.
  PseudoVariable variable;
  bool repeated;  // By an ACK to a non-2xx and by a CANCEL.
};

// $tt: an ACK to a non-2xx carries the tag of the answer, the INVITE had none. $rm: ACK and CANCEL
// are methods of their own. The rest that is not repeated may be left out or differ.
constexpr std::array kVariables{
    VariableRow{"ci", PseudoVariable::kCallId, true},
    VariableRow{"cs", PseudoVariable::kCseq, true},
    VariableRow{"rm", PseudoVariable::kMethod, false},
    VariableRow{"ru", PseudoVariable::kRequestUri, true},
    VariableRow{"rU", PseudoVariable::kRequestUser, true},
    VariableRow{"rd", PseudoVariable::kRequestHost, true},
    VariableRow{"rp", PseudoVariable::kRequestPort, true},
    VariableRow{"fu", PseudoVariable::kFromUri, true},
    VariableRow{"fU", PseudoVariable::kFromUser, true},
    VariableRow{"fd", PseudoVariable::kFromHost, true},
    VariableRow{"ft", PseudoVariable::kFromTag, true},
    VariableRow{"tu", PseudoVariable::kToUri, true},
    VariableRow{"tU", PseudoVariable::kToUser, true},
    VariableRow{"td", PseudoVariable::kToHost, true},
    VariableRow{"tt", PseudoVariable::kToTag, false},
    VariableRow{"si", PseudoVariable::kSourceIp, true},
    VariableRow{"sp", PseudoVariable::kSourcePort, true},
    VariableRow{"Ri", PseudoVariable::kReceivedIp, true},
    VariableRow{"Rp", PseudoVariable::kReceivedPort, true},
    VariableRow{"ua", PseudoVariable::kUserAgent, false},
    VariableRow{"au", PseudoVariable::kAuthUser, false},
    VariableRow{"pr", PseudoVariable::kProtocol, true},
    VariableRow{"ml", PseudoVariable::kMessageLength, false},
};
static_assert(kVariables.size() + 2 == std::to_underlying(PseudoVariable::kCount),
              "all but the literal and $hdr(Name), which have no row");

constexpr std::string_view kHeaderOpen = "hdr(";

constexpr bool is_token_char(char c) noexcept {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
         c == '.' || c == '_' || c == '!' || c == '%' || c == '*' || c == '+' || c == '`' ||
         c == '\'' || c == '~';
}

std::unexpected<Error> mistake(std::size_t at, std::string text) {
  return std::unexpected{Error{std::to_string(at + 1), std::move(text)}};
}

std::string known_variables() {
  std::string names;
  for (const VariableRow& row : kVariables) {
    names.append("$").append(row.name).append(" ");
  }
  return names + "$hdr(Name)";
}

// Reads the variable that follows the '$' at `at`; returns how many octets it took, '$' included.
Result<std::size_t> read_variable(std::string_view text, std::size_t at, PseudoVariablePart& part) {
  const std::string_view rest = text.substr(at + 1);
  if (rest.starts_with(kHeaderOpen)) {
    const std::size_t close = rest.find(')');
    const std::string_view name = rest.substr(kHeaderOpen.size(), close - kHeaderOpen.size());
    bool good = close != std::string_view::npos && !name.empty();
    for (const char c : name) {
      good = good && is_token_char(c);
    }
    if (!good) return mistake(at, "$hdr( needs a header field name and ')', as in $hdr(X-Account)");
    part = {PseudoVariable::kHeader, std::string{name}};
    return 1 + close + 1;
  }
  for (const VariableRow& row : kVariables) {
    if (rest.substr(0, row.name.size()) == row.name) {
      part = {row.variable, {}};
      return 1 + row.name.size();
    }
  }
  return mistake(at, "unknown variable '$" + std::string{rest.substr(0, 2)} + "'; known are " +
                         known_variables() + " (write $$ for a dollar sign)");
}

}  // namespace

Result<PseudoVariableFormat> parse_pseudo_variables(std::string_view text) {
  PseudoVariableFormat format{std::string{text}, {}};
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) format.parts.push_back({PseudoVariable::kLiteral, std::move(literal)});
    literal.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '$' || text.substr(at, 2) == "$$") {
      literal += text[at];
      at += text[at] == '$' ? 2 : 1;
      continue;
    }
    end_literal();
    PseudoVariablePart part;
    const Result<std::size_t> taken = read_variable(text, at, part);
    if (!taken) return std::unexpected{taken.error()};
    format.parts.push_back(std::move(part));
    at += *taken;
  }
  end_literal();
  if (format.parts.empty()) return mistake(0, "empty; name at least one variable, as in \"$fU\"");
  return format;
}

bool repeated_by_ack_and_cancel(PseudoVariable variable) noexcept {
  if (variable == PseudoVariable::kLiteral) return true;
  for (const VariableRow& row : kVariables) {
    if (row.variable == variable) return row.repeated;
  }
  return false;  // $hdr(Name): nobody promises that an ACK repeats it.
}

std::string spelling_of(const PseudoVariablePart& part) {
  if (part.variable == PseudoVariable::kLiteral) return part.text;
  std::string text{"$"};
  if (part.variable == PseudoVariable::kHeader) {
    return text.append(kHeaderOpen).append(part.text).append(")");
  }
  for (const VariableRow& row : kVariables) {
    if (row.variable == part.variable) return text.append(row.name);
  }
  return "?";
}

}  // namespace steer::dispatch
