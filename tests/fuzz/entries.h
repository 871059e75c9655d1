#pragma once

#include <string_view>

#include "core/sip/message.h"

// What the fuzzers run, one function each, so that ordinary tests run it on the seeds too. A broken
// promise ends the process (STEER_ASSERT).

namespace steer::fuzz {

// All forms of the parser agree; views and offsets lie inside of the message; the message without
// what was cut off parses to the same; and without its top Via, the second one is on top.
void check_parse(std::string_view input);

// A URI is taken apart without a gap, however much may be read behind it; runs of octets are as
// long as the octet-by-octet code says.
void check_uri(std::string_view input);

// Whatever can be answered gets an answer that parses itself.
void check_reply(std::string_view input);

// A stream is cut in the same places whatever pieces it comes in, nothing is taken twice or left
// out, and the parser takes for one message what the framer says is one.
void check_stream(std::string_view input);

// True if two parses of equal text found the same.
bool same_content(const sip::Message& a, const sip::Message& b);

}  // namespace steer::fuzz
