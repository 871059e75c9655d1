#include "config/settings_reader.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "config/keys.h"
#include "config/listen_text.h"
#include "config/mode_store.h"
#include "config/settings_store.h"
#include "config/toml_document.h"
#include "config/value_check.h"
#include "core/base/assert.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

constexpr std::size_t kTableCountMax = 10'000;  // Of one kind.

// The value as toml writes it, for the few that are compared with a row's `harmless`.
std::string literal_of(const TomlNode& node) {
  if (node.kind == TomlKind::kText) return toml_quoted(node.text);
  if (node.kind == TomlKind::kBoolean) return node.boolean ? "true" : "false";
  return {};
}

// Walks the document along the table of keys.
class Reader {
 public:
  Reader(const TomlDocument& document, Settings& settings, Diagnostics& diagnostics)
      : document_{document}, settings_{settings}, diagnostics_{diagnostics} {}

  void run() {
    push_children(document_.nodes[0], {}, {.settings = &settings_});
    while (!todo_.empty()) {
      const Visit visit = std::move(todo_.back());
      todo_.pop_back();
      take(visit);
    }
    finish_listeners();
    finish_sets();
    finish_routes();
    finish_health();
    check_timers(settings_, diagnostics_);
  }

 private:
  // A node that still has to be looked at.
  struct Visit {
    const TomlNode* node = nullptr;
    std::string path;
    StoreTarget target;
  };

  void push_children(const TomlNode& table, const std::string& path, StoreTarget target) {
    for (std::size_t i = table.children.size(); i-- > 0;) {  // The stack turns them round again.
      const TomlNode& child = document_.nodes[table.children[i]];
      todo_.push_back({&child, path.empty() ? child.key : path + "." + child.key, target});
    }
  }

  void take(const Visit& visit) {
    const KeyRow* row = find_key(visit.path);
    if (row == nullptr) {
      take_section(visit);
      return;
    }
    const StoreTarget& target = visit.target;
    if (target.route == nullptr && target.listen == nullptr && target.set == nullptr) {
      settings_.places[visit.path] = document_.place_of(*visit.node);
    }
    if (!row->not_built.empty()) {
      if (!row->harmless.empty() && literal_of(*visit.node) == row->harmless) return;
      diagnostics_.error(document_.key_place_of(*visit.node),
                         visit.path + " is not built yet; " + std::string{row->not_built});
      return;
    }
    if (row->type == KeyType::kListen) {
      take_listeners(*visit.node);
      return;
    }
    const std::optional<KeyValue> value = check_value(*row, document_, *visit.node, diagnostics_);
    if (value) {
      store_value(row->id, *value, visit.target, diagnostics_);
    } else if (row->id == KeyId::kDestinationsSource) {
      settings_.source.clear();
    } else if (row->id == KeyId::kRouteSet) {
      visit.target.route->has_set = true;  // One mistake, one message.
    } else if (row->id == KeyId::kSetId) {
      visit.target.set->refused = true;
    } else if (row->id == KeyId::kListenAddress) {
      visit.target.listen->refused = true;
    }
    if (value && row->id == KeyId::kRouteSet) visit.target.route->has_set = true;
  }

  void take_section(const Visit& visit) {
    const TomlNode& node = *visit.node;
    if (!is_section(visit.path)) {
      diagnostics_.error(
          document_.key_place_of(node),
          "unknown key " + quote(visit.path) + suggest_key(visit.path) + unknown_cure(visit.path));
      return;
    }
    if (visit.path == "route") {
      take_tables(node, "route", routes_);
    } else if (visit.path == "set") {
      take_tables(node, "set", sets_);
    } else if (node.kind == TomlKind::kTable) {
      push_children(node, visit.path, visit.target);
    } else {
      diagnostics_.error(document_.place_of(node),
                         visit.path + " is a table; write its keys below [" + visit.path + "]");
    }
  }

  static std::string unknown_cure(const std::string& path) {
    return suggest_key(path).empty() ? "; delete it, docs/config.md lists all keys" : std::string{};
  }

  static Place& place_of(RouteDraft& draft) { return draft.definition.place; }
  static Place& place_of(SetDraft& draft) { return draft.settings.place; }
  StoreTarget target_of(RouteDraft& draft) { return {.settings = &settings_, .route = &draft}; }
  StoreTarget target_of(SetDraft& draft) { return {.settings = &settings_, .set = &draft}; }

