#include <nlohmann/json.hpp>

#include "tools/siplab/report.h"

namespace steer::siplab {

namespace {

using Json = nlohmann::ordered_json;

double seconds(Duration value) {
  return std::chrono::duration<double>{value}.count();
}
double microseconds(Duration value) {
  return std::chrono::duration<double, std::micro>{value}.count();
}

// Texts from the network may hold any octets.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const RelayReport& report) {
  return dump({{"relayed", report.relayed},
               {"icmp_errors", report.icmp_errors},
               {"sends_failed", report.sends_failed},
               {"seconds", seconds(report.elapsed)}});
}

std::string to_json(const UasReport& report) {
  Json ports = Json::array();
  for (const PortReport& port : report.ports) {
    ports.push_back({{"port", "udp:" + to_string(port.address)},
                     {"invite", port.invites},
                     {"ack", port.acks},
                     {"bye", port.byes},
                     {"cancel", port.cancels},
                     {"options", port.options},
                     {"other", port.others},
                     {"answers", port.answers},
                     {"dropped", port.dropped},
                     {"malformed", port.malformed},
                     {"overflows", port.overflows}});
  }
  return dump({{"ports", ports}, {"seconds", seconds(report.elapsed)}});
}

std::string to_json(const UacReport& report) {
  Json by_status = Json::object();
  for (std::size_t status = 0; status < report.by_status.size(); ++status) {
    if (report.by_status[status] != 0) by_status[std::to_string(status)] = report.by_status[status];
  }
  Json destinations = Json::object();
  for (const auto& [name, count] : report.by_destination) {
    destinations[name] = count;
  }
  const Histogram& latency = report.latency;
  return dump({{"unit", report.unit},
               {"started", report.started},
               {"completed", report.completed},
               {"lost", report.lost},
               {"loss", report.loss()},
               {"lost_ringing", report.lost_ringing},
               {"lost_byes", report.lost_byes},
               {"refused", report.refused},
               {"byes_refused", report.byes_refused},
               {"unfinished", report.unfinished},
               {"requests", report.requests},
               {"repeated", report.repeated},
               {"provisional", report.provisional},
               {"duplicates", report.duplicates},
               {"late", report.late},
               {"unexpected", report.unexpected},
               {"send_failures", report.send_failures},
               {"icmp_errors", report.icmp_errors},
               {"by_status", by_status},
               {"latency_us",
                {{"p50", microseconds(latency.percentile(0.5))},
                 {"p90", microseconds(latency.percentile(0.9))},
                 {"p99", microseconds(latency.percentile(0.99))},
                 {"max", microseconds(latency.max())}}},
               {"by_destination", destinations},
               {"seconds", seconds(report.elapsed)}});
}

}  // namespace steer::siplab
