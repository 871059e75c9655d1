#include "config/lint_fix.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/attributes.h"
#include "config/list_lines.h"
#include "config/suggestion.h"
#include "core/base/address.h"
#include "core/base/limits.h"
#include "core/sip/chars.h"

namespace steer::config {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::uint32_t kFlagsMax = 63;
constexpr std::array<std::string_view, 3> kProbeModes{"all", "probing-only", "none"};

// The line with something else in place of the octets from `at` on.
std::string replaced(std::string_view line, std::size_t at, std::size_t size,
                     std::string_view with) {
  std::string out{line.substr(0, at)};
  out += with;
  out += line.substr(std::min(at + size, line.size()));
  return out;
}

std::string_view meant(const FixInputs& inputs) {
  return inputs.line.substr(inputs.at, inputs.size);
}

std::optional<std::string> with(const FixInputs& inputs, std::string_view text) {
  return replaced(inputs.line, inputs.at, inputs.size, text);
}

// What stands in columns 3 and 4 if nothing is to be said there.
std::string_view plain_columns(Dialect dialect, std::size_t column) {
  const bool is_weight = dialect == Dialect::kOpensips;
  if (column == 2) return is_weight ? "0 1 " : "0 0 ";
  return is_weight ? "1 " : "0 ";
}

// The columns of the line. False: there are too many, or it is no text.
bool cut(std::string_view line, ListLine& columns) {
  Diagnostics unheard;
  const std::string file;
  ListContext context{file, unheard};
  const std::vector<ListLine> lines = split_list(line, context);
  if (lines.size() != 1) return false;
  columns = lines.front();
  return true;
}

std::string semicolons(std::string_view attributes) {
  std::string out{attributes};
  for (std::size_t at = comma_before_key(out); at != std::string::npos;
       at = comma_before_key(out)) {
    out[at] = ';';
  }
  return out;
}

// OpenSIPS has a column for the weight.
std::optional<std::string_view> column_weight(std::string_view attribute, Dialect dialect) {
  constexpr std::string_view kKey = "weight=";
  if (dialect != Dialect::kOpensips || !attribute.starts_with(kKey)) return std::nullopt;
  attribute.remove_prefix(kKey.size());
  if (!parse_number(attribute, kWeightMax)) return std::nullopt;
  return attribute;
}

// "weight=5" in column 3 or 4, with nothing behind it: the columns before it are put in.
std::optional<std::string> moved_to_column_5(const FixInputs& inputs) {
  ListLine columns;
  if (!cut(inputs.line, columns)) return std::nullopt;
  for (const std::size_t column : {2UZ, 3UZ}) {
    const ListField& field = columns.fields[column];
    if (field.column != inputs.at + 1) continue;
    if (columns.fields[column + 1].given()) return std::nullopt;
    if (const auto weight = column_weight(meant(inputs), inputs.dialect)) {
      return with(inputs, (column == 2 ? "0 " : "") + std::string{*weight});
    }
    return with(inputs,
                std::string{plain_columns(inputs.dialect, column)} + semicolons(meant(inputs)));
  }
  return std::nullopt;
}

// "sip:host;weight=5": out of the URI, to the attributes.
std::optional<std::string> moved_out_of_uri(const FixInputs& inputs) {
  if (inputs.at == 0 || inputs.line[inputs.at - 1] != ';') return std::nullopt;
  const std::string attribute{meant(inputs)};
  std::string line = replaced(inputs.line, inputs.at - 1, inputs.size + 1, "");
  ListLine columns;
  if (attribute.find('=') == std::string::npos || !cut(line, columns)) return std::nullopt;
  const auto weight = column_weight(attribute, inputs.dialect);
  if (weight && columns.fields[3].given()) {
    return replaced(line, columns.fields[3].column - 1, columns.fields[3].text.size(), *weight);
  }
  std::size_t last = 1;
  while (last + 1 < ListLine::kFieldCountMax && columns.fields[last + 1].given()) {
    ++last;
  }
  const ListField& field = columns.fields[last];
  if (!field.given()) return std::nullopt;
  std::string added = last == 4 ? ";" : " ";
  if (weight) {
    added += (last == 1 ? "0 " : "") + std::string{*weight};
  } else {
    if (last == 1 || last == 2) added += plain_columns(inputs.dialect, last + 1);
    added += attribute;
  }
  line.insert(field.column - 1 + field.text.size(), added);
  return line;
}

// "a=b; c=d": one word. Other text becomes a comment.
std::optional<std::string> joined_or_comment(const FixInputs& inputs) {
  const std::string_view rest = inputs.line.substr(inputs.at);
  if (rest.substr(0, rest.find_first_of(kBlanks)).find('=') == std::string_view::npos) {
    return replaced(inputs.line, inputs.at, 0, "# ");
  }
  std::string line{inputs.line.substr(0, inputs.at)};
  std::size_t at = inputs.at;
  while (at < inputs.line.size() && inputs.line[at] != '#') {
    const std::size_t end = std::min(inputs.line.find_first_of(kBlanks, at), inputs.line.size());
    const std::string_view word = inputs.line.substr(at, end - at);
    line.erase(line.find_last_not_of(" \t;,") + 1);
    const std::size_t begin = word.find_first_not_of(";,");
    if (begin != std::string_view::npos) line += ";" + std::string{word.substr(begin)};
    at = std::min(inputs.line.find_first_not_of(kBlanks, end), inputs.line.size());
  }
  if (at < inputs.line.size()) line += " ";
  line += inputs.line.substr(at);
  return line;
}

std::optional<std::string> mended_set_id(const FixInputs& inputs) {
  const std::string_view word = meant(inputs);
  if (word.starts_with("sip:")) return replaced(inputs.line, inputs.at, 0, "1 ");
  const std::size_t digits = word.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
  if (!word.substr(digits).starts_with("sip")) return std::nullopt;
  return replaced(inputs.line, inputs.at + digits, 0, " ");
}

// "2001:db8::1:5060": what follows the last colon is a port if the rest is an address without it
// and it would be an odd end of one.
std::optional<std::string> bracketed(const FixInputs& inputs) {
  const std::string_view word = meant(inputs);
  const std::string_view host = word.substr(0, word.find_first_of(";?"));
  const std::size_t colon = host.rfind(':');
  if (host.starts_with('[') || colon == std::string_view::npos) return std::nullopt;
  const std::string_view tail = host.substr(colon + 1);
  std::string mended;
  if (tail.size() >= 4 && parse_port(tail) && parse_ip(host.substr(0, colon), 0)) {
    mended = "[" + std::string{host.substr(0, colon)} + "]:" + std::string{tail};
  } else if (parse_ip(host, 0)) {
    mended = "[" + std::string{host} + "]";
  }
  if (mended.empty()) return std::nullopt;
  return replaced(inputs.line, inputs.at, host.size(), mended);
}

// After host and port of the URI that begins at `at`.
std::size_t host_end(std::string_view line, std::size_t at) {
  return std::min(line.find_first_of(" \t;?", at), line.size());
}

std::optional<std::uint32_t> flags_of(std::string_view word) {
  const bool is_hexadecimal = word.starts_with("0x") || word.starts_with("0X");
  if (!is_hexadecimal) return parse_number(word, kFlagsMax);
  std::uint32_t flags = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, problem] = std::from_chars(word.data() + 2, end, flags, 16);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return flags;
}

