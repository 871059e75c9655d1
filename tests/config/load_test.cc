#include "config/load.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/config/config_fixture.h"
#include "tests/config/temporary_folder.h"

namespace steer::config {
namespace {

// A configuration on disk, loaded with two listeners and no names.
struct Loaded {
  test::TemporaryFolder folder;
  Diagnostics diagnostics;
  std::optional<Settings> settings;
  std::optional<dispatch::Definition> definition;

  Loaded(std::string_view toml, std::string_view list) {
    folder.write("d.list", list);
    const std::string path =
        folder.write("s.toml", "state_directory = \".\"\ndestinations.source = \"d.list\"\n" +
                                   std::string{toml});
    settings = read_settings(path, diagnostics);
    const std::vector<dispatch::ListenerDefinition> listeners = test::two_listeners();
    const Resolver resolver = test::fake_resolver();
    if (settings) definition = load_definition({*settings, listeners, resolver}, diagnostics);
  }
  // What was said, without the folder's random name.
  std::string all() const {
    std::string text = test::joined(diagnostics);
    const std::string name = folder.path() + "/";
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
      text.erase(at, name.size());
    }
    return text;
  }
  bool said(std::string_view words) const { return all().find(words) != std::string::npos; }
};

TEST(Load, JoinsSettingsListAndKey) {
  const Loaded loaded{"[limits]\nmax_forwards = 9\n[[route]]\nset = 2\n[[route]]\nset = 1\n",
                      "2 sip:192.0.2.2\n1 sip:192.0.2.1\n"};

  ASSERT_TRUE(loaded.definition.has_value()) << loaded.all();
  EXPECT_EQ(loaded.definition->sets.size(), 2U);
  EXPECT_EQ(loaded.definition->routes.size(), 2U);
  EXPECT_EQ(loaded.definition->limits.max_forwards, 9U);
  EXPECT_EQ(loaded.definition->listeners.size(), 2U);
  EXPECT_NE(loaded.definition->keys.signing, ClusterKey{});
}

TEST(Load, WithoutRoutesAllGoToTheLowestSetByCallId) {
  const Loaded loaded{"", "7 sip:192.0.2.2\n3 sip:192.0.2.1\n"};

  ASSERT_TRUE(loaded.definition.has_value()) << loaded.all();
  ASSERT_EQ(loaded.definition->routes.size(), 1U);
  EXPECT_EQ(loaded.definition->routes[0].set.value, 3U);
  EXPECT_EQ(loaded.definition->routes[0].algorithm, dispatch::AlgorithmKind::kCallId);
  EXPECT_TRUE(loaded.said("s.toml:1:1: note: no [[route]]: all requests go to set 3"));
  EXPECT_TRUE(loaded.said("d.list:1:3: warning: no route uses set 7"));
}

TEST(Load, ARouteToASetThatIsNotThereIsAnError) {
  const Loaded loaded{"[[route]]\nset = 5\nmatch = { from_set = 6 }\n", "1 sip:192.0.2.1\n"};

  EXPECT_FALSE(loaded.definition.has_value());
  EXPECT_TRUE(
      loaded.said("s.toml:3:1: error: this route names set 5, which has no destinations; "
                  "the list has 1"))
      << loaded.all();
  EXPECT_TRUE(loaded.said("from_set = 6 names a set"));
}

TEST(Load, MistakesOfBothFilesAreReportedAtOnceAndNothingIsTaken) {
  const Loaded loaded{"shardz = 2\n[[route]]\nset = 2\n", "2 sip:\n1 sip:192.0.2.1\n"};

  EXPECT_FALSE(loaded.definition.has_value());
  EXPECT_TRUE(loaded.said("unknown key 'destinations.shardz'") || loaded.said("shardz"));
  EXPECT_TRUE(loaded.said("d.list:1:7: error: URI has no host"));
  EXPECT_EQ(loaded.diagnostics.error_count(), 2U) << "set 2 is on the list: " << loaded.all();
}

TEST(Load, AnEmptyListIsRefused) {
  for (const char* const text : {"", "\n\n", "# nothing\n"}) {
    const Loaded loaded{"", text};
    EXPECT_FALSE(loaded.definition.has_value());
    EXPECT_TRUE(loaded.said("d.list:1:1: error: no destinations: the old list keeps serving"));
  }
}

TEST(Load, ARefusedConfigurationLeavesNoKeyBehind) {
  const Loaded loaded{"", "1 sip:\n"};

  EXPECT_FALSE(std::filesystem::exists(loaded.folder.file("cluster.key")));
}

TEST(Load, MissingFilesAreNamedWhereTheyAreAskedFor) {
  const test::TemporaryFolder folder;
  Diagnostics diagnostics;

  EXPECT_FALSE(read_settings(folder.file("none.toml"), diagnostics).has_value());
  EXPECT_FALSE(read_settings(folder.path(), diagnostics).has_value());
  EXPECT_EQ(diagnostics.error_count(), 2U);

  const std::string path =
      folder.write("s.toml", "state_directory = \".\"\n[destinations]\nsource = \"gone.list\"\n");
  const auto settings = read_settings(path, diagnostics);
  ASSERT_TRUE(settings.has_value());
  const Resolver resolver = test::fake_resolver();
  EXPECT_FALSE(load_definition({*settings, {}, resolver}, diagnostics).has_value());
  EXPECT_NE(test::joined(diagnostics)
                .find("s.toml:3:10: error: the list of destinations " + folder.file("gone.list")),
            std::string::npos)
      << test::joined(diagnostics);
}

TEST(Load, AListAloneIsEnough) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("my.list", "4 sip:127.0.0.1:6001\n4 sip:127.0.0.1:6002\n");
  Diagnostics diagnostics;
  Settings settings = settings_for_list_alone(path);
  settings.state_directory = folder.path();
  std::vector<dispatch::ListenerDefinition> listeners(1);
  listeners[0].address = settings.listen.at(0).address;
  const Resolver resolver = test::fake_resolver();

