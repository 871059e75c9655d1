#include "core/proxy/transaction_tables.h"

namespace steer::proxy {
namespace {

constexpr auto kMachineNames =
    std::to_array<std::string_view>({"invite-server", "server", "invite-client", "client"});
static_assert(kMachineNames.size() == static_cast<std::size_t>(Machine::kCount));

constexpr auto kStateNames = std::to_array<std::string_view>(
    {"trying", "proceeding", "completed", "confirmed", "accepted", "terminated"});
static_assert(kStateNames.size() == detail::kStateCount);

constexpr auto kEventNames = std::to_array<std::string_view>({
    "request-again",  "ack",
    "answer-trying",  "answer-early",
    "answer-success", "answer-failure",
    "no-answer",      "repeat-final",
    "ack-missing",    "ack-done",
    "answer-done",    "answer-accept-done",
    "early",          "success",
    "failure",        "unreachable",
    "repeat",         "silence",
    "too-long",       "done",
    "accept-done",
});
static_assert(kEventNames.size() == detail::kEventCount);

}  // namespace

std::string_view name_of(Machine machine) noexcept {
  return kMachineNames[static_cast<std::size_t>(machine)];
}

std::string_view name_of(TransactionState state) noexcept {
  return kStateNames[static_cast<std::size_t>(state)];
}

std::string_view name_of(TransactionEvent event) noexcept {
  return kEventNames[static_cast<std::size_t>(event)];
}

}  // namespace steer::proxy
