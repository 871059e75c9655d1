#include <string>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"
#include "tests/support/alloc_guard.h"

// Nothing on the way of a message allocates: the engine's hot path, and its answers too.

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

// Allocations while one datagram is handled.
std::size_t allocations(World& world, const std::string& text, const Address& source) {
  world.outbox().clear();
  const Datagram datagram{.bytes = text, .source = source, .listener = {}};
  const test::AllocGuard guard;
  world.engine().handle(datagram, world.outbox());
  return guard.count();
}

TEST(Alloc, RequestsResponsesRefusalsAndLoopsTakeNoMemory) {
  World world{test::simple_definition(8)};
  RequestText odd;
  odd.routes = {"Route: <sip:198.51.100.1;lr>, <sip:n;lr>"};
  odd.extra = {"Subject: x"};
  RequestText required;
  required.extra = {"Proxy-Require: foo, bar"};
  RequestText options;
  options.method = "OPTIONS";
  options.uri = "sip:198.51.100.1";
  RequestText dialog;
  dialog.uri = "sip:x@10.0.0.3";
  dialog.to += ";tag=1";
  const std::string plain = RequestText{}.text();
  const auto forwarded = world.send(plain);

  for (const std::string& text :
       {plain, odd.text(), required.text(), options.text(), dialog.text(),
        test::replaced(plain, "Max-Forwards: 70", "Max-Forwards: 0"),
        test::replaced(plain, "Max-Forwards: 70", "Max-Forwards: x"),
        test::replaced(plain, "SIP/2.0\r\nVia", "SIP/3.0\r\nVia"), std::string{"\r\n\r\n"},
        std::string(9'000, 'x'), forwarded->text}) {
    EXPECT_EQ(allocations(world, text, test::client_address()), 0U) << text;
  }
  const std::string answer = test::response_to(forwarded->text, 200);
  EXPECT_EQ(allocations(world, answer, forwarded->target), 0U);
  EXPECT_EQ(world.outbox().sends().size(), 1U);
  EXPECT_EQ(allocations(world, test::replaced(answer, "CSeq: 1", "CSeq: 2"), forwarded->target),
            0U);
}

TEST(Alloc, RecordedDialogsTakeNoMemory) {
  Definition definition = test::simple_definition(1);
  definition.routes[0].record_route = true;
  definition.routes[0].path = true;
  definition.sets[0].destinations[0].socket = ListenerIndex{1};
  World world{definition};
  const std::string plain = RequestText{}.text();
  const auto sent = world.send(plain);
  RequestText again;
  again.to += ";tag=1";
  for (const std::string& line : test::lines_of(sent->text)) {
    if (line.starts_with("Record-Route: ")) again.routes.push_back(line.substr(7));
  }
  ASSERT_EQ(again.routes.size(), 2U);
  RequestText back = again;
  back.from = "From: <sip:bob@example.com>;tag=1";
  back.to = "To: <sip:alice@example.com>;tag=f1";
  std::swap(again.routes[0], again.routes[1]);
  RequestText strict = again;
  strict.uri = strict.routes[0].substr(8, strict.routes[0].size() - 9);
  strict.routes[0] = "Route: <sip:bob@10.0.0.1>";
  std::swap(strict.routes[0], strict.routes[1]);
  RequestText registers;
  registers.method = "REGISTER";
  registers.extra = {"Supported: path"};

  EXPECT_EQ(allocations(world, plain, test::client_address()), 0U);
  EXPECT_EQ(allocations(world, again.text(), test::client_address()), 0U);
  EXPECT_EQ(allocations(world, strict.text(), test::client_address()), 0U);
  EXPECT_EQ(allocations(world, back.text(), sent->target), 0U);
  EXPECT_EQ(world.counters().in_dialog_forwarded.read(), 3U);
  EXPECT_EQ(allocations(world, back.text(), test::address_of("192.0.2.1:1")), 0U);
  EXPECT_EQ(world.answered(Reason::kBadRoute), 1U);
  EXPECT_EQ(allocations(world, registers.text(), test::client_address()), 0U);
}

TEST(Alloc, NoAlgorithmTakesMemory) {
  for (const AlgorithmKind kind :
       {AlgorithmKind::kCallId, AlgorithmKind::kFromUri, AlgorithmKind::kToUri,
        AlgorithmKind::kRequestUri, AlgorithmKind::kRandom, AlgorithmKind::kPseudoVariables,
        AlgorithmKind::kFirst}) {
    Definition definition = test::simple_definition(300);
    definition.routes[0].algorithm = kind;
    definition.routes[0].hash =
        *parse_pseudo_variables("$ci$ru$rU$fu$fU$tu$si$sp$Ri$ua$au$hdr(X-A)$pr$ml");
    World world{definition};
    world.set_health(test::destination_address(1), Health::kDown);

    EXPECT_EQ(allocations(world, RequestText{}.text(), test::client_address()), 0U)
        << name_of(kind);
  }
}

}  // namespace
}  // namespace steer::dispatch
