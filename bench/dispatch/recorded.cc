#include "bench/dispatch/recorded.h"

#include <cstdio>
#include <optional>

#include "core/base/assert.h"
#include "tests/dispatch/message_text.h"
#include "tests/support/shared_folder.h"

namespace steer::bench {
namespace {

constexpr std::string_view kPlaceholder = "0000000000";

// The file with its number in every place that tells calls apart.
std::string numbered(const std::string& file, std::size_t number) {
  std::string text = test::read_file(std::string{STEER_BENCH_MESSAGES} + "/" + file).value_or("");
  STEER_ASSERT(!text.empty());
  char digits[kPlaceholder.size() + 1];
  std::snprintf(digits, sizeof digits, "%010zx", number * 0x9e37'79b1U % 0xff'ffff'ffffU);
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos;
       at = text.find(kPlaceholder, at + 1)) {
    text.replace(at, kPlaceholder.size(), digits);
  }
  return text;
}

// Ends the call that this INVITE, as it left us, began.
std::string bye_of(const std::string& invite, bool of_caller) {
  std::string near = test::line_with(invite, "From:");
  std::string far = test::line_with(invite, "To:") + ";tag=callee";
  if (!of_caller) {
    near = "From:" + far.substr(far.find(':') + 1);
    far = "To:" + test::line_with(invite, "From:").substr(sizeof("From:") - 1);
  }
  return "BYE sip:someone@192.0.2.9:5062 SIP/2.0\r\n"
         "Via: SIP/2.0/UDP 192.0.2.9:5062;branch=z9hG4bK-bye\r\nMax-Forwards: 70\r\nRoute: " +
         test::line_with(invite, "Record-Route:").substr(sizeof("Record-Route:")) + "\r\n" + near +
         "\r\n" + far + "\r\n" + test::line_with(invite, "Call-ID:") +
         "\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace

Recording record(Traffic traffic, std::size_t count, test::World& world) {
  Recording recording;
  std::vector<Address> sources;
  const auto add = [&](std::string text, const Address& source) {
    recording.texts.push_back(std::move(text));
    sources.push_back(source);
  };
  for (std::size_t i = 0; recording.texts.size() < count; ++i) {
    const std::string request = numbered(i % 2 == 0 ? "invite.sip" : "options.sip", i);
    const std::string chosen = traffic == Traffic::kInvites || traffic == Traffic::kRefusals
                                   ? numbered("invite.sip", i)
                                   : numbered("options.sip", i);
    switch (traffic) {
      case Traffic::kInvites:
      case Traffic::kOptions: add(chosen, test::client_address()); continue;
      case Traffic::kRefusals:
        add(test::replaced(chosen, "Max-Forwards: 70", "Max-Forwards: 0"), test::client_address());
        continue;
      case Traffic::kWithinDialog: {
        const std::optional<test::Sent> invite = world.send(numbered("invite.sip", i));
        STEER_ASSERT(invite.has_value());
        const bool of_caller = i % 2 == 0;
        add(bye_of(invite->text, of_caller), of_caller ? test::client_address() : invite->target);
        continue;
      }
      case Traffic::kMixed: add(request, test::client_address()); break;
      case Traffic::kResponses: break;
    }
    const std::optional<test::Sent> sent = world.send(request);
    STEER_ASSERT(sent.has_value());
    add(test::response_to(sent->text, 200), sent->target);
  }
  for (std::size_t i = 0; i < recording.texts.size(); ++i) {
    recording.datagrams.push_back(
        {.bytes = recording.texts[i], .source = sources[i], .listener = {}});
  }
  return recording;
}

}  // namespace steer::bench
