#include "config/list_lines.h"

#include <algorithm>
#include <charconv>

#include "core/base/limits.h"

namespace steer::config {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr std::string_view kBlanks = " \t";

// What is read of a line at once; the rest becomes a second line.
constexpr std::size_t peer_line_size_max(Dialect dialect) {
  return dialect == Dialect::kKamailio ? 1'023 : 511;
}

// False: the line is no good, which has been said.
bool cut(std::string_view text, ListLine& line, ListContext& context) {
  std::size_t at = text.find_first_not_of(kBlanks);
  std::size_t count = 0;
  while (at != std::string_view::npos && text[at] != '#') {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    const ListField field{text.substr(at, end - at), static_cast<std::uint32_t>(at + 1)};
    if (count == ListLine::kFieldCountMax) {
      context.say(ListRule::kTrailingText, line.number, field.column,
                  "trailing text " + quote(text.substr(at)) +
                      "; attributes hold no blanks: join them with ';', or begin a comment with "
                      "'#'");
      return false;
    }
    line.fields[count++] = field;
    at = text.find_first_not_of(kBlanks, end);
  }
  return count != 0;
}

// True if the line can be looked at further.
bool is_sound(std::string_view text, std::uint32_t number, ListContext& context) {
  if (text.size() > kListLineSizeMax) {
    context.say(ListRule::kLineTooLong, number, 1,
                "the line is longer than 64 KiB; is this a list of destinations?");
    return false;
  }
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    context.say(ListRule::kNulOctet, number, nul + 1,
                "NUL octet; the list is plain text, save it as such");
    return false;
  }
  const std::size_t peer_max = peer_line_size_max(context.dialect);
  if (text.size() > peer_max) {
    const std::string peer = context.dialect == Dialect::kKamailio ? "Kamailio" : "OpenSIPS";
    context.say(ListRule::kPeerLineBuffer, number, peer_max + 1,
                "longer than the " + std::to_string(peer_max) + " octets that " + peer +
                    " reads of a line; it would take the rest for a line of its own");
  }
  return true;
}

}  // namespace

std::vector<ListLine> split_list(std::string_view text, ListContext& context) {
  std::vector<ListLine> lines;
  if (text.starts_with(kBom)) {
    text.remove_prefix(kBom.size());
    context.say(ListRule::kByteOrderMark, 1, 1,
                "byte order mark skipped; other programs stumble over it");
  }
  bool return_seen = false;
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view content = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (content.ends_with('\r')) {
      content.remove_suffix(1);
      if (!return_seen) {
        context.say(ListRule::kCrLf, number, content.size() + 1,
                    "lines end with CR LF; the CR is skipped");
      }
      return_seen = true;
    }
    if (!is_sound(content, number, context)) continue;
    ListLine line;
    line.number = number;
    if (!cut(content, line, context)) continue;
    if (lines.size() == kDestinationCountMax) {
      context.say(ListRule::kTooManyDestinations, number, 1,
                  "more than 1000000 destinations; split them over several daemons");
      break;
    }
    lines.push_back(line);
  }
  return lines;
}

std::optional<std::uint32_t> parse_number(std::string_view digits, std::uint32_t max) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool all = end == digits.data() + digits.size();
  if (problem != std::errc{} || !all || digits.empty() || number > max) return std::nullopt;
  return number;
}

std::string not_a_number(std::string_view column_name, std::string_view word,
                         std::string_view columns_before_attributes) {
  if (word.find('=') != std::string_view::npos) {
    return quote(word) + " is an attribute and stands in the column of " +
           std::string{column_name} + "; write the columns before it: URI " +
           std::string{columns_before_attributes} + " " + std::string{word.substr(0, 60)};
  }
  return std::string{column_name} + " " + quote(word) + " is not a number; ";
}

}  // namespace steer::config
