#include "config/list_rule.h"

#include <array>
#include <string_view>

#include "core/base/assert.h"

namespace steer::config {
namespace {

using enum ListRule;
using enum Severity;
using enum RuleSpan;
using enum RuleNeed;
using std::string_view_literals::operator""sv;

constexpr RuleDialect kAny = RuleDialect::kBoth;
constexpr RuleDialect kK = RuleDialect::kKamailio;
constexpr RuleDialect kO = RuleDialect::kOpensips;
constexpr bool kAlways = false;
constexpr bool kLintOnly = true;

// What is said of Kamailio was seen with 5.6.3; OpenSIPS had lists as files up to 1.7.
// In the examples of both dialects column 4 is 1: a weight of 0 would be a finding.
constexpr std::array kRows{
    ListRuleRow{kByteOrderMark, "byte-order-mark", kNote, kPoint, kAny, kNothing, kAlways,
                "Skipped. Kamailio skips the whole first line with it.",
                "\xef\xbb\xbf"
                "1 sip:192.0.2.1:5060",
                "1 sip:192.0.2.1:5060"},
    ListRuleRow{kCrLf, "crlf", kNote, kPoint, kAny, kNothing, kAlways,
                "The CR is skipped; other programs may take it for part of the last word.",
                "1 sip:192.0.2.1:5060\r\n", "1 sip:192.0.2.1:5060\n"},
    ListRuleRow{kTab, "tab", kNote, kPoint, kAny, kNothing, kLintOnly,
                "Counts as one blank; columns that are counted in octets look shifted.",
                "1\tsip:192.0.2.1:5060", "1 sip:192.0.2.1:5060"},
    ListRuleRow{kNulOctet, "nul-octet", kError, kPoint, kAny, kNothing, kAlways,
                "The file is not plain text; other programs end the line there.",
                "1 sip:192.0.2.1:5060\0"sv, "1 sip:192.0.2.1:5060"},
    ListRuleRow{kLineTooLong, "line-too-long", kError, kPoint, kAny, kNothing, kAlways,
                "No line of a list has more than 64 KiB.", "", ""},
    ListRuleRow{kPeerLineBuffer, "peer-line-buffer", kNote, kPoint, kAny, kNothing, kAlways,
                "Kamailio reads 1023 octets of a line, OpenSIPS 511; the rest becomes a line of "
                "its own, with a destination if it looks like one.",
                "", ""},
    ListRuleRow{kTrailingText, "trailing-text", kError, kLine, kAny, kNothing, kAlways,
                "Attributes hold no blanks. Kamailio and OpenSIPS drop what follows without a "
                "word.",
                "1 sip:192.0.2.1:5060 0 1 site=a; rack=5",
                "1 sip:192.0.2.1:5060 0 1 site=a;rack=5"},
    ListRuleRow{kTooManyDestinations, "too-many-destinations", kError, kPoint, kAny, kNothing,
                kAlways, "A list holds at most 1,000,000 destinations.", "", ""},
    ListRuleRow{kEmptyList, "empty-list", kError, kPoint, kAny, kNothing, kAlways,
                "The list names nobody; a reload keeps the old one.", "# nobody",
                "1 sip:192.0.2.1:5060"},

    ListRuleRow{
        kSetId, "set-id", kError, kWord, kAny, kNothing, kAlways,
        "The set id is a number. Other programs read 0 where no digit stands, and go on with the "
        "rest of the word.",
        "2sip:192.0.2.1:5060", "2 sip:192.0.2.1:5060"},
    ListRuleRow{kUriMissing, "uri-missing", kError, kPoint, kAny, kNothing, kAlways,
                "A line with a set id alone. Kamailio does not start with such a list.", "1",
                "1 sip:192.0.2.1:5060"},
    ListRuleRow{kUriHostMissing, "uri-host-missing", kError, kPoint, kAny, kNothing, kAlways,
                "As happens when a web page swallows addresses.", "1 sip:", "1 sip:192.0.2.1:5060"},
    ListRuleRow{kUriScheme, "uri-scheme", kError, kItem, kAny, kNothing, kAlways,
                "A destination is a sip: URI.", "1 udp:192.0.2.1:5060", "1 sip:192.0.2.1:5060"},
    ListRuleRow{kSchemeMissing, "scheme-missing", kError, kWord, kO, kNothing, kAlways,
                "OpenSIPS refuses the whole list.", "1 192.0.2.1:5060", "1 sip:192.0.2.1:5060"},
    ListRuleRow{kSchemeAdded, "scheme-added", kWarning, kWord, kK, kNothing, kAlways,
                "sip: is put before it, as Kamailio does.", "1 192.0.2.1:5060",
                "1 sip:192.0.2.1:5060"},
    ListRuleRow{kUriOctet, "uri-octet", kError, kPoint, kAny, kNothing, kAlways,
                "An octet that RFC 3261 §25.1 allows in no URI: <>, quotes, letters outside ASCII; "
                "or a comment without a blank before it.",
                "1 sip:192.0.2.1:5060#main", "1 sip:192.0.2.1:5060 #main"},
    ListRuleRow{kUriUser, "uri-user", kError, kPoint, kAny, kNothing, kAlways,
                "Nothing stands before the '@'.", "1 sip:@192.0.2.1:5060", "1 sip:192.0.2.1:5060"},
    ListRuleRow{kUriComma, "uri-comma", kError, kPoint, kAny, kNothing, kAlways,
                "One destination a line.", "1 sip:192.0.2.1:5060,sip:192.0.2.2:5060",
                "1 sip:192.0.2.1:5060\n1 sip:192.0.2.2:5060"},
    ListRuleRow{kIpv6Brackets, "ipv6-brackets", kError, kWord, kAny, kNothing, kAlways,
                "RFC 3261 §25.1: an IPv6 address stands in brackets. Kamailio skips the line.",
                "1 sip:2001:db8::1:5060", "1 sip:[2001:db8::1]:5060"},
    ListRuleRow{kUriPort, "uri-port", kError, kItem, kAny, kNothing, kAlways,
                "A port is a number from 1 to 65535.", "1 sip:192.0.2.1:506000",
                "1 sip:192.0.2.1:50600"},
    ListRuleRow{kPortMissing, "port-missing", kNote, kItem, kAny, kNothing, kLintOnly,
                "5060 is taken; for a name Kamailio and OpenSIPS may ask DNS for SRV records (RFC "
                "3263 §4.2). Said of names, and of addresses where there are several ports: of "
                "our listeners, or of this host in the list.",
                "1 sip:192.0.2.1\n2 sip:192.0.2.1:5070",
                "1 sip:192.0.2.1:5060\n2 sip:192.0.2.1:5070"},
    ListRuleRow{kUriHost, "uri-host", kError, kItem, kAny, kNothing, kAlways,
                "Neither an address nor a host name.", "1 sip:192.0.2.256:5060",
                "1 sip:192.0.2.25:5060"},
    ListRuleRow{kUnroutableAddress, "unroutable-address", kError, kItem, kAny, kNothing, kAlways,
                "Wildcard, broadcast, multicast or link-local: not the address of one host.",
                "1 sip:0.0.0.0:5060", "1 sip:192.0.2.1:5060"},
    ListRuleRow{kUriHeaders, "uri-headers", kError, kWord, kAny, kNothing, kAlways,
                "A destination has no header fields.", "1 sip:192.0.2.1:5060?Subject=x",
                "1 sip:192.0.2.1:5060"},
    ListRuleRow{kUriGrammar, "uri-grammar", kError, kWord, kAny, kNothing, kAlways,
                "The rest of RFC 3261 §25.1: user and parameters.", "1 sip:192.0.2.1:5060;;x",
                "1 sip:192.0.2.1:5060;x"},
    ListRuleRow{kAttributeInUri, "attribute-in-uri", kError, kItem, kAny, kNothing, kAlways,
                "weight=, duid= and the like do nothing inside the URI: Kamailio keeps them as a "
                "part of its name.",
                "1 sip:192.0.2.1:5060;weight=10", "1 sip:192.0.2.1:5060 0 0 weight=10",
                "1 sip:192.0.2.1:5060;weight=10", "1 sip:192.0.2.1:5060 0 10"},
    ListRuleRow{kMaddr, "maddr", kError, kItem, kAny, kNothing, kAlways, "maddr is not followed.",
                "1 sip:192.0.2.1:5060;maddr=192.0.2.9", "1 sip:192.0.2.9:5060"},
    ListRuleRow{kTransportNotBuilt, "transport-not-built", kError, kItem, kAny, kNothing, kAlways,
                "sips, TCP and TLS are not built yet.", "1 sip:192.0.2.1:5060;transport=tcp",
                "1 sip:192.0.2.1:5060"},
    ListRuleRow{kUnknownTransport, "unknown-transport", kError, kItem, kAny, kNothing, kAlways,
                "Kamailio takes any word when it reads the list.",
                "1 sip:192.0.2.1:5060;transport=upd", "1 sip:192.0.2.1:5060"},

    ListRuleRow{
        kAttributeInWrongColumn, "attribute-in-wrong-column", kError, kWord, kAny, kNothing,
        kAlways,
        "Attributes are column 5. Kamailio takes the first word that is no number for them, "
        "others do not.",
        "1 sip:192.0.2.1:5060 site=a", "1 sip:192.0.2.1:5060 0 1 site=a"},
    ListRuleRow{kBadFlags, "bad-flags", kError, kWord, kAny, kNothing, kAlways,
                "Flags are a sum of numbers: 1 inactive, 4 disabled, 8 probing, 16 no DNS, 32 no "
                "ping; OpenSIPS: 1 inactive, 2 probing.",
                "1 sip:192.0.2.1:5060 a", "1 sip:192.0.2.1:5060 0"},
    ListRuleRow{kHexadecimalFlags, "hexadecimal-flags", kNote, kWord, kK, kNothing, kLintOnly,
                "Kamailio 5.6 and older read 0 and take the rest for attributes.",
                "1 sip:192.0.2.1:5060 0x8", "1 sip:192.0.2.1:5060 8"},
    ListRuleRow{kFlagTrying, "flag-trying", kNote, kWord, kK, kNothing, kAlways,
                "Kamailio's flag 2 is something observed; in OpenSIPS's lists 2 is probing.",
                "1 sip:192.0.2.1:5060 2", "1 sip:192.0.2.1:5060 0"},
    ListRuleRow{
        kFlagResetFail, "flag-reset-fail", kWarning, kWord, kO, kNothing, kAlways,
        "OpenSIPS's flag 4 is set and cleared by itself; in Kamailio's lists 4 is disabled.",
        "1 sip:192.0.2.1:5060 4", "1 sip:192.0.2.1:5060 0"},
    ListRuleRow{kNeverProbedBack, "never-probed-back", kWarning, kWord, kK, kNothing, kAlways,
                "Inactive until a probe succeeds (1 + 8), but never probed (16 or 32).",
                "1 sip:192.0.2.1:5060 41\n1 sip:192.0.2.2:5060",
                "1 sip:192.0.2.1:5060 9\n1 sip:192.0.2.2:5060"},
    ListRuleRow{kBadPriority, "bad-priority", kError, kWord, kK, kNothing, kAlways,
                "A priority is a number without sign.", "1 sip:192.0.2.1:5060 0 -1",
                "1 sip:192.0.2.1:5060 0 0"},
    ListRuleRow{kBadWeight, "bad-weight", kError, kItem, kAny, kNothing, kAlways,
                "A weight is a number from 0 to 65535.", "1 sip:192.0.2.1:5060 0 0 weight=50%",
                "1 sip:192.0.2.1:5060 0 0 weight=50", "1 sip:192.0.2.1:5060 0 50%",
                "1 sip:192.0.2.1:5060 0 50"},
    ListRuleRow{kWrongDialect, "wrong-dialect", kWarning, kItem, kAny, kNothing, kAlways,
                "Column 4 is a priority in Kamailio's lists and a weight in OpenSIPS's; flags and "
                "attributes differ, too. The same line means different things.",
                "1 sip:192.0.2.1:5060 8 50 maxload=9\n1 sip:192.0.2.2:5060 0 50",
                "1 sip:192.0.2.1:5060 0 1\n1 sip:192.0.2.2:5060 0 1"},

    ListRuleRow{kAttributeQuote, "attribute-quote", kError, kItem, kAny, kNothing, kAlways,
                "A quote without its partner.", "1 sip:192.0.2.1:5060 0 1 site=\"a",
                "1 sip:192.0.2.1:5060 0 1 site=\"a\""},
    ListRuleRow{kAttributeComma, "attribute-comma", kError, kPoint, kAny, kNothing, kAlways,
                "Kamailio takes all of it for one value.", "1 sip:192.0.2.1:5060 0 1 site=a,rack=5",
                "1 sip:192.0.2.1:5060 0 1 site=a;rack=5"},
    ListRuleRow{kAttributeName, "attribute-name", kError, kItem, kAny, kNothing, kAlways,
                "A value without a name.", "1 sip:192.0.2.1:5060 0 1 =5",
                "1 sip:192.0.2.1:5060 0 1 rack=5"},
    ListRuleRow{kAttributeTwice, "attribute-twice", kError, kItem, kAny, kNothing, kAlways,
                "Which one counts differs between programs.",
                "1 sip:192.0.2.1:5060 0 1 site=a;site=a", "1 sip:192.0.2.1:5060 0 1 site=a"},
    ListRuleRow{kAttributeWithoutEffect, "attribute-without-effect", kWarning, kItem, kK, kNothing,
                kAlways, "Kept and shown, but nothing acts on it yet.",
                "1 sip:192.0.2.1:5060 0 0 duid=a;maxload=100", "1 sip:192.0.2.1:5060 0 0 duid=a"},
    ListRuleRow{kNamelessWeight, "nameless-weight", kWarning, kItem, kK, kNothing, kAlways,
                "A number alone is no attribute that anybody reads.", "1 sip:192.0.2.1:5060 0 0 50",
                "1 sip:192.0.2.1:5060 0 0 weight=50"},
    ListRuleRow{kWeightsDiffer, "weights-differ", kNote, kItem, kK, kNothing, kAlways,
                "weight counts. Kamailio's algorithm 11 goes by rweight.",
                "1 sip:192.0.2.1:5060 0 0 weight=50;rweight=60",
                "1 sip:192.0.2.1:5060 0 0 weight=50;rweight=50"},
    ListRuleRow{kPeerWeightRange, "peer-weight-range", kNote, kItem, kK, kNothing, kLintOnly,
                "Kamailio knows weights from 1 to 100 and takes others for none.",
                "1 sip:192.0.2.1:5060 0 0 weight=200", "1 sip:192.0.2.1:5060 0 0 weight=100"},
    ListRuleRow{kDuidEmpty, "duid-empty", kError, kItem, kK, kNothing, kAlways,
                "A duid is the destination's own name.",
                "1 sip:192.0.2.1:5060 0 0 duid=", "1 sip:192.0.2.1:5060 0 0 duid=a"},
    ListRuleRow{kDuidDuplicate, "duid-duplicate", kError, kItem, kK, kNothing, kAlways,
                "A duid names one destination of its set. Kamailio takes both and cannot tell them "
                "apart by it.",
                "1 sip:192.0.2.1:5060 0 0 duid=a\n1 sip:192.0.2.2:5060 0 0 duid=a",
                "1 sip:192.0.2.1:5060 0 0 duid=a\n1 sip:192.0.2.2:5060 0 0 duid=b"},
    ListRuleRow{kDuidNotAscii, "duid-not-ascii", kNote, kItem, kK, kNothing, kLintOnly,
                "A name that people type, and that JSON can carry, is ASCII: otherwise tools show "
                "it damaged, and nobody can name the destination by it.",
                "1 sip:192.0.2.1:5060 0 0 duid=Z\xc3\xbcrich",
                "1 sip:192.0.2.1:5060 0 0 duid=zuerich"},
    ListRuleRow{kDuidMissing, "duid-missing", kNote, kWord, kK, kNothing, kLintOnly,
                "Others of the set have a duid, or maxload is given: Kamailio counts calls "
                "(algorithm 10) only of destinations that have one.",
                "1 sip:192.0.2.1:5060 0 0 duid=a\n1 sip:192.0.2.2:5060 0 0",
                "1 sip:192.0.2.1:5060 0 0 duid=a\n1 sip:192.0.2.2:5060 0 0 duid=b"},
    ListRuleRow{kBadProbe, "bad-probe", kError, kItem, kAny, kNothing, kAlways,
                "all, probing-only or none.", "1 sip:192.0.2.1:5060 0 1 probe=no",
                "1 sip:192.0.2.1:5060 0 1 probe=none"},
    ListRuleRow{kProbeWithoutEffect, "probe-without-effect", kWarning, kItem, kK, kNothing, kAlways,
                "The flags forbid pings (16 or 32).", "1 sip:192.0.2.1:5060 32 0 probe=all",
                "1 sip:192.0.2.1:5060 0 0 probe=all"},
    ListRuleRow{kSocketNotOurs, "socket-not-ours", kError, kItem, kAny, kConfig, kAlways,
                "socket= names one of our listeners.",
                "1 sip:192.0.2.1:5060 0 1 socket=udp:203.0.113.8:5060",
                "1 sip:192.0.2.1:5060 0 1 socket=udp:203.0.113.9:5060"},
    ListRuleRow{kSocketNotLocal, "socket-not-local", kWarning, kItem, kAny, kResolve, kLintOnly,
                "socket= is no address of this machine. Kamailio skips such a line.",
                "1 sip:192.0.2.1:5060 0 1 socket=udp:203.0.113.8:5060",
                "1 sip:192.0.2.1:5060 0 1 socket=udp:203.0.113.9:5060"},
    ListRuleRow{kSocketFamily, "socket-family", kError, kItem, kAny, kConfig, kAlways,
                "An IPv4 socket does not reach an IPv6 destination, nor the other way round.",
                "1 sip:192.0.2.1:5060 0 1 socket=udp:[2001:db8::9]:5060",
                "1 sip:192.0.2.1:5060 0 1 socket=udp:203.0.113.9:5060"},
    ListRuleRow{kSocketPortMissing, "socket-port-missing", kNote, kItem, kAny, kNothing, kLintOnly,
                "5060 is taken; Kamailio takes the port of any socket it has there.",
                "1 sip:192.0.2.1:5060 0 1 socket=udp:203.0.113.9",
                "1 sip:192.0.2.1:5060 0 1 socket=udp:203.0.113.9:5060"},

    ListRuleRow{kUnresolvableHost, "unresolvable-host", kError, kItem, kAny, kResolve, kAlways,
                "Kamailio skips the line, OpenSIPS refuses the list.",
                "1 sip:gone.example.net:5060", "1 sip:as3.core.example.net:5060"},
    ListRuleRow{kLookupForbidden, "lookup-forbidden", kError, kItem, kK, kNothing, kAlways,
                "Flag 16 forbids to look a name up, and there is no address without it.",
                "1 sip:as3.core.example.net:5060 16", "1 sip:as3.core.example.net:5060 32"},
    ListRuleRow{kAddressFamily, "address-family", kError, kItem, kAny, kConfig, kAlways,
                "No listener is of the destination's kind, IPv4 or IPv6.", "", ""},
    ListRuleRow{kOwnListener, "own-listener", kError, kItem, kAny, kConfig, kAlways,
                "The destination is one of our listeners, or what we advertise: calls would loop.",
                "1 sip:203.0.113.9:5060", "1 sip:203.0.113.9:5070"},
    ListRuleRow{kDuplicateDestination, "duplicate-destination", kError, kWord, kAny, kNothing,
                kAlways,
                "Kamailio gives it a double share and changes the state of the first only.",
                "1 sip:192.0.2.1:5060\n1 sip:192.0.2.1:5060", "1 sip:192.0.2.1:5060"},
    ListRuleRow{kSameServer, "same-server", kWarning, kWord, kAny, kNothing, kAlways,
                "Two URIs of one set, one server: it gets a double share.",
                "1 sip:a@192.0.2.1:5060\n1 sip:b@192.0.2.1:5060", "1 sip:a@192.0.2.1:5060"},

    ListRuleRow{kEmptySet, "empty-set", kError, kPoint, kAny, kNothing, kLintOnly,
                "No line of the set is of use; or, with --config, a route names a set that is not "
                "on the list.",
                "1 sip:192.0.2.1:5060\n2 sip:", "1 sip:192.0.2.1:5060\n2 sip:192.0.2.2:5060"},
    ListRuleRow{kUnusedSet, "unused-set", kWarning, kWord, kAny, kConfig, kAlways,
                "No [[route]] leads to the set.", "", ""},
    ListRuleRow{kSetWithoutTraffic, "set-without-traffic", kWarning, kWord, kAny, kNothing, kAlways,
                "All members are inactive or disabled (flag 1 or 4).",
                "1 sip:192.0.2.1:5060 1\n1 sip:192.0.2.2:5060 1",
                "1 sip:192.0.2.1:5060 0\n1 sip:192.0.2.2:5060 1"},
    ListRuleRow{kWeightlessSet, "weightless-set", kWarning, kWord, kAny, kNothing, kAlways,
                "All weights are 0: no new calls.", "1 sip:192.0.2.1:5060 0 0 weight=0",
                "1 sip:192.0.2.1:5060 0 0 weight=1", "1 sip:192.0.2.1:5060 0 0",
                "1 sip:192.0.2.1:5060 0 1"},
    ListRuleRow{kPriorityWithoutEffect, "priority-without-effect", kWarning, kWord, kK, kNothing,
                kAlways, "Priorities play no part in algorithms 0 to 7.",
                "1 sip:192.0.2.1:5060 0 0\n1 sip:192.0.2.2:5060 0 9",
                "1 sip:192.0.2.1:5060 0 0\n1 sip:192.0.2.2:5060 0 0"},
    ListRuleRow{kWeightSumLow, "weight-sum-low", kNote, kWord, kK, kNothing, kLintOnly,
                "Kamailio's algorithm 9 has 100 places and gives what is left to the destination "
                "that is first in the list among those of the lowest priority.",
                "1 sip:192.0.2.1:5060 0 0 weight=50\n1 sip:192.0.2.2:5060 0 0 weight=30",
                "1 sip:192.0.2.1:5060 0 0 weight=60\n1 sip:192.0.2.2:5060 0 0 weight=40"},
    ListRuleRow{kWeightSumHigh, "weight-sum-high", kNote, kWord, kK, kNothing, kLintOnly,
                "Kamailio's algorithm 9 has 100 places; who is first in the list gets what is left "
                "of them, which may be none.",
                "1 sip:192.0.2.1:5060 0 0 weight=70\n1 sip:192.0.2.2:5060 0 0 weight=60",
                "1 sip:192.0.2.1:5060 0 0 weight=60\n1 sip:192.0.2.2:5060 0 0 weight=40"},
    ListRuleRow{kWeightsIgnored, "weights-ignored", kNote, kWord, kK, kNothing, kLintOnly,
                "Kamailio's algorithm 9 sends all calls to the destination that is last in the "
                "list (of the highest priority) if that one has no weight.",
                "1 sip:192.0.2.1:5060 0 0 weight=100\n1 sip:192.0.2.2:5060",
                "1 sip:192.0.2.2:5060\n1 sip:192.0.2.1:5060 0 0 weight=100"},
};
static_assert(kRows.size() == static_cast<std::size_t>(kNone));

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].rule) != i) return false;
  }
  return true;
}
static_assert(in_order(), "row_of() goes by the position");

}  // namespace

std::span<const ListRuleRow> list_rules() noexcept {
  return kRows;
}

const ListRuleRow& row_of(ListRule rule) noexcept {
  STEER_ASSERT(rule < ListRule::kNone);
  return kRows[static_cast<std::size_t>(rule)];
}

}  // namespace steer::config