  const auto definition = load_definition({settings, listeners, resolver}, diagnostics);

  ASSERT_TRUE(definition.has_value()) << test::joined(diagnostics);
  EXPECT_EQ(to_string(settings.listen[0].address), "127.0.0.1:5060");
  EXPECT_EQ(definition->routes.at(0).set.value, 4U);
  EXPECT_EQ(diagnostics.warning_count(), 0U) << test::joined(diagnostics);
  EXPECT_NE(test::joined(diagnostics)
                .find("note: no sipsteer.toml: listening on udp:127.0.0.1:5060 (TCP"),
            std::string::npos)
      << test::joined(diagnostics);
}

TEST(Load, AListAloneIsSaidToListenWhereTheCommandLineSays) {
  const test::TemporaryFolder folder;
  Settings settings = settings_for_list_alone(folder.write("my.list", "4 sip:127.0.0.1:6001\n"));
  settings.state_directory = folder.path();
  settings.listen = {{.address = ipv4(127, 0, 0, 9, 5090)}, {.address = ipv4(127, 0, 0, 9, 0)}};
  Diagnostics diagnostics;
  const Resolver resolver = test::fake_resolver();

  ASSERT_TRUE(load_definition({settings, {}, resolver}, diagnostics).has_value());

  EXPECT_NE(test::joined(diagnostics)
                .find("listening on udp:127.0.0.9:5090, udp:127.0.0.9 with a port of the system's "
                      "choice (TCP"),
            std::string::npos)
      << test::joined(diagnostics);
  EXPECT_EQ(test::joined(diagnostics).find("127.0.0.1:5060"), std::string::npos);
}

TEST(Load, TheExamplesAreWithoutFault) {
  const std::string path = STEER_SOURCE_DIR "/config/examples/sipsteer.toml";
  Diagnostics diagnostics;
  const auto settings = read_settings(path, diagnostics);
  ASSERT_TRUE(settings.has_value());
  const test::TemporaryFolder folder;
  Settings mine = *settings;
  mine.state_directory = folder.path();
  const auto listeners = test::two_listeners();
  const Resolver resolver = test::fake_resolver();

  EXPECT_TRUE(load_definition({mine, listeners, resolver}, diagnostics).has_value());

  EXPECT_EQ(diagnostics.error_count() + diagnostics.warning_count(), 0U)
      << test::joined(diagnostics);
}

TEST(Load, ATableOfASetReachesItsDestinations) {
  const Loaded loaded{"[[route]]\nset = 1\n[[route]]\nset = 2\n[[set]]\nid = 2\nprobe = \"none\"\n",
                      "2 sip:192.0.2.2\n1 sip:192.0.2.1\n"};

  ASSERT_TRUE(loaded.definition.has_value()) << loaded.all();
  EXPECT_FALSE(loaded.definition->sets[0].probe.has_value());
  EXPECT_EQ(loaded.definition->sets[1].probe, dispatch::ProbeMode::kNone);
}

TEST(Load, ATableOfASetThatIsNotThereIsAnError) {
  const Loaded loaded{"[[set]]\nid = 9\nprobe = \"none\"\n", "1 sip:192.0.2.1\n"};

  EXPECT_FALSE(loaded.definition.has_value());
  EXPECT_TRUE(
      loaded.said("error: this table is about set 9, which has no destinations; the list "
                  "has 1"))
      << loaded.all();
}

}  // namespace
}  // namespace steer::config
