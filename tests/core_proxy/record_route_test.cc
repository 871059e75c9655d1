#include "core/proxy/record_route.h"

#include <array>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/core_proxy/parsed.h"
#include "tests/support/alloc_guard.h"
#include "tests/support/guarded_buffer.h"

namespace steer::proxy {
namespace {

const MarkKey& key(std::uint8_t fill = 1) {
  static const std::array<MarkKey, 2> made = [] {
    ClusterKey one;
    one.octets.fill(1);
    ClusterKey other;
    other.octets.fill(2);
    return std::array<MarkKey, 2>{MarkKey{one}, MarkKey{other}};
  }();
  return made[fill - 1U];
}

constexpr DialogName kDialog{.call_id = "c1@x", .caller_tag = "f1"};

RouteMark usual_mark(Facing facing = Facing::kBoth, const DialogName& name = kDialog) {
  RouteMark mark;
  mark.facing = facing;
  mark.route.destination = {ipv4(10, 0, 0, 1, 5'060), Transport::kUdp, 0xdead'beef};
  mark.route.caller = ipv4(203, 0, 113, 7, 5'070);
  mark.digest = route_digest(key(), name, mark);
  return mark;
}

std::string text_of(const RouteMark& mark) {
  std::string text(kRouteMarkSizeMax, '?');
  text.resize(write_route_mark(mark, text.data()));
  return text;
}

// A request of the dialog from the side whose tag is `from`.
DialogSide side_with_tags(const std::string& from, const std::string& to, const RouteMark& mark,
                          const std::string& call_id = "c1@x") {
  const test::Parsed request{
      "BYE sip:x@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx1\r\n"
      "From: <sip:a@b>;tag=" +
      from + "\r\nTo: <sip:c@d>;tag=" + to + "\r\nCall-ID: " + call_id + "\r\nCSeq: 2 BYE\r\n\r\n"};
  return side_of(key(), *request, mark);
}

TEST(RecordRoute, ReadsBackWhatItWrote) {
  RouteMark wide = usual_mark(Facing::kDestination);
  wide.route.destination.address = *parse_ip("2001:db8::1:2", 65'535);
  wide.route.destination.transport = Transport::kTls;
  wide.route.caller = *parse_ip("2001:db8::3", 1);
  wide.route.caller_transport = Transport::kTcp;
  RouteMark mixed = usual_mark(Facing::kRegistered);
  mixed.route.caller = wide.route.caller;
  for (const RouteMark& mark : {usual_mark(), usual_mark(Facing::kCaller), wide, mixed}) {
    RouteMark read;
    ASSERT_TRUE(read_route_mark(text_of(mark), read)) << text_of(mark);

    EXPECT_EQ(read.facing, mark.facing);
    EXPECT_EQ(read.digest, mark.digest);
    EXPECT_EQ(read.route.destination.address, mark.route.destination.address);
    EXPECT_EQ(read.route.destination.transport, mark.route.destination.transport);
    EXPECT_EQ(read.route.destination.destination, mark.route.destination.destination);
    EXPECT_EQ(read.route.caller, mark.route.caller);
    EXPECT_EQ(read.route.caller_transport, mark.route.caller_transport);
  }
  EXPECT_EQ(text_of(wide).size(), kRouteMarkSizeMax);
}

TEST(RecordRoute, ReadsNothingElse) {
  const std::string good = text_of(usual_mark());
  test::GuardedBuffer buffer{kRouteMarkSizeMax};
  for (std::size_t size = 0; size < good.size(); ++size) {
    RouteMark read;
    const std::string_view part = buffer.hold(std::string_view{good}.substr(0, size));
    EXPECT_FALSE(read_route_mark(part, read)) << size;
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = 'x';
    RouteMark read;
    EXPECT_FALSE(read_route_mark(bad, read)) << bad;
  }
  RouteMark read;
  EXPECT_FALSE(read_route_mark(good + "0", read));
  EXPECT_FALSE(read_route_mark(std::string(kRouteMarkSizeMax, '.'), read));
}

TEST(RecordRoute, TheTagThatFitsTellsTheSide) {
  EXPECT_EQ(side_with_tags("f1", "t1", usual_mark()), DialogSide::kCaller);
  EXPECT_EQ(side_with_tags("t1", "f1", usual_mark()), DialogSide::kDestination);
  EXPECT_EQ(side_with_tags("t1", "t2", usual_mark()), DialogSide::kStranger);
}

TEST(RecordRoute, OneOfAPairIsGoodForItsOwnSideOnly) {
  EXPECT_EQ(side_with_tags("f1", "t1", usual_mark(Facing::kCaller)), DialogSide::kCaller);
  EXPECT_EQ(side_with_tags("t1", "f1", usual_mark(Facing::kCaller)), DialogSide::kStranger);
  EXPECT_EQ(side_with_tags("t1", "f1", usual_mark(Facing::kDestination)), DialogSide::kDestination);
  EXPECT_EQ(side_with_tags("f1", "t1", usual_mark(Facing::kDestination)), DialogSide::kStranger);
  EXPECT_EQ(side_with_tags("f1", "t1", usual_mark(Facing::kRegistered)), DialogSide::kStranger);
}

TEST(RecordRoute, IsOfNoUseInAnotherDialogOrUnderAnotherKey) {
  EXPECT_EQ(side_with_tags("f1", "t1", usual_mark(), "c2@x"), DialogSide::kStranger);
  EXPECT_EQ(side_with_tags("f2", "t1", usual_mark()), DialogSide::kStranger);
  RouteMark foreign = usual_mark();
  foreign.digest = route_digest(key(2), kDialog, foreign);
  EXPECT_EQ(side_with_tags("f1", "t1", foreign), DialogSide::kStranger);
}

TEST(RecordRoute, CoversEveryPart) {
  const std::vector<std::function<void(RouteMark&)>> changes{
      [](RouteMark& mark) { mark.facing = Facing::kCaller; },
      [](RouteMark& mark) { mark.route.destination.destination ^= 1; },
      [](RouteMark& mark) { mark.route.destination.address.octets[3] ^= 1; },
      [](RouteMark& mark) { mark.route.destination.address.port ^= 1; },
      [](RouteMark& mark) { mark.route.destination.transport = Transport::kTcp; },
      [](RouteMark& mark) { mark.route.caller.octets[0] ^= 1; },
      [](RouteMark& mark) { mark.route.caller.port ^= 1; },
      [](RouteMark& mark) { mark.route.caller_transport = Transport::kTls; },
      [](RouteMark& mark) { mark.digest ^= 1; }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    RouteMark mark = usual_mark();
    changes[i](mark);

    EXPECT_EQ(side_with_tags("f1", "t1", mark), DialogSide::kStranger) << i;
  }
}

TEST(RecordRoute, APathIsNoRecordRouteAndBelongsToNoDialog) {
  const RouteMark path = usual_mark(Facing::kRegistered, {});

  EXPECT_TRUE(is_good_path(key(), path));
  EXPECT_FALSE(is_good_path(key(2), path));
  EXPECT_FALSE(is_good_path(key(), usual_mark(Facing::kRegistered)));
  RouteMark turned = usual_mark(Facing::kBoth, {});
  EXPECT_FALSE(is_good_path(key(), turned));
  turned.facing = Facing::kRegistered;
  EXPECT_FALSE(is_good_path(key(), turned));
}

TEST(RecordRoute, WritesAWholeFieldOrNothing) {
  std::array<char, kRouteLineSizeMax> out{};
  const RouteMark mark = usual_mark();

  const std::size_t size =
      write_route_line("Record-Route: ", "<sip:198.51.100.1:5060;lr;sd=", mark, out);

  EXPECT_EQ((std::string_view{out.data(), size}),
            "Record-Route: <sip:198.51.100.1:5060;lr;sd=" + text_of(mark) + ">\r\n");
  EXPECT_EQ(write_route_line("Path: ", "<sip:h;lr;sd=", mark, std::span{out}.first(40)), 0U);
  EXPECT_EQ(write_route_line("Record-Route: ", std::string(400, 'x'), mark, out), 0U);
}

TEST(RecordRoute, OnlyWhatMayBeginADialogIsRecorded) {
  for (unsigned i = 0; i < static_cast<unsigned>(sip::Method::kCount); ++i) {
    const auto method = static_cast<sip::Method>(i);
    const std::string_view name = name_of(method);
    const bool wanted =
        name == "INVITE" || name == "SUBSCRIBE" || name == "REFER" || name == "NOTIFY";
    EXPECT_EQ(may_begin_dialog(method), wanted) << name;
  }
}

TEST(RecordRoute, TakesNoMemory) {
  const RouteMark mark = usual_mark();
  std::array<char, kRouteMarkSizeMax> text{};
  const test::AllocGuard guard;

  RouteMark read;
  const bool good = read_route_mark({text.data(), write_route_mark(mark, text.data())}, read);
  const std::uint64_t digest = route_digest(key(), kDialog, read);

  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(good);
  EXPECT_EQ(digest, mark.digest);
}

}  // namespace
}  // namespace steer::proxy
