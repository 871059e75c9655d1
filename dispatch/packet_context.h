// HOT: runs once per datagram.
#pragma once

#include <string_view>

#include "core/base/datagram.h"
#include "core/base/hash.h"
#include "core/proxy/own_addresses.h"
#include "core/sip/message.h"
#include "core/sip/uri.h"

namespace steer::dispatch {

// What a rule or an algorithm may look at: one request and where it came from. Lives for one engine
// call; the Request-URI is taken apart when first asked for.
class PacketContext {
 public:
  PacketContext(const sip::Message& message, const Datagram& datagram,
                const proxy::OwnAddress& listener) noexcept
      : message_{message},
        datagram_{datagram},
        listener_{listener},
        request_uri_text_{message.request_uri} {}

  const sip::Message& message() const noexcept { return message_; }
  const Address& source() const noexcept { return datagram_.source; }
  const proxy::OwnAddress& listener() const noexcept { return listener_; }

  // The one that counts: not always that of the request line (RFC 3261 §16.4).
  std::string_view request_uri_text() const noexcept { return request_uri_text_; }
  void set_request_uri_text(std::string_view text) noexcept {
    request_uri_text_ = text;
    request_uri_read_ = false;
  }
  // All views empty if it is no URI that we can take apart.
  const sip::Uri& request_uri() const noexcept {
    if (!request_uri_read_) {
      request_uri_read_ = true;
      if (!sip::parse_uri(request_uri_text_, request_uri_)) request_uri_ = sip::Uri{};
    }
    return request_uri_;
  }

 private:
  const sip::Message& message_;
  const Datagram& datagram_;
  const proxy::OwnAddress& listener_;
  std::string_view request_uri_text_;
  mutable sip::Uri request_uri_;
  mutable bool request_uri_read_ = false;
};

}  // namespace steer::dispatch
