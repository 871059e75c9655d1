#include "dispatch/outgoing_request.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

// One request as the engine has it when it knows where to send it.
class OutgoingRequest : public testing::Test {
 protected:
  const Incoming& take(const RequestText& request) {
    text_ = request.text();
    EXPECT_EQ(sip::parse(text_, *message_), sip::ParseError::kNone);
    datagram_ = {.bytes = text_, .source = test::client_address(), .listener = {}};
    incoming_ = std::make_unique<Incoming>(*message_, datagram_, world_.snapshot());
    incoming_->read_inputs(world_.snapshot().signing);
    return *incoming_;
  }
  const Destination& destination(std::size_t place) const {
    return world_.snapshot().sets[0].destinations[place];
  }
  std::string stateless_via(std::size_t place) const {
    std::array<char, proxy::kViaLineSizeMax> line{};
    const Outgoing outgoing = towards(destination(place), *incoming_, world_.snapshot());
    const std::size_t size = write_stateless_via(*incoming_, outgoing, world_.snapshot(), line);
    return {line.data(), size};
  }
  std::string written(std::string_view via_line, std::size_t room = kDatagramSizeMax) const {
    std::vector<char> out(room);
    const Outgoing outgoing = towards(destination(0), *incoming_, world_.snapshot());
    const OutgoingText text{.outgoing = outgoing, .via_line = via_line};
    const std::size_t size = write_outgoing_request(*incoming_, world_.snapshot(), text, out);
    return {out.data(), size};
  }

  World world_;
  std::string text_;
  Datagram datagram_;
  std::unique_ptr<sip::Message> message_ = std::make_unique<sip::Message>();
  std::unique_ptr<Incoming> incoming_;
};

TEST_F(OutgoingRequest, IsWhatTheEngineSends) {
  take(RequestText{});
  const auto sent = world_.send(text_);
  ASSERT_TRUE(sent.has_value());
  std::size_t place = 0;
  while (destination(place).address != sent->target) {
    ++place;
  }

  EXPECT_EQ(written(stateless_via(place)), sent->text);
}

TEST_F(OutgoingRequest, DiffersByItsViaAloneFromOneDestinationToAnother) {
  take(RequestText{});

  const std::string first = stateless_via(0);
  const std::string second = stateless_via(1);

  EXPECT_NE(first, second);
  EXPECT_EQ(test::replaced(written(first), first, second), written(second));
}

TEST_F(OutgoingRequest, TakesAnyViaLine) {
  take(RequestText{});
  const std::string line = "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKother\r\n";

  const std::string text = written(line);

  EXPECT_EQ(text, "INVITE sip:bob@example.com SIP/2.0\r\n" + line +
                      "Via: SIP/2.0/UDP 203.0.113.7:5070;received=203.0.113.7;"
                      "branch=z9hG4bKabc123;rport=5070\r\nMax-Forwards: 69\r\n" +
                      text_.substr(text_.find("From:")));
}

TEST_F(OutgoingRequest, AHopIsReachedAsItsDestinationIsOrByAListenerOfItsFamily) {
  take(RequestText{});
  const Destination& known = destination(1);
  const proxy::NextHop listed{known.address, Transport::kUdp, known.key.value};
  const proxy::NextHop gone{test::address_of("[2001:db8::9]:5060"), Transport::kUdp, 7};

  const Outgoing there = towards(listed, *incoming_, world_.snapshot());
  const Outgoing away = towards(gone, *incoming_, world_.snapshot());

  EXPECT_EQ(there.address, known.address);
  EXPECT_EQ(there.destination, known.key);
  EXPECT_EQ(there.listener, ListenerIndex{0});
  EXPECT_EQ(away.address, gone.address);
  EXPECT_EQ(away.destination.value, 7U);
  EXPECT_EQ(away.listener, ListenerIndex{2});
}

TEST_F(OutgoingRequest, WithoutRoomNothingIsWritten) {
  take(RequestText{});
  const std::size_t size = written(stateless_via(0)).size();

  EXPECT_EQ(written(stateless_via(0), size).size(), size);
  EXPECT_EQ(written(stateless_via(0), size - 1).size(), 0U);
}

}  // namespace
}  // namespace steer::dispatch
