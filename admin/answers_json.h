#pragma once

#include <string>

#include "admin/json_text.h"
#include "admin/service.h"

// What the daemon says, as JSON. Names of keys are those of the structs, but for the few that had
// names before ("operator", "attrs", "duid", "probe").

namespace steer::admin {

void write_json(JsonText& json, const DestinationRow& row);
void write_json(JsonText& json, const SetRow& row, const Breather& breathe = {});
void write_json(JsonText& json, const ListAnswer& list, const Breather& breathe = {});
void write_json(JsonText& json, const InfoAnswer& info);
void write_json(JsonText& json, const ReloadAnswer& reload);
void write_json(JsonText& json, const PlanAnswer& plan);
void write_json(JsonText& json, const Explanation& explanation);
void write_json(JsonText& json, const Event& event);
void write_json(JsonText& json, const EventsAnswer& events);

template <class T>
std::string json_of(const T& answer) {
  std::string text;
  JsonText json{text};
  write_json(json, answer);
  return text;
}

}  // namespace steer::admin
