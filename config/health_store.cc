#include "config/health_store.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "config/response_codes.h"
#include "config/suggestion.h"
#include "core/sip/chars.h"

namespace steer::config {
namespace {

constexpr bool is_token_char(char c) noexcept {
  return sip::is_digit(c) || sip::is_alpha(c) ||
         std::string_view{"-.!%*_+`'~"}.find(c) != std::string_view::npos;
}

constexpr ClassRange kFinal{'2', '6'};

void store_method(const KeyValue& value, dispatch::HealthDefinition& health,
                  Diagnostics& diagnostics) {
  constexpr std::array<std::string_view, 4> kRefused{"INVITE", "ACK", "CANCEL", "BYE"};
  const std::string mistake = method_mistake(value.text);
  if (!mistake.empty()) {
    diagnostics.error(value.place, "health.method: " + mistake);
  } else if (std::ranges::find(kRefused, value.text) != kRefused.end()) {
    diagnostics.error(value.place, "health.method cannot be " + value.text +
                                       ": it would disturb calls; write \"OPTIONS\"");
  } else {
    health.method = value.text;
  }
}

void store_from(const KeyValue& value, dispatch::HealthDefinition& health,
                Diagnostics& diagnostics) {
  const std::string_view text = value.text;
  const bool plain = std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"' && c != ',';
  });
  const std::string_view host = text.substr(std::min(text.size(), text.find('@') + 1));
  if (!plain || !text.starts_with("sip:") || text.size() == 4 || host.empty()) {
    diagnostics.error(value.place, "health.from: " + quote(text) +
                                       " is not a SIP URI; write it as "
                                       "\"sip:probe@example.net\"");
    return;
  }
  health.from = text;
}

void store_passive(KeyId id, const KeyValue& value, dispatch::PassiveDefinition& passive,
                   Diagnostics& diagnostics) {
  if (id == KeyId::kHealthPassiveEnabled) passive.enabled = value.boolean;
  if (id == KeyId::kHealthPassiveFall) passive.fall = static_cast<std::uint32_t>(value.integer);
  if (id != KeyId::kHealthPassiveCodes) return;
  passive.bad = {};
  for (const KeyItem& item : value.items) {
    if (!item.text.starts_with('2') && add_code(item.text, kFinal, passive.bad)) continue;
    diagnostics.error(item.place, "health.passive.codes: " + quote(item.text) +
                                      " is no final code or class that can speak against a "
                                      "destination; write 500 or \"5xx\" (3xx to 6xx)");
  }
}

void store_good_codes(const KeyValue& value, dispatch::HealthDefinition& health,
                      Diagnostics& diagnostics) {
  health.good = {};
  for (const KeyItem& item : value.items) {
    if (add_code(item.text, kFinal, health.good)) continue;
    diagnostics.error(item.place, "health.ok_codes: " + quote(item.text) +
                                      " is neither a final code nor a class; write 404 or \"4xx\" "
                                      "(2xx to 6xx)");
  }
}

}  // namespace

std::string method_mistake(std::string_view method) {
  if (method.empty() || !std::ranges::all_of(method, is_token_char)) {
    return quote(method) + " is not a method; write one such as \"INVITE\"";
  }
  if (std::ranges::any_of(method, [](char c) { return c >= 'a' && c <= 'z'; })) {
    return quote(method) +
           " is in lower case; methods are case-sensitive, write \"INVITE\" and so on";
  }
  return {};
}

dispatch::ProbeMode probe_mode_of(std::string_view word) noexcept {
  for (const dispatch::ProbeMode mode :
       {dispatch::ProbeMode::kProbingOnly, dispatch::ProbeMode::kNone}) {
    if (word == name_of(mode)) return mode;
  }
  return dispatch::ProbeMode::kAll;
}

void store_health(KeyId id, const KeyValue& value, dispatch::HealthDefinition& health,
                  Diagnostics& diagnostics) {
  if (id == KeyId::kHealthMethod) store_method(value, health, diagnostics);
  if (id == KeyId::kHealthInterval) health.interval = value.duration;
  if (id == KeyId::kHealthTimeout) health.timeout = value.duration;
  if (id == KeyId::kHealthFall) health.fall = static_cast<std::uint32_t>(value.integer);
  if (id == KeyId::kHealthRise) health.rise = static_cast<std::uint32_t>(value.integer);
  if (id == KeyId::kHealthJitter) health.jitter_percent = static_cast<std::uint32_t>(value.integer);
  if (id == KeyId::kHealthFrom) store_from(value, health, diagnostics);
  if (id == KeyId::kHealthMode) health.mode = probe_mode_of(value.text);
  if (id == KeyId::kHealthOkCodes) store_good_codes(value, health, diagnostics);
  if (id == KeyId::kHealthHoldDown) health.hold_down = value.duration;
  if (id == KeyId::kHealthHoldDownMax) health.hold_down_max = value.duration;
  if (id == KeyId::kHealthSlowStart) health.slow_start = value.duration;
  if (id == KeyId::kHealthProbeFrom) {
    health.probe_from = value.text == "listener" ? dispatch::ProbeSource::kListener
                                                 : dispatch::ProbeSource::kEphemeral;
  }
  store_passive(id, value, health.passive, diagnostics);
}

}  // namespace steer::config
