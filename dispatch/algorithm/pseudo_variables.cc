// HOT: runs once per datagram.
#include "dispatch/algorithm/pseudo_variables.h"

#include <array>

#include "dispatch/algorithm/auth_username.h"

namespace steer::dispatch {
namespace {

using Field = std::string_view sip::Uri::*;

void add_uri_part(std::string_view uri_text, Field part, KeyText& key) noexcept {
  sip::Uri uri;
  if (sip::parse_uri(uri_text, uri)) key.add(uri.*part);
}

void add_ip(const Address& address, KeyText& key) noexcept {
  std::array<char, kIpTextSizeMax> text;
  key.add({text.data(), write_ip(address, text.data(), false)});
}

void add_field(std::string_view name, const sip::Message& message, KeyText& key) noexcept {
  for (const sip::HeaderField& field : message.fields) {
    if (sip::equals_ignoring_case(message.name_of_field(field), name)) {
      key.add(message.value_of(field));
      return;
    }
  }
}

void add_known_field(sip::HeaderId id, const sip::Message& message, KeyText& key) noexcept {
  for (const sip::HeaderField& field : message.fields) {
    if (field.id == id) {
      key.add(message.value_of(field));
      return;
    }
  }
}

}  // namespace

void expand(const PseudoVariablePart& part, const PacketContext& context, KeyText& key) noexcept {
  const sip::Message& message = context.message();
  switch (part.variable) {
    case PseudoVariable::kLiteral: return key.add(part.text);
    case PseudoVariable::kCallId: return key.add(message.call_id);
    case PseudoVariable::kCseq: return key.add_number(message.cseq);
    case PseudoVariable::kMethod: return key.add(message.method_text);
    case PseudoVariable::kRequestUri: return key.add(context.request_uri_text());
    case PseudoVariable::kRequestUser: return key.add(context.request_uri().user);
    case PseudoVariable::kRequestHost: return key.add(context.request_uri().host);
    case PseudoVariable::kRequestPort:
      if (context.request_uri().port != 0) key.add_number(context.request_uri().port);
      return;
    case PseudoVariable::kFromUri: return key.add(message.from.uri);
    case PseudoVariable::kFromUser: return add_uri_part(message.from.uri, &sip::Uri::user, key);
    case PseudoVariable::kFromHost: return add_uri_part(message.from.uri, &sip::Uri::host, key);
    case PseudoVariable::kFromTag: return key.add(message.from.tag);
    case PseudoVariable::kToUri: return key.add(message.to.uri);
    case PseudoVariable::kToUser: return add_uri_part(message.to.uri, &sip::Uri::user, key);
    case PseudoVariable::kToHost: return add_uri_part(message.to.uri, &sip::Uri::host, key);
    case PseudoVariable::kToTag: return key.add(message.to.tag);
    case PseudoVariable::kSourceIp: return add_ip(context.source(), key);
    case PseudoVariable::kSourcePort: return key.add_number(context.source().port);
    case PseudoVariable::kReceivedIp: return add_ip(context.listener().address, key);
    case PseudoVariable::kReceivedPort: return key.add_number(context.listener().address.port);
    case PseudoVariable::kUserAgent:
      return add_known_field(sip::HeaderId::kUserAgent, message, key);
    case PseudoVariable::kAuthUser: return add_unquoted(auth_username(message), key);
    case PseudoVariable::kHeader: return add_field(part.text, message, key);
    case PseudoVariable::kProtocol: return key.add(name_of(context.listener().transport));
    case PseudoVariable::kMessageLength: return key.add_number(message.bytes.size());
    case PseudoVariable::kCount: return;
  }
}

void PseudoVariablesAlgorithm::gather(const PacketContext& context, KeyText& key) const noexcept {
  for (const PseudoVariablePart& part : format.parts) {
    expand(part, context, key);
  }
}

RouteHash PseudoVariablesAlgorithm::key(const PacketContext& context,
                                        const RouteHasher& hasher) const noexcept {
  return hash_of_text(*this, context, hasher);
}

}  // namespace steer::dispatch
