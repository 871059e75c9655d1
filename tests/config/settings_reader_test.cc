#include "config/settings_reader.h"

#include <chrono>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"
#include "tests/support/seed.h"

namespace steer::config {
namespace {

using test::Read;

TEST(SettingsReader, AnEmptyFileMeansTheDefaults) {
  const Read read{""};

  ASSERT_TRUE(read.settings.has_value());
  EXPECT_TRUE(read.diagnostics.all().empty()) << test::joined(read.diagnostics);
  ASSERT_EQ(read.settings->listen.size(), 1U);
  EXPECT_EQ(to_string(read.settings->listen[0].address), "0.0.0.0:5060");
  EXPECT_EQ(read.settings->source, "/etc/s/dispatcher.list");
  EXPECT_EQ(read.settings->state_directory, "/var/lib/sipsteer");
  EXPECT_EQ(read.settings->drain_deadline, std::chrono::seconds{10});
  EXPECT_EQ(read.settings->health.interval, std::chrono::seconds{10});
  EXPECT_EQ(read.settings->limits.removed_linger, std::chrono::hours{4});
  EXPECT_EQ(read.settings->admin_socket, "/run/sipsteer/ctl.sock");
  EXPECT_FALSE(read.settings->shards.has_value());
  EXPECT_TRUE(read.settings->routes.empty());
}

TEST(SettingsReader, TheTablesDefaultsAreThoseOfTheDefinition) {
  const Settings settings = default_settings("s.toml");
  const dispatch::HealthDefinition health;
  const dispatch::LimitsDefinition limits;

  EXPECT_EQ(settings.health.method, health.method);
  EXPECT_EQ(settings.health.interval, health.interval);
  EXPECT_EQ(settings.health.timeout, health.timeout);
  EXPECT_EQ(settings.health.fall, health.fall);
  EXPECT_EQ(settings.health.rise, health.rise);
  EXPECT_EQ(settings.health.mode, health.mode);
  EXPECT_EQ(settings.health.from, health.from);
  EXPECT_EQ(settings.health.good.classes, health.good.classes);
  EXPECT_EQ(settings.health.jitter_percent, health.jitter_percent);
  EXPECT_EQ(settings.health.hold_down, health.hold_down);
  EXPECT_EQ(settings.health.hold_down_max, health.hold_down_max);
  EXPECT_EQ(settings.health.slow_start, health.slow_start);
  EXPECT_EQ(settings.health.probe_from, health.probe_from);
  EXPECT_EQ(settings.health.passive.enabled, health.passive.enabled);
  EXPECT_EQ(settings.health.passive.fall, health.passive.fall);
  EXPECT_EQ(settings.limits.max_forwards, limits.max_forwards);
  EXPECT_EQ(settings.limits.message_bytes, limits.message_bytes);
  EXPECT_EQ(settings.limits.removed_linger, limits.removed_linger);
}

TEST(SettingsReader, ReadsAFullConfiguration) {
  const Read read{R"(
listen = ["udp:0.0.0.0:5060", { address = "udp:[2001:db8::1]:5070", advertise = "six.example.net", force_rport = true }]
advertise = "sip.example.net:5061"
shards = 4
io = "epoll"
cluster_key = "file:cluster.key"
state_directory = "/tmp/state"
drain_deadline = "1m"
log_level = "debug"
[destinations]
source = "/srv/my.list"
dialect = "opensips"
[health]
method = "INFO"
interval = "2s"
timeout = "500ms"
fall = 5
rise = 1
mode = "probing-only"
from = "sip:probe@example.net"
ok_codes = ["2xx", 404, "4xx"]
jitter = 0
[admin]
socket = "ctl.sock"
[limits]
max_forwards = 20
message_bytes = 1400
removed_linger = "30m"
[[route]]
match = { method = ["INVITE"], source = ["10.0.0.0/8", "2001:db8::/32"], ruri_user = "+49*", from_set = 2, transport = "udp" }
set = 1
algorithm = "pv"
hash = "$fU@$ci"
[[route]]
set = 3
algorithm = 3
user_only = true
)"};

  ASSERT_TRUE(read.settings.has_value());
  EXPECT_TRUE(read.diagnostics.all().empty()) << test::joined(read.diagnostics);
  const Settings& settings = *read.settings;
  ASSERT_EQ(settings.listen.size(), 2U);
  EXPECT_EQ(settings.listen[1].advertise_host, "six.example.net");
  EXPECT_TRUE(settings.listen[1].force_rport);
  EXPECT_EQ(settings.advertise_port, 5061);
  EXPECT_EQ(settings.shards, 4U);
  EXPECT_EQ(settings.io, IoChoice::kEpoll);
  EXPECT_EQ(settings.cluster_key_file, "/etc/s/cluster.key");
  EXPECT_EQ(settings.source, "/srv/my.list");
  EXPECT_EQ(settings.dialect, Dialect::kOpensips);
  EXPECT_EQ(settings.health.mode, dispatch::ProbeMode::kProbingOnly);
  EXPECT_EQ(settings.health.good.codes, (std::vector<std::uint16_t>{404}));
  EXPECT_EQ(settings.health.good.classes, 0b10100);
  EXPECT_EQ(settings.admin_socket, "/etc/s/ctl.sock");
  EXPECT_EQ(settings.limits.max_forwards, 20U);
  ASSERT_EQ(settings.routes.size(), 2U);
  EXPECT_EQ(settings.routes[0].match.sources.size(), 2U);
  EXPECT_EQ(settings.routes[0].match.from_set, dispatch::SetId{2});
  EXPECT_EQ(settings.routes[0].hash.source, "$fU@$ci");
  EXPECT_EQ(settings.routes[0].place.line, 29U);
  EXPECT_EQ(settings.routes[1].algorithm, dispatch::AlgorithmKind::kRequestUri);
  EXPECT_TRUE(settings.routes[1].user_only);
}

TEST(SettingsReader, AnUnknownKeyGetsASuggestion) {
  const Read read{
      "lisetn = [\"udp:0.0.0.0:5060\"]\n[health]\nintervall = \"1s\"\n[helth]\nx = 1\n"};

  EXPECT_EQ(test::joined(read.diagnostics),
            "/etc/s/s.toml:1:1: error: unknown key 'lisetn'; did you mean 'listen'?\n"
            "/etc/s/s.toml:3:1: error: unknown key 'health.intervall'; did you mean 'interval'?\n"
            "/etc/s/s.toml:4:2: error: unknown key 'helth'; did you mean 'health'?\n");
}

TEST(SettingsReader, WhatIsNotBuiltYetSaysSoAndWhatToDo) {
  const Read read{R"(
listen = ["udp:0.0.0.0:5060", "tcp:0.0.0.0:5060"]
[admin]
http = "127.0.0.1:9060"
token = "file:t"
[[route]]
set = 1
algorithm = "latency"
)"};

  for (const char* const words :
       {"s.toml:2:31: error: tcp listeners are not built yet; use udp:0.0.0.0:5060",
        "s.toml:8:13: error: algorithm \"latency\" is not built yet"}) {
    EXPECT_NE(test::joined(read.diagnostics).find(words), std::string::npos)
        << words << "\n"
        << test::joined(read.diagnostics);
  }
  EXPECT_EQ(read.diagnostics.error_count(), 2U) << test::joined(read.diagnostics);
}

TEST(SettingsReader, HttpIsOnLoopbackUnlessSaidOtherwise) {
  EXPECT_EQ(to_string(Read{""}.settings->admin_http.value()), "127.0.0.1:9060");
  EXPECT_FALSE(Read{"[admin]\nhttp = \"off\"\n"}.settings->admin_http.has_value());
  EXPECT_EQ(to_string(Read{"[admin]\nhttp = \"[::1]:80\"\n"}.settings->admin_http.value()),
            "[::1]:80");

  const Read wrong{"[admin]\nhttp = \"localhost\"\ntoken = \"secret\"\n"};

  EXPECT_NE(test::joined(wrong.diagnostics).find("s.toml:2:8: error: admin.http"),
            std::string::npos)
      << test::joined(wrong.diagnostics);
  EXPECT_NE(test::joined(wrong.diagnostics).find("s.toml:3:9: error: admin.token names a file"),
            std::string::npos);
}

TEST(SettingsReader, SayingWhatHappensAnywayIsAllowed) {
  const Read read{"[destinations]\nwatch = false\n[[route]]\nset = 1\nmode = \"stateless\"\n"};

  EXPECT_TRUE(read.diagnostics.all().empty()) << test::joined(read.diagnostics);
}

TEST(SettingsReader, ARouteStaysInThePathOnlyWhereItSaysSo) {
  const Read read{"[[route]]\nset = 1\nrecord_route = true\n[[route]]\nset = 2\npath = true\n"};

  ASSERT_EQ(read.settings->routes.size(), 2U) << test::joined(read.diagnostics);
  EXPECT_TRUE(read.settings->routes[0].record_route);
  EXPECT_FALSE(read.settings->routes[0].path);
  EXPECT_FALSE(read.settings->routes[1].record_route);
  EXPECT_TRUE(read.settings->routes[1].path);
}

TEST(SettingsReader, ListenersAreCheckedOneByOne) {
  const Read read{
      "listen = [\"udp:192.0.2.1:5060\", \"udp:192.0.2.1:5060\", 7, { force_rport = true }, "
      "{ adress = \"udp:1.2.3.4:5\" }]"};

  EXPECT_NE(test::joined(read.diagnostics).find("is listed twice"), std::string::npos);
  EXPECT_NE(test::joined(read.diagnostics).find("a listener is a string"), std::string::npos);
  EXPECT_NE(test::joined(read.diagnostics).find("this listener has no address"), std::string::npos);
  EXPECT_NE(test::joined(read.diagnostics).find("did you mean 'address'"), std::string::npos);
  EXPECT_TRUE(Read{"listen = []"}.diagnostics.has_errors());
}

TEST(SettingsReader, ASingleBracketRouteIsExplained) {
  const Read read{"[route]\nset = 1\n"};

  EXPECT_NE(test::joined(read.diagnostics).find("[[route]]"), std::string::npos);
}

TEST(SettingsReader, ARouteAfterOneThatTakesAllIsNeverReached) {
  const Read read{"[[route]]\nset = 1\n[[route]]\nset = 2\n"};

  EXPECT_EQ(test::joined(read.diagnostics).find("/etc/s/s.toml:3:1: warning: this route is never"),
            0U)
      << test::joined(read.diagnostics);
}

TEST(SettingsReader, AProbeMustEndBeforeTheNext) {
  const Read read{"[health]\ninterval = \"1s\"\ntimeout = \"2s\"\n"};

  EXPECT_EQ(test::joined(read.diagnostics).find("/etc/s/s.toml:3:11: error: health.timeout"), 0U)
      << test::joined(read.diagnostics);
}

TEST(SettingsReader, MutatedFilesNeverStopTheProcess) {
  const std::string good =
      "# a comment of some length in which changes do no harm, unless they are odd\n"
      "listen = [\"udp:0.0.0.0:5060\", { address = \"udp:[::1]:5\" }]\nshards = 2\n"
      "[health]\ninterval = \"10s\"\nok_codes = [\"2xx\", 404]\n"
      "[[route]]\nmatch = { method = [\"INVITE\"], from_set = 2 }\nset = 1\n"
      "algorithm = \"pv\"\nhash = \"$fU@$ci\"\n";
  ASSERT_FALSE(Read{good}.diagnostics.has_errors());
  const Seed seed = steer::test::run_seed();
  SCOPED_TRACE("--seed=" + std::to_string(seed.value));
  steer::test::Random random{seed.value};
  const std::string spice = "\"'[]{}=.,#\n\\u\0$\xff\xc3 0x-+eE_T:\t";
  std::size_t refused = 0;
  constexpr std::size_t kRounds = 3'000;
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::string text = good;
    for (std::size_t change = 0; change <= random() % 6; ++change) {
      const std::size_t at = random() % text.size();
      const char octet = spice[random() % spice.size()];
      switch (random() % 4) {
        case 0: text[at] = octet; break;
        case 1: text.insert(at, 1, octet); break;
        case 2: text.erase(at, 1 + random() % 9); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 40)); break;
      }
      if (text.empty()) text = "a";
    }
    const Read read{text};
    refused += read.diagnostics.has_errors() ? 1 : 0;
    ASSERT_TRUE(read.settings.has_value() || read.diagnostics.has_errors()) << text;
  }
  EXPECT_GT(refused, kRounds / 2);
  EXPECT_LT(refused, kRounds) << "some changes do no harm";
}

