#include "admin/journal.h"

#include <algorithm>
#include <exception>
#include <limits>

#include <fmt/format.h>

#include "admin/json.h"
#include "admin/rfc3339.h"
#include "core/base/base64.h"
#include "core/base/hash.h"
#include "core/base/limits.h"

namespace steer::admin {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr Seed kChecksumSeed{0x6a6f'7572'6e61'6c21};

// Over the members in their order, which Json keeps.
std::string checksum_of(const Json& json) {
  return fmt::format("{:016x}", TableHasher{kChecksumSeed}(write(json)));
}

// --- Values to JSON --------------------------------------------------------------------------

std::string_view word_of(dispatch::Intent intent) {
  return intent == dispatch::Intent::kDisabled ? "disabled" : "draining";
}

bool is_ascii(char each) {
  return static_cast<unsigned char>(each) < 0x80;
}

// As the library that writes it judges.
bool is_utf8(const std::string& text) {
  if (std::ranges::all_of(text, is_ascii)) return true;
  try {
    return !Json(text).dump().empty();
  } catch (const std::exception&) {
    return false;
  }
}

// Lists need not be UTF-8, JSON is: what is not goes as {"base64": "..."}, since what a word is
// about must come back octet by octet.
Json text_of(const std::string& text) {
  if (is_utf8(text)) return Json(text);
  Json json = Json::object();
  json["base64"] = base64_of(text);
  return json;
}

template <class Word>
void add_common(const Word& word, Json& json) {
  json["reason"] = text_of(word.reason);
  json["since"] = rfc3339(word.since);
  if (word.until) json["until"] = rfc3339(*word.until);
}

Json json_of(const EntryWords& entry) {
  Json json = Json::object();
  json["set"] = entry.set;
  json["identity"] = text_of(entry.identity);
  json["uri"] = text_of(entry.uri);
  json["listed"] = rfc3339(entry.listed);
  if (entry.state) {
    Json& state = json["state"] = Json::object();
    state["word"] = word_of(entry.state->intent);
    add_common(*entry.state, state);
  }
  if (entry.weight) {
    Json& weight = json["weight"] = Json::object();
    weight["value"] = entry.weight->weight;
    add_common(*entry.weight, weight);
  }
  return json;
}

Json json_of(const Addition& addition) {
  Json json = Json::object();
  json["set"] = addition.set;
  json["uri"] = text_of(addition.uri);
  json["flags"] = addition.flags;
  json["priority"] = addition.priority;
  json["attributes"] = text_of(addition.attributes);
  return json;
}

// --- JSON to values --------------------------------------------------------------------------

// Takes the text's values apart. Keeps the first mistake; after it, all that it reads is empty.
class Reader {
 public:
  Journal journal(Json json) {
    Journal journal;
    const std::int64_t version =
        number(json, "version", 1, std::numeric_limits<std::int64_t>::max());
    if (version > kVersion) {
      refuse(fmt::format("version {} was written by a newer sipsteer; this one reads {}", version,
                         kVersion));
    }
    const std::string checksum = text(json, "checksum");
    if (json.is_object()) json.erase("checksum");
    if (checksum != checksum_of(json)) refuse("the checksum is wrong");
    for (const Json& each : list(json, "intents", kOperatorEntryCountMax)) {
      journal.entries.push_back(entry(each));
    }
    for (const Json& each : list(json, "additions", kAdditionCountMax)) {
      journal.additions.push_back(addition(each));
    }
    return journal;
  }

  const std::optional<std::string>& mistake() const { return mistake_; }

 private:
  void refuse(std::string text) {
    if (!mistake_) mistake_ = std::move(text);
  }

  // Null: `json` has none of this name.
  const Json& member(const Json& json, const char* name) {
    if (json.is_object() && json.contains(name)) return json[name];
    refuse(fmt::format("\"{}\" is missing", name));
    return nothing_;
  }

  // The list of this name, empty after any mistake.
  const Json& list(const Json& json, const char* name, std::size_t count_max) {
    const Json& value = member(json, name);
    if (!value.is_array()) refuse(fmt::format("\"{}\" is not a list", name));
    if (value.size() > count_max) {
      refuse(fmt::format("\"{}\" has more than {} entries", name, count_max));
    }
    return mistake_ ? no_list_ : value;
  }

