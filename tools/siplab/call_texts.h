#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/address.h"
#include "core/base/result.h"
#include "tools/siplab/options.h"
#include "tools/siplab/scan.h"
#include "tools/siplab/text_template.h"

namespace steer::siplab {

// What a dialog's later requests need of the answer that made it (RFC 3261 §12.1.2).
struct Dialog {
  std::string remote_target;  // The URI of its Contact.
  std::string to;             // The value of its To, with tag.
  std::string routes;         // Route fields from its Record-Route, reversed; may be empty.

  // Keeps the strings' memory from call to call.
  void assign(const Scan& answer, std::string_view request_uri);
};

// The request texts of one source port, made once; writing one is a copy and some digits.
class CallTexts {
 public:
  // Says no if --size is less than the message needs.
  static Result<CallTexts> make(const UacOptions& options, const Address& local);

  // Each returns the size written to `out`, a slot of an outbox.
  std::size_t write_first(const CallKey& key, std::span<char> out) const noexcept;
  // The ACK to a final answer other than 2xx: same branch and Request-URI as the INVITE, To of the
  // answer (RFC 3261 §17.1.1.3).
  std::size_t write_ack_to_failure(const CallKey& key, std::string_view to,
                                   std::span<char> out) const noexcept;
  // ACK to a 2xx, or BYE: requests within the dialog (RFC 3261 §12.2.1.1).
  std::size_t write_in_dialog(const CallKey& key, std::string_view method, const Dialog& dialog,
                              std::span<char> out) const noexcept;

  std::string request_uri(const CallKey& key) const;

 private:
  TextTemplate first_;
  TextTemplate request_uri_;
  TextTemplate via_;
  TextTemplate middle_;  // Max-Forwards, From, Call-ID.
};

// Finds which of this run's requests a response answers, by the branch of the Via that came back.
class BranchReader {
 public:
  explicit BranchReader(std::uint64_t seed);
  std::optional<CallKey> read(std::string_view datagram) const noexcept;

 private:
  std::string cookie_;
};

// Six characters that name a run in branches, tags and Call-IDs.
std::string run_name(std::uint64_t seed);

}  // namespace steer::siplab