std::optional<std::string> without_flag(const FixInputs& inputs, std::uint32_t flag) {
  const std::optional<std::uint32_t> flags = flags_of(meant(inputs));
  if (!flags) return std::nullopt;
  return with(inputs, std::to_string(*flags & ~flag));
}

// Without an item of a ';' list and one of the signs that divide it from the others.
std::optional<std::string> without_item(const FixInputs& inputs) {
  const bool follows = inputs.at != 0 && inputs.line[inputs.at - 1] == ';';
  if (!follows) return std::nullopt;
  return replaced(inputs.line, inputs.at - 1, inputs.size + 1, "");
}

std::optional<std::string> nearest_probe_mode(const FixInputs& inputs) {
  const std::string_view word = meant(inputs);
  const std::string_view mode = nearest(word.substr(word.find('=') + 1), kProbeModes);
  if (mode.empty()) return std::nullopt;
  return with(inputs, "probe=" + std::string{mode});
}

std::optional<std::string> plain_scheme(const FixInputs& inputs) {
  const std::string_view word = meant(inputs);
  if (word.starts_with("sips:")) return replaced(inputs.line, inputs.at, 5, "sip:");
  return without_item(inputs);
}

std::optional<std::string> mended_text(const FixInputs& inputs) {
  std::string line{inputs.line};
  if (inputs.rule == ListRule::kTab) {
    std::ranges::replace(line, '\t', ' ');
    return line;
  }
  if (inputs.rule == ListRule::kUriOctet && meant(inputs) == "#") {
    return replaced(line, inputs.at, 0, " ");
  }
  const bool in_uri = inputs.at != 0 && inputs.at < line.size();
  return in_uri ? with(inputs, "") : std::nullopt;
}

}  // namespace

