#include "config/print_config.h"

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"

namespace steer::config {
namespace {

using test::Read;

constexpr const char* kFull = R"(
listen = ["udp:0.0.0.0:5060", { address = "udp:[2001:db8::1]:5070", advertise = "six.example.net:5071", force_rport = true }]
advertise = "sip.example.net"
shards = 4
io = "epoll"
cluster_key = "file:/k"
drain_deadline = "1m30s"
[destinations]
dialect = "opensips"
[health]
ok_codes = ["2xx", "4xx", 503]
mode = "none"
[[route]]
match = { method = ["MESSAGE"], source = ["10.0.0.0/8", "2001:db8::/32"], ruri_user = "+49*", from_set = 2, transport = "udp" }
set = 1
algorithm = "pv"
hash = "$fU \"x\""
[[route]]
match = { ruri_user = "+1*" }
set = 3
mode = "stateful"
completed = "5s"
failover = { on = ["timeout", 408, "5xx"], tries = 2, timeout = "1500ms", forward_503 = true }
[[route]]
set = 2
mode = "stateless"
algorithm = 1
user_only = true
[timers]
t1 = "100ms"
)";

TEST(PrintConfig, ReadsBackToTheSame) {
  for (const char* const text : {"", kFull}) {
    const Read first{text};
    ASSERT_TRUE(first.settings.has_value());
    ASSERT_FALSE(first.diagnostics.has_errors()) << test::joined(first.diagnostics);
    const std::string printed = print_config(*first.settings);

    const Read second{printed};

    ASSERT_TRUE(second.settings.has_value()) << printed;
    EXPECT_TRUE(second.diagnostics.all().empty()) << test::joined(second.diagnostics) << printed;
    for (const KeyRow& row : key_table()) {
      EXPECT_EQ(value_text(row.id, *first.settings), value_text(row.id, *second.settings))
          << row.path;
    }
    ASSERT_EQ(first.settings->routes.size(), second.settings->routes.size());
    for (std::size_t i = 0; i < first.settings->routes.size(); ++i) {
      EXPECT_EQ(first.settings->routes[i].match.sources.size(),
                second.settings->routes[i].match.sources.size());
      EXPECT_EQ(first.settings->routes[i].hash.source, second.settings->routes[i].hash.source);
      EXPECT_EQ(first.settings->routes[i].algorithm, second.settings->routes[i].algorithm);
      EXPECT_EQ(first.settings->routes[i].user_only, second.settings->routes[i].user_only);
      EXPECT_EQ(first.settings->routes[i].mode, second.settings->routes[i].mode);
      EXPECT_EQ(first.settings->routes[i].completed, second.settings->routes[i].completed);
    }
    if (text == kFull) {
      EXPECT_NE(printed.find("failover = { on = [\"timeout\", \"5xx\", 408], tries = 2, timeout = "
                             "\"1s500ms\", forward_503 = true }\n"),
                std::string::npos)
          << printed;
    }
  }
}

TEST(PrintConfig, MarksDefaultsAndWhatIsNotSet) {
  const std::string text = print_config(*Read{"shards = 2\n"}.settings);

  EXPECT_NE(text.find("shards = 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("io = \"auto\"  # default\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# advertise is not set\n"), std::string::npos) << text;
  EXPECT_NE(text.find("[health]\n"), std::string::npos) << text;
}

TEST(PrintConfig, NamesWhatAReloadCannotTakeOver) {
  const Settings before = *Read{""}.settings;

  EXPECT_TRUE(keys_that_need_restart(before, *Read{"[health]\nfall = 9\n"}.settings).empty());
  EXPECT_EQ(
      keys_that_need_restart(before, *Read{"shards = 2\nlisten = \"udp:0.0.0.0:5070\""}.settings),
      (std::vector<std::string>{"listen", "shards"}));
}

TEST(PrintConfig, ShowsSetsAndPanic) {
  const std::string text = print_config(
      *Read{"[health.passive]\ncodes = [500, \"6xx\"]\n[[set]]\nid = 4\nprobe = \"none\"\n"
            "[[route]]\nset = 4\npanic = \"use-all\"\nrecord_route = true\npath = true\n"}
           .settings);

  EXPECT_NE(text.find("passive.codes = [\"6xx\", 500]\n"), std::string::npos) << text;
  EXPECT_NE(text.find("[[set]]\nid = 4\nprobe = \"none\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find("panic = \"use-all\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find("record_route = true\npath = true\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace steer::config
