#pragma once

#include <string>

#include "admin/service.h"

namespace steer::admin {

// The text of /metrics (Prometheus exposition format 0.0.4). Complete from the first scrape: every
// destination of the list has its rows, each state as a series of its own. Labels carry set,
// destination, reasons and codes; never a Call-ID, a user or a source address. `room`: a string
// whose content is over and whose memory is used again; tens of megabytes of fresh pages would take
// as long as writing them. Breathes between its rows.
std::string metrics_text(const InfoAnswer& info, const ListAnswer& list, const ProcessRow& process,
                         std::string room = {}, const Breather& breathe = {});

// A label's value: backslash, quote and line end escaped.
std::string escaped_label(std::string_view value);

}  // namespace steer::admin