std::uint32_t span_of(ListRule rule, std::string_view line, std::uint32_t column) {
  const std::size_t at = column - 1;
  if (at >= line.size()) return 1;
  std::size_t end = at + 1;
  switch (row_of(rule).span) {
    case RuleSpan::kPoint: break;
    case RuleSpan::kWord: end = line.find_first_of(kBlanks, at); break;
    case RuleSpan::kItem: end = line.find_first_of(" \t;", at); break;
    case RuleSpan::kLine: end = line.size(); break;
  }
  return static_cast<std::uint32_t>(std::max(std::min(end, line.size()), at + 1) - at);
}

std::optional<std::string> fix_of(const FixInputs& inputs) {
  switch (inputs.rule) {
    case ListRule::kTab:
    case ListRule::kUriOctet:
    case ListRule::kUriUser: return mended_text(inputs);
    case ListRule::kTrailingText: return joined_or_comment(inputs);
    case ListRule::kSetId: return mended_set_id(inputs);
    case ListRule::kSchemeMissing:
    case ListRule::kSchemeAdded: return replaced(inputs.line, inputs.at, 0, "sip:");
    case ListRule::kIpv6Brackets: return bracketed(inputs);
    case ListRule::kPortMissing:
      return replaced(inputs.line, host_end(inputs.line, inputs.at), 0, ":5060");
    case ListRule::kUriHeaders: return with(inputs, "");
    case ListRule::kAttributeInUri: return moved_out_of_uri(inputs);
    case ListRule::kTransportNotBuilt: return plain_scheme(inputs);
    case ListRule::kUnknownTransport:
    case ListRule::kAttributeTwice: return without_item(inputs);
    case ListRule::kAttributeInWrongColumn: return moved_to_column_5(inputs);
    case ListRule::kHexadecimalFlags: return without_flag(inputs, 0);
    case ListRule::kFlagTrying: return without_flag(inputs, 2);
    case ListRule::kFlagResetFail: return without_flag(inputs, 4);
    case ListRule::kAttributeComma: return with(inputs, ";");
    case ListRule::kNamelessWeight: return replaced(inputs.line, inputs.at, 0, "weight=");
    case ListRule::kBadProbe: return nearest_probe_mode(inputs);
    case ListRule::kSocketPortMissing:
      return replaced(inputs.line, inputs.at + inputs.size, 0, ":5060");
    case ListRule::kDuplicateDestination: return std::string{};
    default: return std::nullopt;  // Only a person knows what was meant.
  }
}

}  // namespace steer::config
