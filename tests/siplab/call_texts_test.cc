#include "tools/siplab/call_texts.h"

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/siplab/lab.h"

namespace steer::siplab {
namespace {

std::string first(const UacOptions& options, const CallKey& key) {
  const Result<CallTexts> texts = CallTexts::make(options, Lab::client);
  EXPECT_TRUE(texts.has_value()) << (texts ? "" : texts.error().text());
  std::vector<char> out(kDatagramSizeMax);
  return texts ? std::string{out.data(), texts->write_first(key, out)} : std::string{};
}

TEST(CallTexts, TheDispatchersOwnParserAcceptsEveryMode) {
  for (const Mode mode : {Mode::kOptions, Mode::kInvite, Mode::kCall}) {
    const std::string text = first(Lab::uac(mode), {.number = 42, .slot = 7});

    sip::Message message;
    EXPECT_EQ(sip::parse(text, message), sip::ParseError::kNone) << text;
    EXPECT_EQ(message.bytes.size(), text.size());
  }
}

TEST(CallTexts, EverySizeIsHitToTheOctet) {
  UacOptions options = Lab::uac(Mode::kInvite);
  const std::size_t least = first(options, {}).size();

  for (std::size_t size = least + 30; size < least + 1'500; ++size) {
    options.size = static_cast<std::uint32_t>(size);
    const std::string text = first(options, {});
    sip::Message message;
    ASSERT_EQ(text.size(), size);
    ASSERT_EQ(sip::parse(text, message), sip::ParseError::kNone) << text;
    ASSERT_EQ(message.bytes.size(), size);
  }
}

TEST(CallTexts, OptionsArePaddedToTheLargestDatagram) {
  UacOptions options = Lab::uac(Mode::kOptions);
  options.size = kDatagramSizeMax;

  EXPECT_EQ(first(options, {}).size(), kDatagramSizeMax);
}

TEST(CallTexts, ASizeThatIsTooSmallIsRefusedWithTheLeast) {
  UacOptions options = Lab::uac(Mode::kOptions);
  options.size = 10;

  const Result<CallTexts> texts = CallTexts::make(options, Lab::client);

  ASSERT_FALSE(texts.has_value());
  EXPECT_EQ(texts.error().where, "--size");
}

TEST(CallTexts, TheNumberStandsWhereAsked) {
  UacOptions options = Lab::uac(Mode::kInvite);
  options.from = "sip:user%n@example.net";
  options.request_uri = "sip:%n@example.org";
  options.call_id_prefix = "test-";

  const std::string text = first(options, {.number = 5});

  EXPECT_TRUE(text.starts_with("INVITE sip:0000000005@example.org SIP/2.0\r\n"));
  EXPECT_NE(text.find("From: <sip:user0000000005@example.net>;tag="), std::string::npos);
  EXPECT_NE(text.find("Call-ID: test-0000000005@127.0.0.1\r\n"), std::string::npos);
}

TEST(CallTexts, TheBranchComesBackAsTheSameKey) {
  const UacOptions options = Lab::uac(Mode::kInvite);
  const std::string text = first(options, {.number = 9'999'999'999, .slot = 1'234'567});
  const BranchReader reader{options.seed};

  const std::optional<CallKey> key = reader.read(text);

  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->number, 9'999'999'999U);
  EXPECT_EQ(key->slot, 1'234'567U);
  EXPECT_EQ(key->step, 'a');
  EXPECT_FALSE(BranchReader{options.seed + 1}.read(text).has_value());
}

TEST(Dialog, TheRouteSetIsTheRecordRouteReversed) {
  const std::string answer =
      "SIP/2.0 200 OK\r\nVia: v\r\nRecord-Route: <sip:a,b@1;lr>, <sip:2;lr>\r\n"
      "Record-Route: <sip:3;lr>\r\nFrom: f\r\nTo: <sip:t>;tag=x\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
      "Contact: <sip:there@9>\r\n\r\n";
  Scan scanned;
  ASSERT_TRUE(scan(answer, scanned));
  Dialog dialog;

  dialog.assign(scanned, "");

  EXPECT_EQ(dialog.remote_target, "sip:there@9");
  EXPECT_EQ(dialog.to, "<sip:t>;tag=x");
  EXPECT_EQ(dialog.routes, "Route: <sip:3;lr>\r\nRoute:  <sip:2;lr>\r\nRoute: <sip:a,b@1;lr>\r\n");
}

}  // namespace
}  // namespace steer::siplab
