#include "tools/sipsteerctl/lint.h"

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "admin/json_text.h"
#include "config/lint.h"
#include "config/lint_text.h"
#include "config/load.h"
#include "config/read_file.h"
#include "config/resolve.h"
#include "core/base/limits.h"
#include "core/net/interfaces.h"
#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/layout.h"
#include "tools/sipsteerctl/lint_table.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {
namespace {

// What there is to compare the list with.
struct Surroundings {
  std::string list;
  config::SourceAddress origin;
  config::TableSettings table;
  config::Dialect dialect = config::Dialect::kKamailio;
  std::vector<dispatch::ListenerDefinition> listeners;
  std::optional<std::vector<dispatch::SetId>> route_sets;
  std::vector<Address> own_addresses;
};

Refused refuse(ExitCode code, std::string text, std::vector<std::string> details = {}) {
  return {code, {.code = 0, .text = std::move(text), .details = std::move(details)}};
}

std::vector<Address> addresses_of_this_machine() {
  std::vector<Address> all;
  for (const std::optional<Address>& wildcard : {parse_ip("0.0.0.0", 0), parse_ip("::", 0)}) {
    if (!wildcard) continue;
    const Result<std::vector<Address>> some = net::expand_on_this_machine(*wildcard);
    if (some) all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

// A wildcard stands for all addresses of the machine that lint runs on.
std::vector<dispatch::ListenerDefinition> listeners_of(const config::Settings& settings) {
  std::vector<dispatch::ListenerDefinition> listeners;
  for (const config::ListenSpec& spec : settings.listen) {
    const bool own_name = !spec.advertise_host.empty();
    const Result<std::vector<Address>> addresses = net::expand_on_this_machine(spec.address);
    if (!addresses) continue;
    for (const Address& address : *addresses) {
      listeners.push_back(
          {.transport = spec.transport,
           .address = address,
           .advertise_host = own_name ? spec.advertise_host : settings.advertise_host,
           .advertise_port = own_name ? spec.advertise_port : settings.advertise_port,
           .force_rport = spec.force_rport});
    }
  }
  return listeners;
}

std::vector<dispatch::SetId> sets_of(const config::Settings& settings) {
  std::vector<dispatch::SetId> sets;
  for (const dispatch::RouteDefinition& route : settings.routes) {
    sets.push_back(route.set);
    if (route.match.from_set) sets.push_back(*route.match.from_set);
  }
  return sets;
}

Outcome<Surroundings> look_round(const Options& options) {
  Surroundings around;
  around.list = options.offline.list;
  if (!options.offline.config.empty()) {
    config::Diagnostics diagnostics;
    const auto settings = config::read_settings(options.offline.config, diagnostics);
    if (!settings || diagnostics.has_errors()) {
      return std::unexpected{refuse(
          ExitCode::kFailed, "the configuration has mistakes; mend what is listed and try again",
          diagnostics.lines())};
    }
    around.table = settings->table;
    if (around.list.empty()) {
      around.list = settings->source;
      around.origin = settings->origin;
    }
    around.dialect = settings->dialect;
    around.listeners = listeners_of(*settings);
    around.route_sets = sets_of(*settings);
  }
  if (options.convert.table != "dispatcher") around.table.table = options.convert.table;
  if (options.offline.dialect == "opensips") around.dialect = config::Dialect::kOpensips;
  if (options.offline.dialect == "kamailio") around.dialect = config::Dialect::kKamailio;
  if (options.resolve) around.own_addresses = addresses_of_this_machine();
  if (around.origin.shown.empty() && around.list != "-") {
    Result<config::SourceAddress> origin = config::parse_source(around.list, "");
    if (!origin) return std::unexpected{refuse(ExitCode::kUsage, origin.error().what)};
    around.origin = std::move(*origin);
  }
  return around;
}

Outcome<std::string> read_list_text(const std::string& path) {
  if (path != "-") {
    Result<std::string> text = config::read_text_file(path, kConfigFileSizeMax);
    if (text) return std::move(*text);
    return std::unexpected{refuse(ExitCode::kFailed, text.error().text())};
  }
  std::string text;
  constexpr std::size_t kPiece = 64 * 1'024;
  while (text.size() <= kConfigFileSizeMax) {
    const std::size_t size = text.size();
    text.resize(size + kPiece);
    const std::size_t count = std::fread(text.data() + size, 1, kPiece, stdin);
    text.resize(size + count);
    if (count == 0) return text;
  }
  return std::unexpected{refuse(
      ExitCode::kFailed,
      fmt::format("standard input has more than {} octets; is this a list?", kConfigFileSizeMax))};
}

void add_finding(const config::Finding& finding, admin::JsonText& json) {
  json.open_object();
  json.key("rule").text(config::row_of(finding.rule).id);
  json.key("severity").text(name_of(finding.severity));
  json.key("line").number(finding.line);
  json.key("column").number(finding.column);
  json.key("size").number(finding.size);
  json.key("message").text(finding.text);
  json.key("source").text(finding.source);
  json.key("fix").text_or_null(finding.fix);
  json.close_object();
}

std::string json_of(const config::LintResult& result, const Surroundings& around,
                    const std::string& file) {
  std::string out;
  admin::JsonText json{out};
  json.open_object();
  json.key("file").text(file);
  json.key("dialect").text(name_of(around.dialect));
  json.key("errors").number(result.error_count);
  json.key("warnings").number(result.warning_count);
  json.key("notes").number(result.note_count);
  json.key("left_out").number(result.left_out_count);
  json.key("findings").open_array();
  for (const config::Finding& each : result.findings) {
    add_finding(each, json);
  }
  json.close_array().close_object();
  return out;
}

}  // namespace

ExitCode lint(const Options& options) {
  const Outcome<Surroundings> around = look_round(options);
  if (!around) return fail(options, around.error());
  if (around->origin.is_table()) {
    return lint_table(options, {.address = around->origin,
                                .table = around->table,
                                .dialect = around->dialect,
                                .listeners = around->listeners});
  }
  const Outcome<std::string> text = read_list_text(around->list);
  if (!text) return fail(options, text.error());
  const std::string file = around->list == "-" ? "standard input" : around->list;
  const config::Resolver resolver = config::system_resolver();
  const config::LintResult result =
      config::lint_list(*text, {.file = file,
                                .dialect = around->dialect,
                                .listeners = around->listeners,
                                .route_sets = around->route_sets,
                                .resolver = options.resolve ? &resolver : nullptr,
                                .own_addresses = around->own_addresses});
  fmt::print("{}", options.json ? indented(json_of(result, *around, file)) + '\n'
                                : config::lint_text(result, printable(file),
                                                    {.colour = look_at_terminal().colour}));
  const bool refused = result.error_count != 0 || (options.strict && result.warning_count != 0);
  return refused ? ExitCode::kFailed : ExitCode::kOk;
}

}  // namespace steer::ctl
