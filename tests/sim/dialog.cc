#include "tests/sim/dialog.h"

#include "tests/sim/packet.h"
#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

constexpr std::string_view kRecordRoute = "Record-Route: ";

}  // namespace

std::string request_in(const Dialog& dialog, const RequestPlan& plan) {
  std::string text = plan.method + " " + dialog.target + " SIP/2.0\r\nVia: SIP/2.0/UDP " +
                     to_string(plan.self) + ";branch=" + plan.branch +
                     (plan.asks_rport ? ";rport" : "") + "\r\n";
  for (const std::string& route : dialog.routes) {
    text += "Route: " + route + "\r\n";
  }
  text += "Max-Forwards: 70\r\nFrom: " + dialog.local + "\r\nTo: " + dialog.remote +
          "\r\nCall-ID: " + dialog.call_id + "\r\nCSeq: " + std::to_string(plan.cseq) + " " +
          plan.method + "\r\n";
  if (plan.method != "CANCEL") text += "Contact: <sip:" + to_string(plan.self) + ">\r\n";
  return text + plan.extra + "Content-Length: 0\r\n\r\n";
}

std::string ack_to_failure(const Dialog& dialog, RequestPlan invite, std::string_view response) {
  Dialog answered = dialog;
  answered.remote = field_of(response, "To: ");
  invite.method = "ACK";
  invite.extra.clear();
  return request_in(answered, invite);
}

Dialog dialog_of_response(const Dialog& before, std::string_view response) {
  Dialog dialog = before;
  dialog.remote = field_of(response, "To: ");
  const std::string_view contact = field_of(response, "Contact: ");
  if (!contact.empty()) dialog.target = uri_in(contact);
  if (!dialog.routes.empty()) return dialog;  // §12.2: a target refresh leaves the routes alone.
  for (const std::string& line : lines_of(response, kRecordRoute)) {
    dialog.routes.insert(dialog.routes.begin(), line.substr(kRecordRoute.size()));
  }
  return dialog;
}

Dialog dialog_of_request(std::string_view request, std::string_view tag) {
  Dialog dialog{.call_id = std::string{call_id_of(request)},
                .local = std::string{field_of(request, "To: ")} + ";tag=" + std::string{tag},
                .remote = std::string{field_of(request, "From: ")},
                .target = uri_in(field_of(request, "Contact: ")),
                .routes = {}};
  for (const std::string& line : lines_of(request, kRecordRoute)) {
    dialog.routes.push_back(line.substr(kRecordRoute.size()));
  }
  return dialog;
}

Address next_hop_of(const Dialog& dialog) {
  return address_in(dialog.routes.empty() ? dialog.target : uri_in(dialog.routes.front()));
}

}  // namespace steer::sim
