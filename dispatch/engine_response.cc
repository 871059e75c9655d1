// HOT: runs once per datagram.
#include "core/proxy/branch.h"
#include "core/proxy/forward.h"
#include "core/proxy/return_path.h"
#include "core/proxy/stateful_branch.h"
#include "core/sip/uri.h"
#include "core/sip/via_list.h"
#include "dispatch/engine.h"

namespace steer::dispatch {
namespace {

// What our Via in a response says, and what the marks in it must cover.
struct OwnVia {
  proxy::Branch branch;
  proxy::ReturnRoute route;
  std::uint64_t return_mark = 0;
};

// Reads our Via. False: it is not ours, or not on a stateless route.
bool read_own_via(const sip::Message& response, const proxy::OwnAddresses& own,
                  OwnVia& out) noexcept {
  const sip::Via& via = response.via;
  if (!own.is_own(via)) return false;
  if (!proxy::read_branch(via.branch, out.branch)) return false;
  // As we wrote it, our parameter follows the branch and ends the value.
  const char* branch_end = via.branch.data() + via.branch.size();
  const std::string_view rest{branch_end, response.bytes.data() + via.end};
  if (rest.size() == proxy::kReturnTextSize && rest.starts_with(proxy::kReturnParameter)) {
    [[likely]] return proxy::read_return(rest.substr(proxy::kReturnParameter.size()),
                                         out.route.listener_tag, out.return_mark);
  }
  const std::string_view parameters =
      response.bytes.substr(via.sent_by_end, via.end - via.sent_by_end);
  const std::size_t semicolon = parameters.find(';');
  if (semicolon == std::string_view::npos) return false;
  std::string_view value;
  if (!sip::find_parameter(parameters.substr(semicolon + 1), "sr", value)) return false;
  return proxy::read_return(value, out.route.listener_tag, out.return_mark);
}

// The verdict of one key on the marks of our Via.
enum class MarkVerdict : std::uint8_t { kGood, kBadBranch, kBadReturn };

MarkVerdict check(const MarkKey& key, const proxy::TransactionInputs& inputs,
                  const OwnVia& own) noexcept {
  if (proxy::branch_mark(key, inputs, own.branch) != own.branch.mark) {
    return MarkVerdict::kBadBranch;
  }
  if (proxy::return_mark(key, own.branch.mark, own.route) != own.return_mark) {
    return MarkVerdict::kBadReturn;
  }
  return MarkVerdict::kGood;
}

}  // namespace

void Engine::handle_response(const sip::Message& response, const Datagram& datagram,
                             Outbox& outbox) noexcept {
  counters_.responses_received.add();
  if (transactions_ != nullptr && proxy::has_stateful_prefix(response.via.branch)) {
    return handle_response_with_transactions(response, datagram, outbox);
  }
  const Snapshot& snapshot = *snapshot_;
  // RFC 3261 §16.7 step 1, §18.1.2: only what answers a request that we forwarded.
  OwnVia own;
  if (!read_own_via(response, snapshot.own, own)) return drop(Reason::kResponseNotOurs);
  sip::Via client;
  if (!sip::second_via(response, client)) return drop(Reason::kResponseNoClient);
  if (!proxy::response_target(client, own.route.target)) return drop(Reason::kResponseNoClient);
  const proxy::TransactionInputs inputs = proxy::transaction_inputs(response, client);
  MarkVerdict verdict = check(snapshot.signing, inputs, own);
  if (verdict == MarkVerdict::kBadBranch && snapshot.verifying) {
    verdict = check(*snapshot.verifying, inputs, own);
  }
  if (verdict == MarkVerdict::kBadBranch) return drop(Reason::kResponseBadMark);
  if (verdict == MarkVerdict::kBadReturn) return drop(Reason::kResponseBadReturn);
  // The hop itself, or another address of our lists: a server may answer from a second address.
  if (!same_ip(datagram.source, own.branch.hop.address) &&
      !snapshot.addresses.has_ip(datagram.source)) {
    return drop(Reason::kResponseFromStranger);
  }
  const std::size_t size = proxy::write_response(response, outbox.slot());
  if (size == 0) return drop(Reason::kTooLarge);
  const ListenerIndex listener =
      snapshot.own.by_tag(own.route.listener_tag).value_or(datagram.listener);
  outbox.commit(size, own.route.target, listener);
  counters_.responses_forwarded.add();
  const Destination* destination = snapshot.addresses.by_key({own.branch.hop.destination});
  if (destination == nullptr) return;
  count_response(*destination, response);
}

// A few plain additions; the health thread looks at the sums.
void Engine::count_response(const Destination& destination, const sip::Message& response) noexcept {
  destination.entry->counters[shard_].responses[response.status / 100U - 1U].add();
  if (response.status < 200) return;
  TargetTraffic& traffic = destination.target->traffic[shard_];
  if (snapshot_->bad_responses[response.status]) {
    [[unlikely]] traffic.bad.add();
    traffic.failures_in_row.add();
  } else {
    traffic.good.add();
    if (traffic.failures_in_row.read() != 0) traffic.failures_in_row.set(0);
  }
  // RFC 3261 §21.5.4: no more requests for the time that Retry-After says.
  if (response.status == 503) [[unlikely]] {
    note_retry_after(response, traffic);
  }
}

}  // namespace steer::dispatch