  // The tables of one [[name]], each into a draft of its own.
  template <class Draft>
  void take_tables(const TomlNode& node, const std::string& name, std::deque<Draft>& drafts) {
    const bool tables =
        node.kind == TomlKind::kArray && std::ranges::all_of(node.children, [&](std::size_t child) {
          return document_.nodes[child].kind == TomlKind::kTable;
        });
    if (!tables) {
      diagnostics_.error(
          node.key_line != 0 ? document_.key_place_of(node) : document_.place_of(node),
          name + "s are a list of tables; head each with [[" + name + "]], two brackets");
      return;
    }
    if (node.children.size() > kTableCountMax) {
      diagnostics_.error(document_.key_place_of(node),
                         "more than 10000 " + name + "s; join some of them");
      return;
    }
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const TomlNode& child = document_.nodes[node.children[i]];
      place_of(drafts.emplace_back()) = document_.place_of(child);
    }
    for (std::size_t i = node.children.size(); i-- > 0;) {
      const TomlNode& child = document_.nodes[node.children[i]];
      push_children(child, name, target_of(drafts[i]));
    }
  }

  void take_listeners(const TomlNode& node) {
    std::vector<const TomlNode*> items{&node};
    if (node.kind == TomlKind::kArray) {
      items.clear();
      for (const std::size_t child : node.children) {
        items.push_back(&document_.nodes[child]);
      }
    }
    settings_.listen.clear();
    if (items.empty()) {
      diagnostics_.error(document_.place_of(node),
                         "listen is empty; write [\"udp:0.0.0.0:5060\"] or delete the line");
    }
    for (const TomlNode* item : items) {
      ListenDraft& draft = listeners_.emplace_back();
      draft.spec.place = document_.place_of(*item);
      const StoreTarget target{.settings = &settings_, .listen = &draft};
      if (item->kind == TomlKind::kTable) {
        push_children(*item, "listen", target);
      } else if (item->kind == TomlKind::kText) {
        KeyValue value;
        value.place = document_.place_of(*item);
        value.text = item->text;
        store_value(KeyId::kListenAddress, value, target, diagnostics_);
      } else {
        draft.refused = true;
        diagnostics_.error(draft.spec.place,
                           "a listener is a string such as \"udp:0.0.0.0:5060\" "
                           "or a table with address = \"udp:0.0.0.0:5060\"");
      }
    }
  }

  void finish_listeners() {
    if (listeners_.size() > kListenerCountMax) {
      diagnostics_.error(listeners_[kListenerCountMax].spec.place,
                         "more than 64 listeners; a wildcard address serves all local ones");
    }
    for (const ListenDraft& draft : listeners_) {
      const ListenSpec& spec = draft.spec;
      if (draft.refused) continue;
      if (!draft.has_address) {
        diagnostics_.error(spec.place,
                           "this listener has no address; add address = \"udp:0.0.0.0:5060\"");
        continue;
      }
      const bool twice = std::ranges::any_of(settings_.listen, [&](const ListenSpec& other) {
        return other.transport == spec.transport && other.address == spec.address;
      });
      if (twice) {
        diagnostics_.error(spec.place, listen_text(spec.transport, spec.address) +
                                           " is listed twice; delete one of them");
        continue;
      }
      settings_.listen.push_back(spec);
    }
  }

  void finish_sets() {
    for (const SetDraft& draft : sets_) {
      if (draft.refused) continue;
      if (!draft.has_id) {
        diagnostics_.error(draft.settings.place,
                           "this set has no id; write id = 1 or another id of the list");
        continue;
      }
      const bool twice = std::ranges::any_of(
          settings_.sets, [&](const SetSettings& other) { return other.id == draft.settings.id; });
      if (twice) {
        diagnostics_.error(draft.settings.place, "set " + std::to_string(draft.settings.id.value) +
                                                     " has a [[set]] already; join the two");
        continue;
      }
      settings_.sets.push_back(draft.settings);
    }
  }

  void finish_routes() {
    const RouteDraft* catches_all = nullptr;
    for (RouteDraft& draft : routes_) {
      finish_route(draft, settings_.dialect, diagnostics_);
      if (catches_all != nullptr) {
        diagnostics_.warning(
            draft.definition.place,
            "this route is never reached: the one in line " +
                std::to_string(catches_all->definition.place.line) +
                " has no match and takes everything; move that one to the end or delete this");
      } else if (matches_everything(draft.definition.match)) {
        catches_all = &draft;
      }
      settings_.routes.push_back(draft.definition);
    }
  }

  void finish_health() {
    if (settings_.health.timeout <= settings_.health.interval) return;
    diagnostics_.error(settings_.place_of("health.timeout"),
                       "health.timeout is longer than health.interval, so probes of one target "
                       "would overlap; lower the timeout or raise the interval");
  }

  const TomlDocument& document_;
  Settings& settings_;
  Diagnostics& diagnostics_;
  std::vector<Visit> todo_;
  std::deque<ListenDraft> listeners_;  // Visits point into these three.
  std::deque<RouteDraft> routes_;
  std::deque<SetDraft> sets_;
};

// The defaults as a sipsteer.toml, made from the table of keys.
std::string default_text() {
  std::string text;
  std::string_view section;
  for (const KeyRow& row : key_table()) {
    if (is_repeated(row) || row.default_text.empty() || !row.not_built.empty()) continue;
    const std::size_t dot = row.path.find('.');
    const std::string_view own =
        dot == std::string_view::npos ? std::string_view{} : row.path.substr(0, dot);
    if (own != section) text += "[" + std::string{own} + "]\n";
    section = own;
    text += std::string{row.path.substr(own.empty() ? 0 : dot + 1)} + " = " +
            std::string{row.default_text} + "\n";
  }
  return text;
}

}  // namespace

Settings default_settings(std::string_view file) {
  Settings settings;
  settings.file = file;
  Diagnostics diagnostics;
  const std::optional<TomlDocument> document = parse_toml(default_text(), file, diagnostics);
  STEER_ASSERT(document.has_value());
  Reader{*document, settings, diagnostics}.run();
  STEER_ASSERT(!diagnostics.has_errors());
  settings.places.clear();
  return settings;
}

std::optional<Settings> read_settings_text(std::string_view text, std::string_view file,
                                           Diagnostics& diagnostics) {
  const std::optional<TomlDocument> document = parse_toml(text, file, diagnostics);
  if (!document) return std::nullopt;
  Settings settings = default_settings(file);
  Reader{*document, settings, diagnostics}.run();
  return settings;
}

}  // namespace steer::config