  std::string text(const Json& json, const char* name) {
    const Json& value = member(json, name);
    if (value.is_string()) return value.get<std::string>();
    const bool is_octets =
        value.is_object() && value.contains("base64") && value["base64"].is_string();
    if (is_octets) {
      std::optional<std::string> octets =
          octets_of_base64(value["base64"].get_ref<const std::string&>());
      if (octets) return *std::move(octets);
    }
    refuse(fmt::format("\"{}\" is not a string", name));
    return {};
  }

  std::int64_t number(const Json& json, const char* name, std::int64_t least, std::int64_t most) {
    const Json& value = member(json, name);
    // The library keeps a number from 2^63 on unsigned and would wrap it round.
    const bool wraps = value.is_number_unsigned() &&
                       value.get<std::uint64_t>() >
                           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const bool readable = value.is_number_integer() && !wraps;
    const std::int64_t read = readable ? value.get<std::int64_t>() : 0;
    if (readable && read >= least && read <= most) return read;
    refuse(fmt::format("\"{}\" is not a whole number from {} to {}", name, least, most));
    return least;
  }

  std::uint32_t count(const Json& json, const char* name,
                      std::uint32_t most = std::numeric_limits<std::uint32_t>::max()) {
    return static_cast<std::uint32_t>(number(json, name, 0, most));
  }

  WallTime time(const Json& json, const char* name) {
    const std::optional<WallTime> time = parse_rfc3339(text(json, name));
    if (!time) refuse(fmt::format("\"{}\" is not a time", name));
    return time.value_or(WallTime{});
  }

  template <class Word>
  void read_common(const Json& json, Word& word) {
    word.reason = text(json, "reason");
    word.since = time(json, "since");
    if (json.is_object() && json.contains("until")) word.until = time(json, "until");
  }

  StateWord state_word(const Json& json) {
    StateWord state;
    const std::string word = text(json, "word");
    if (word != "draining" && word != "disabled") refuse("\"word\" is none that we write");
    if (word == "disabled") state.intent = dispatch::Intent::kDisabled;
    read_common(json, state);
    return state;
  }

  WeightWord weight_word(const Json& json) {
    WeightWord weight{.weight = count(json, "value", kWeightMax)};
    read_common(json, weight);
    return weight;
  }

  EntryWords entry(const Json& json) {
    EntryWords entry{.set = count(json, "set"), .identity = text(json, "identity")};
    entry.uri = text(json, "uri");
    entry.listed = time(json, "listed");
    if (json.is_object() && json.contains("state")) entry.state = state_word(json["state"]);
    if (json.is_object() && json.contains("weight")) entry.weight = weight_word(json["weight"]);
    if (!entry.state && !entry.weight) refuse("an entry without a word");
    return entry;
  }

  Addition addition(const Json& json) {
    using Priority = std::numeric_limits<std::int32_t>;
    return {.set = count(json, "set"),
            .uri = text(json, "uri"),
            .flags = count(json, "flags"),
            .priority = static_cast<std::int32_t>(
                number(json, "priority", Priority::min(), Priority::max())),
            .attributes = text(json, "attributes")};
  }

  std::optional<std::string> mistake_;
  const Json nothing_;
  const Json no_list_ = Json::array();
};

}  // namespace

std::string write_journal(const Journal& journal) {
  Json json = Json::object();
  json["version"] = kVersion;
  Json& entries = json["intents"] = Json::array();
  for (const EntryWords& entry : journal.entries) {
    entries.push_back(json_of(entry));
  }
  Json& additions = json["additions"] = Json::array();
  for (const Addition& addition : journal.additions) {
    additions.push_back(json_of(addition));
  }
  json["checksum"] = checksum_of(json);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Journal> read_journal(std::string_view text) {
  if (text.size() > kJournalSizeMax) return std::unexpected{Error{"", "it is too large"}};
  try {
    Reader reader;
    Journal journal = reader.journal(Json::parse(text));
    if (reader.mistake()) return std::unexpected{Error{"", *reader.mistake()}};
    return journal;
  } catch (const std::exception&) {
    return std::unexpected{Error{"", "it is no whole JSON text"}};
  }
}

}  // namespace steer::admin