TEST(SettingsReader, ASetMayDifferFromTheRest) {
  const Read read{"[[set]]\nid = 2\nprobe = \"none\"\n[[set]]\nid = 3\nprobe = \"probing-only\"\n"};

  ASSERT_TRUE(read.diagnostics.all().empty()) << test::joined(read.diagnostics);
  ASSERT_EQ(read.settings->sets.size(), 2U);
  EXPECT_EQ(read.settings->sets[0].id, dispatch::SetId{2});
  EXPECT_EQ(read.settings->sets[0].probe, dispatch::ProbeMode::kNone);
  EXPECT_EQ(read.settings->sets[1].probe, dispatch::ProbeMode::kProbingOnly);
}

TEST(SettingsReader, ASetNeedsAnIdAndOneTableAlone) {
  const Read read{
      "[[set]]\nprobe = \"none\"\n[[set]]\nid = 3\n[[set]]\nid = 3\n[[set]]\nid = -1\n"};

  EXPECT_EQ(test::joined(read.diagnostics),
            "/etc/s/s.toml:1:1: error: this set has no id; write id = 1 or another id of the list\n"
            "/etc/s/s.toml:5:1: error: set 3 has a [[set]] already; join the two\n"
            "/etc/s/s.toml:8:6: error: set.id is out of range; write a value from 0 to "
            "2147483647\n");
}

TEST(SettingsReader, OneSetWithSingleBracketsIsToldSo) {
  const Read read{"[set]\nid = 1\n"};

  EXPECT_NE(test::joined(read.diagnostics).find("head each with [[set]], two brackets"),
            std::string::npos);
}

TEST(SettingsReader, ARouteMayPanic) {
  const Read read{"[[route]]\nset = 1\npanic = \"use-all\"\n[[route]]\nset = 2\n"};

  EXPECT_EQ(read.settings->routes[0].panic, dispatch::PanicMode::kUseAll);
  EXPECT_EQ(read.settings->routes[1].panic, dispatch::PanicMode::kNone);
}

}  // namespace
}  // namespace steer::config
