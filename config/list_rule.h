#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "config/severity.h"

// Every rule that a list of destinations can break: one table from which readers take the severity,
// `sipsteerctl lint` the id, and docs/lint.md its rows.

namespace steer::config {

enum class ListRule : std::uint8_t {
  // The text as such.
  kByteOrderMark,
  kCrLf,
  kTab,
  kNulOctet,
  kLineTooLong,
  kPeerLineBuffer,
  kTrailingText,
  kTooManyDestinations,
  kEmptyList,
  // Set id and URI.
  kSetId,
  kUriMissing,
  kUriHostMissing,
  kUriScheme,
  kSchemeMissing,
  kSchemeAdded,
  kUriOctet,
  kUriUser,
  kUriComma,
  kIpv6Brackets,
  kUriPort,
  kPortMissing,
  kUriHost,
  kUnroutableAddress,
  kUriHeaders,
  kUriGrammar,
  kAttributeInUri,
  kMaddr,
  kTransportNotBuilt,
  kUnknownTransport,
  // Flags, priority, weight.
  kAttributeInWrongColumn,
  kBadFlags,
  kHexadecimalFlags,
  kFlagTrying,
  kFlagResetFail,
  kNeverProbedBack,
  kBadPriority,
  kBadWeight,
  kWrongDialect,
  // Attributes.
  kAttributeQuote,
  kAttributeComma,
  kAttributeName,
  kAttributeTwice,
  kAttributeWithoutEffect,
  kNamelessWeight,
  kWeightsDiffer,
  kPeerWeightRange,
  kDuidEmpty,
  kDuidDuplicate,
  kDuidNotAscii,
  kDuidMissing,
  kBadProbe,
  kProbeWithoutEffect,
  kSocketNotOurs,
  kSocketNotLocal,
  kSocketFamily,
  kSocketPortMissing,
  // The destination.
  kUnresolvableHost,
  kLookupForbidden,
  kAddressFamily,
  kOwnListener,
  kDuplicateDestination,
  kSameServer,
  // The set.
  kEmptySet,
  kUnusedSet,
  kSetWithoutTraffic,
  kWeightlessSet,
  kPriorityWithoutEffect,
  kWeightSumLow,
  kWeightSumHigh,
  kWeightsIgnored,
  kNone,  // Not about a list. Has no row.
};

// Where its rule can be broken.
enum class RuleDialect : std::uint8_t { kBoth, kKamailio, kOpensips };

// What must be known to look.
enum class RuleNeed : std::uint8_t {
  kNothing,
  kConfig,   // Our listeners and routes.
  kResolve,  // Name service, addresses of this machine.
};

// How much of the line is meant, from the column on.
enum class RuleSpan : std::uint8_t {
  kPoint,  // One octet.
  kWord,   // Up to the next blank.
  kItem,   // Up to the next ';' or blank.
  kLine,   // Up to the end.
};

struct ListRuleRow {
  ListRule rule = ListRule::kNone;
  std::string_view id;  // Stable: people write it into their scripts.
  Severity severity = Severity::kError;
  RuleSpan span = RuleSpan::kWord;
  RuleDialect dialect = RuleDialect::kBoth;
  RuleNeed need = RuleNeed::kNothing;
  bool lint_only = false;    // The daemon says nothing of it, `-c --strict` does.
  std::string_view meaning;  // For the document: what happens.
  std::string_view bad;      // Breaks it, and `good` breaks none. Empty: too long to show.
  std::string_view good;
  std::string_view opensips_bad{};  // In OpenSIPS's lists, if that differs.
  std::string_view opensips_good{};

  std::string_view bad_in(bool opensips) const {
    return opensips && !opensips_bad.empty() ? opensips_bad : bad;
  }
  std::string_view good_in(bool opensips) const {
    return opensips && !opensips_good.empty() ? opensips_good : good;
  }
};

// In the order of the enumeration.
std::span<const ListRuleRow> list_rules() noexcept;

const ListRuleRow& row_of(ListRule rule) noexcept;  // Never for kNone.

}  // namespace steer::config
