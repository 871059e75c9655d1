#include "config/lint_reference.h"

#include <array>
#include <string_view>

#include "config/lint.h"
#include "config/lint_text.h"
#include "config/list_rule.h"

namespace steer::config {
namespace {

constexpr std::string_view kHead =
    R"(# sipsteerctl lint

Looks a list of destinations over without a daemon: all that a reload would refuse or warn of, and what
Kamailio or OpenSIPS would make of the list if it is carried over. This page is made from the table that
the readers themselves use. Do not edit it: change `config/list_rule.cc` and run the config tests with
`STEER_UPDATE_DOCS=1`.

```
sipsteerctl lint FILE [--dialect kamailio|opensips] [--json] [--strict] [--resolve] [--config sipsteer.toml]
```

| option | meaning |
|---|---|
| `FILE` | the list; `-`: standard input. With `--config` it may be left out: the list that the file names |
| `--dialect` | how to read it: `kamailio` unless told otherwise, or what `--config` says |
| `--json` | JSON: one object per finding |
| `--strict` | warnings fail, too |
| `--resolve` | looks host names up, and compares `socket=` with the addresses of this machine |
| `--config` | compares the list with listeners and routes of this `sipsteer.toml` |

| severity | meaning | exit code |
|---|---|---|
| error | refused: a reload keeps the old list | 1 |
| warning | taken, but probably not meant so | 0; with `--strict` 1 |
| note | for information; often about another program | 0 |

Wrong usage is exit code 2. `sipsteer -c --strict` holds the same rules against every list that it reads.
Without `--resolve` and `--config` nothing but the list is looked at.

)";

constexpr std::string_view kExampleFile = "dispatcher.list";
constexpr std::string_view kExample =
    "# old gateways\n"
    "1 sip:192.0.2.11:5060;weight=10\n"
    "1 sip:192.0.2.12:5060 10 rweight=50,maxload=80\n"
    "2 sip:192.0.2.21:5060 8 0 duid=a;weight=70\n"
    "2 sip:192.0.2.22:5060 8 0 duid=b;weight=20; region=eu\n"
    "2 sip:2001:db8::23:5060 2 0 duid=c\n"
    "3 sip:192.0.2.31:5060 1\n";

constexpr std::string_view kJsonText = R"(
With `--json` each finding is an object; `column` and `size` count octets, `fix` is the whole line as it
should be, an empty one if it should go, `null` if only a person can know:

```
$ sipsteerctl lint dispatcher.list --json | python3 -c '
import json, sys
for each in json.load(sys.stdin)["findings"]:
    print(each["line"], each["column"], each["severity"], each["rule"], each["fix"])'
)";

constexpr std::string_view kRulesHead = R"(
## Rules

The ids are stable. *lint*: said by `sipsteerctl lint` and `sipsteer -c --strict` alone, the others at
each start and reload, too. Rules about attributes that Kamailio alone has come in OpenSIPS's lists after
`wrong-dialect`. What is said of Kamailio was seen with version 5.6.3; OpenSIPS read lists from
files up to 1.7.
)";

struct Section {
  ListRule first;
  std::string_view title;
};
constexpr std::array kSections{
    Section{ListRule::kByteOrderMark, "The text"},
    Section{ListRule::kSetId, "Set id and URI"},
    Section{ListRule::kAttributeInWrongColumn, "Flags, priority, weight"},
    Section{ListRule::kAttributeQuote, "Attributes"},
    Section{ListRule::kUnresolvableHost, "Destinations"},
    Section{ListRule::kEmptySet, "Sets"}};

constexpr std::string_view kHexDigits = "0123456789abcdef";

// A cell of a table; lines below each other, octets that are not seen as \xNN.
std::string code(std::string_view text) {
  if (text.empty()) return {};
  std::string out = "`";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (text[i] == '\n' && i + 1 == text.size()) {
      out += "\\n";
    } else if (text[i] == '\n') {
      out += "`<br>`";
    } else if (octet >= 0x20 && octet < 0x7f) {
      out += text[i];
    } else {
      out += "\\x";
      out += kHexDigits[octet >> 4];
      out += kHexDigits[octet & 0xf];
    }
  }
  return out + "`";
}

std::string_view dialect_text(RuleDialect dialect) {
  switch (dialect) {
    case RuleDialect::kBoth: return "both";
    case RuleDialect::kKamailio: return "kamailio";
    case RuleDialect::kOpensips: return "opensips";
  }
  return "";
}

std::string_view need_text(RuleNeed need) {
  switch (need) {
    case RuleNeed::kNothing: return "";
    case RuleNeed::kConfig: return " With `--config`.";
    case RuleNeed::kResolve: return " With `--resolve`.";
  }
  return "";
}

// An example, and that of OpenSIPS's lists if it differs.
std::string both(std::string_view kamailio, std::string_view opensips) {
  if (opensips.empty()) return code(kamailio);
  return code(kamailio) + "<br>opensips: " + code(opensips);
}

std::string row_text(const ListRuleRow& row) {
  return "| `" + std::string{row.id} + "` | " + std::string{name_of(row.severity)} +
         (row.lint_only ? ", *lint*" : "") + " | " + std::string{dialect_text(row.dialect)} +
         " | " + std::string{row.meaning} + std::string{need_text(row.need)} + " | " +
         both(row.bad, row.opensips_bad) + " | " + both(row.good, row.opensips_good) + " |\n";
}

LintResult example() {
  const std::string file{kExampleFile};
  return lint_list(kExample, {.file = file});
}

std::string example_text() {
  const LintResult result = example();
  std::string text = "```\n$ cat dispatcher.list\n" + std::string{kExample} +
                     "$ sipsteerctl lint dispatcher.list\n" + lint_text(result, kExampleFile, {}) +
                     "$ echo $?\n1\n```\n";
  text += kJsonText;
  for (const Finding& each : result.findings) {
    text += std::to_string(each.line) + " " + std::to_string(each.column) + " " +
            std::string{name_of(each.severity)} + " " + std::string{row_of(each.rule).id} + " " +
            each.fix.value_or("None") + "\n";
  }
  return text + "```\n";
}

}  // namespace

std::string lint_reference_markdown() {
  std::string text{kHead};
  text += example_text();
  text += kRulesHead;
  const Section* next = kSections.begin();
  for (const ListRuleRow& row : list_rules()) {
    if (next != kSections.end() && row.rule == next->first) {
      text += "\n### " + std::string{next->title} +
              "\n\n| rule | severity | dialect | what it is about | instead of | write |\n"
              "|---|---|---|---|---|---|\n";
      ++next;
    }
    text += row_text(row);
  }
  return text;
}

}  // namespace steer::config
