#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/rpc.h"
#include "core/base/version.h"
#include "tests/admin/fake_service.h"
#include "tests/admin/program.h"
#include "tests/admin/server_thread.h"
#include "tests/admin/temporary_folder.h"

// The built program against the real control socket and a daemon that is not real.

namespace steer::admin {
namespace {

using Json = nlohmann::json;
using test::ProgramResult;

class Sipsteerctl : public testing::Test {
 protected:
  void serve(UnixServer::Answerer answerer) {
    server_ = std::make_unique<test::ServerThread>(path_, std::move(answerer));
  }
  void serve_fake() {
    serve([this](std::string_view line, Session& session) {
      return handle(line, service_, session);
    });
  }
  ProgramResult run(std::vector<std::string> arguments, test::ProgramOptions options = {}) {
    arguments.insert(arguments.end(), {"--socket", path_});
    return test::run_sipsteerctl(arguments, options);
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.file("ctl.sock");
  test::FakeDaemon daemon_;
  Service service_ = daemon_.service();
  std::unique_ptr<test::ServerThread> server_;  // Destroyed first: its thread uses the others.
};

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    longest = std::max(longest, end - begin);
    begin = end + 1;
  }
  return longest;
}

// A socket that takes connections into its queue and never says anything.
net::Descriptor silent_socket(const std::string& path, int backlog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  net::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  if (backlog >= 0) {
    EXPECT_EQ(::listen(socket.get(), backlog), 0);
  }
  return socket;
}

// --- What it shows ---------------------------------------------------------------------------

TEST_F(Sipsteerctl, ListFitsIntoEightyColumnsAndTellsEveryReasonThatMatters) {
  serve_fake();

  const ProgramResult result = run({"list"}, {.environment = {"COLUMNS=80"}});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_LE(longest_line(result.output), 80U) << result.output;
  for (const char* expected :
       {"set 1, call-id: 1 of 3 active\n", "set 20, used by no route: 1 of 1 active\n",
        "active    sip:192.0.2.11:5060", "inactive  sip:192.0.2.12:5060", "912345",
        "\n          no answer within 1s, 3 times in a row\n"}) {
    EXPECT_NE(result.output.find(expected), std::string::npos) << expected << result.output;
  }
}

TEST_F(Sipsteerctl, WhoIsActiveAndGetsNoCallsIsMarked) {
  DestinationRow& row = daemon_.list.sets[0].destinations[0];
  row.weight = 0;
  row.takes_new_calls = false;
  row.reason = "weight 0 by the operator: no new calls; answered 200; weight 0: new box";
  DestinationRow& other = daemon_.list.sets[1].destinations[0];
  other.paused = true;
  other.takes_new_calls = false;
  serve_fake();

  const ProgramResult result = run({"list"}, {.environment = {"COLUMNS=80"}});

  EXPECT_LE(longest_line(result.output), 80U) << result.output;
  for (const char* expected :
       {"set 1, call-id: 0 of 3 active\n", "set 20, used by no route: 0 of 1 active\n",
        "active, 0       sip:192.0.2.11:5060", "active, paused  sip:media", "new box"}) {
    EXPECT_NE(result.output.find(expected), std::string::npos) << expected << result.output;
  }
}

TEST_F(Sipsteerctl, ALongReasonIsBrokenBetweenWords) {
  daemon_.list.sets[0].destinations[1].reason =
      "3 of 3 probes failed, last: refused (ICMP port unreachable), check that the server runs and "
      "its port " +
      std::string(100, 'z');
  serve_fake();

  const ProgramResult result = run({"list"}, {.environment = {"COLUMNS=80"}});

  EXPECT_LE(longest_line(result.output), 80U) << result.output;
  EXPECT_NE(result.output.find("check\n          that the server runs and its port\n"),
            std::string::npos)
      << result.output;
  EXPECT_EQ(std::count(result.output.begin(), result.output.end(), 'z'), 100);
}

TEST_F(Sipsteerctl, ListIntoAPipeIsNotCut) {
  serve_fake();

  const ProgramResult result = run({"list"});

  EXPECT_NE(result.output.find("  no answer within 1s, 3 times in a row\n"), std::string::npos);
  EXPECT_EQ(result.output.find("..."), std::string::npos);
}

TEST_F(Sipsteerctl, ALongUriKeepsBothEnds) {
  daemon_.list.sets[1].destinations[0].uri =
      "sip:" + std::string(80, 'h') + ".example.net:5080;transport=udp";
  serve_fake();

  const ProgramResult result = run({"list"}, {.environment = {"COLUMNS=80"}});

  EXPECT_LE(longest_line(result.output), 80U) << result.output;
  EXPECT_NE(result.output.find("sip:hhh"), std::string::npos);
  EXPECT_NE(result.output.find("transport=udp  "), std::string::npos);
  EXPECT_NE(result.output.find("\n          no answer within 1s"), std::string::npos);
}

TEST_F(Sipsteerctl, ColourIsForTerminalsOnly) {
  serve_fake();

  EXPECT_EQ(run({"list"}).output.find('\x1b'), std::string::npos);
  EXPECT_NE(
      run({"list"}, {.environment = {"TERM=xterm"}, .terminal = true}).output.find("\x1b[32m"),
      std::string::npos);
  EXPECT_EQ(run({"list"}, {.environment = {"NO_COLOR=1"}, .terminal = true}).output.find('\x1b'),
            std::string::npos);
  EXPECT_EQ(run({"list"}, {.environment = {"TERM=dumb"}, .terminal = true}).output.find('\x1b'),
            std::string::npos);
}

TEST_F(Sipsteerctl, APeersTextDoesNotReachTheTerminalAsCommands) {
  daemon_.list.sets[0].destinations[0].reason =
      "\x1b]0;owned\x07 \xc2\x9b"
      "31m";
  serve_fake();

  const ProgramResult result = run({"list"});

  EXPECT_EQ(result.output.find_first_of("\x1b\x07"), std::string::npos);
  EXPECT_EQ(result.output.find("\xc2\x9b"), std::string::npos);
}

TEST_F(Sipsteerctl, AnEmptyListSaysSo) {
  daemon_.list.sets.clear();
  serve_fake();

  EXPECT_EQ(run({"list"}).output, "no sets: the list has no destinations\n");
}

TEST_F(Sipsteerctl, InfoShowsWhatRunsWithoutCountersThatAreZero) {
  serve_fake();

  const ProgramResult result = run({"info"});

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.output.find("version     0.1.0\npid         4242\n"), std::string::npos);
  EXPECT_NE(result.output.find("udp:[2001:db8::1]:5060\n"), std::string::npos);
  EXPECT_NE(result.output.find("seccomp"), std::string::npos);
  EXPECT_NE(result.output.find("not_sip"), std::string::npos);
  EXPECT_EQ(result.output.find("truncated"), std::string::npos);
}

TEST_F(Sipsteerctl, ReloadShowsSummaryAndWarnings) {
  serve_fake();

  EXPECT_EQ(run({"reload"}).output,
            "reloaded: generation 8, +1 -0 ~2 destinations\n"
            "dispatcher.list:3:1: warning: priority plays no part here\n");
}

TEST_F(Sipsteerctl, VersionTellsBoth) {
  serve_fake();

  EXPECT_EQ(run({"version"}).output,
            "sipsteerctl " + std::string{kVersion} + "\nsipsteer 0.1.0 (pid 4242)\n");
}

TEST_F(Sipsteerctl, VersionNeedsNoDaemon) {
  const ProgramResult result = run({"version"});

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output.find("sipsteerctl " + std::string{kVersion} + "\nsipsteer not reached: "),
            0U);
}

TEST_F(Sipsteerctl, DisableAndEnablePassTheOperatorsWordsOn) {
  serve_fake();

  EXPECT_EQ(run({"disable", "sip:192.0.2.12:5060", "--reason", "new disks", "--force"}).output,
            "sip:192.0.2.12:5060 is now disabled\n");
  EXPECT_EQ(run({"enable", "sip:192.0.2.12:5060"}).exit_code, 0);

  server_.reset();
  ASSERT_EQ(daemon_.changes.size(), 2U);
  EXPECT_EQ(daemon_.changes[0].destination, "sip:192.0.2.12:5060");
  EXPECT_EQ(daemon_.changes[0].state, "disabled");
  EXPECT_EQ(daemon_.changes[0].reason, "new disks");
  EXPECT_TRUE(daemon_.changes[0].force);
  EXPECT_EQ(daemon_.changes[1].state, "active");
  EXPECT_FALSE(daemon_.changes[1].force);
}

TEST_F(Sipsteerctl, AReasonThatIsNotUtf8IsPassedOnReplaced) {
  serve_fake();

  EXPECT_EQ(run({"disable", "sip:192.0.2.12:5060", "--reason", "caf\xe9"}).exit_code, 0);

  server_.reset();
  EXPECT_EQ(daemon_.changes.at(0).reason, "caf\xef\xbf\xbd");
}

TEST_F(Sipsteerctl, EveryCommandSpeaksJson) {
  serve_fake();
  const std::vector<std::vector<std::string>> commands = {{"list"},
                                                          {"info"},
                                                          {"reload"},
                                                          {"disable", "sip:192.0.2.12:5060"},
                                                          {"version"},
                                                          {"ready"},
                                                          {"enable", "sip:192.0.2.12:5060"}};

  for (std::vector<std::string> command : commands) {
    command.emplace_back("--json");
    const ProgramResult result = run(command);
    EXPECT_EQ(result.exit_code, 0) << command[0];
    EXPECT_TRUE(Json::accept(result.output)) << command[0] << "\n" << result.output;
  }
  EXPECT_EQ(Json::parse(run({"list", "--json"}).output)["sets"][0]["destinations"][0]["selected"],
            912'345);
  EXPECT_EQ(Json::parse(run({"version", "--json"}).output)["sipsteer"], "0.1.0");
}

TEST_F(Sipsteerctl, AListOfTenThousandComesWhole) {
  daemon_.list = test::large_list(10'000);
  serve_fake();

  const ProgramResult result = run({"list", "--json"});

  EXPECT_EQ(Json::parse(result.output)["sets"][0]["destinations"].size(), 10'000U);
}

// --- Exit codes ------------------------------------------------------------------------------

TEST_F(Sipsteerctl, ReadyExitsOneAndSaysWhyNot) {
  daemon_.info.ready = false;
  daemon_.info.not_ready_because = "no set has an active destination";
  serve_fake();

  const ProgramResult result = run({"ready"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.output, "not ready: no set has an active destination\n");
  EXPECT_EQ(Json::parse(run({"ready", "--json"}).output)["ready"], false);
}

TEST_F(Sipsteerctl, ReadyExitsZero) {
  serve_fake();

  const ProgramResult result = run({"ready"});

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, "ready\n");
}

TEST_F(Sipsteerctl, ARefusedReloadExitsOneAndShowsEachMistake) {
  daemon_.reload = std::unexpected{
      Refusal{RefusalKind::kFailed,
              "the new configuration has 2 mistakes, generation 7 goes on serving",
              {"dispatcher.list:2:1: error: set id \"x\"", "dispatcher.list:9:3: error: no URI"}}};
  serve_fake();

  const ProgramResult result = run({"reload"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.errors,
            "sipsteerctl: the new configuration has 2 mistakes, generation 7 goes on serving\n"
            "dispatcher.list:2:1: error: set id \"x\"\ndispatcher.list:9:3: error: no URI\n");
  EXPECT_EQ(Json::parse(run({"reload", "--json"}).output)["error"]["details"].size(), 2U);
}

TEST_F(Sipsteerctl, UsageMistakesExitTwo) {
  serve_fake();
  const std::vector<std::vector<std::string>> mistakes = {
      {},
      {"drain"},
      {"drain", "sip:192.0.2.12:5060", "--node"},
      {"weight", "sip:192.0.2.12:5060"},
      {"weight", "sip:192.0.2.12:5060", "65536"},
      {"weight", "sip:192.0.2.12:5060", "many"},
      {"show", "one"},
      {"list", "--colour"},
      {"list", "extra"},
      {"list", "--reason", "x"},
      {"disable"},
      {"disable", ""},
      {"enable", "sip:192.0.2.12:5060", "--force"},
      {"list", "--timeout", "0"},
      {"list", "--timeout", "nan"},
      {"list", "--timeout", "5 parsecs"},
      {"list", "--timeout", "2h"},
      {"list", "--timeout"},
      {"disable", "sip:192.0.2.12:5060", "--reason", std::string(257, 'x')},
      {"list", "--socket", std::string(108, 's')},
  };

  for (const std::vector<std::string>& arguments : mistakes) {
    const ProgramResult result = run(arguments);
    SCOPED_TRACE(arguments.empty() ? "" : arguments.back());
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(result.errors.empty());
  }
  server_.reset();
  EXPECT_TRUE(daemon_.changes.empty());
}

TEST_F(Sipsteerctl, AnUnknownCommandIsNamedWithASuggestion) {
  const ProgramResult result = run({"lits"});

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.errors.find("unknown command \"lits\", did you mean \"list\"?"), 0U)
      << result.errors;
}

TEST_F(Sipsteerctl, HelpAndVersionFlagExitZero) {
  EXPECT_EQ(run({"--help"}).exit_code, 0);
  EXPECT_NE(run({"--help"}).output.find("Exit codes:"), std::string::npos);
  EXPECT_EQ(run({"disable", "--help"}).exit_code, 0);
  EXPECT_EQ(run({"--version"}).output, "sipsteerctl " + std::string{kVersion} + "\n");
}

TEST_F(Sipsteerctl, AMissingSocketExitsThree) {
  const ProgramResult result = run({"list"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.errors.find(path_ + ": there is no control socket"), std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("systemctl start sipsteer"), std::string::npos);
}

TEST_F(Sipsteerctl, AJsonFailureIsJsonToo) {
  const ProgramResult result = run({"list", "--json"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(Json::parse(result.output)["error"]["exit_code"], 3);
}

TEST_F(Sipsteerctl, ADeadDaemonsSocketExitsThree) {
  const net::Descriptor bound = silent_socket(path_, -1);

  const ProgramResult result = run({"list"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.errors.find("nobody listens on it any more"), std::string::npos)
      << result.errors;
}

TEST_F(Sipsteerctl, AFileThatIsNoSocketExitsThree) {
  std::ofstream{path_} << "text";

  const ProgramResult result = run({"list"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.errors.find("not a socket"), std::string::npos) << result.errors;
}

TEST_F(Sipsteerctl, ASocketWithoutPermissionExitsThree) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may connect to everything";
  serve_fake();
  ASSERT_EQ(::chmod(path_.c_str(), 0), 0);

  const ProgramResult result = run({"list"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.errors.find("no permission"), std::string::npos) << result.errors;
}

TEST_F(Sipsteerctl, ASilentDaemonExitsThreeAfterTheTimeout) {
  const net::Descriptor silent = silent_socket(path_, 4);

  const ProgramResult result = run({"list", "--timeout", "30ms"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.errors.find("no answer within 30ms"), std::string::npos) << result.errors;
}

TEST_F(Sipsteerctl, ADaemonThatDoesNotTakeTheConnectionExitsThreeAfterTheTimeout) {
  const net::Descriptor silent = silent_socket(path_, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  const net::Descriptor first{::socket(AF_UNIX, SOCK_STREAM, 0)};
  ASSERT_EQ(::connect(first.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
            0);

  const ProgramResult result = run({"list", "--timeout", "30ms"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.errors.find("stopped or very busy"), std::string::npos) << result.errors;
}

TEST_F(Sipsteerctl, TheSocketMayComeFromTheEnvironment) {
  serve_fake();

  const ProgramResult result =
      test::run_sipsteerctl({"ready"}, {.environment = {"SIPSTEER_SOCKET=" + path_}});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
}

TEST_F(Sipsteerctl, AnAnswerThatIsNotSipsteersExitsOne) {
  serve([](std::string_view, Session&) { return std::string{"HTTP/1.1 400 Bad Request"}; });

  const ProgramResult result = run({"list"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.errors.find("does another program listen on this socket?"), std::string::npos)
      << result.errors;
}

TEST_F(Sipsteerctl, AnAnswerWithoutItsPartsExitsOne) {
  serve([](std::string_view, Session&) {
    return std::string{R"({"jsonrpc":"2.0","id":1,"result":{}})"};
  });

  for (const char* command : {"list", "info", "reload", "ready"}) {
    EXPECT_EQ(run({command}).exit_code, 1) << command;
  }
}

TEST_F(Sipsteerctl, AnOlderDaemonExitsOneAndTheVersionsAreMentioned) {
  serve([](std::string_view, Session&) {
    return rpc_refusal(RpcError::kMethodNotFound, "unknown method \"sipsteer.list\"");
  });

  const ProgramResult result = run({"list"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.errors.find("sipsteerctl version"), std::string::npos) << result.errors;
}

TEST_F(Sipsteerctl, AnUnknownDestinationExitsFour) {
  serve_fake();

  const ProgramResult result = run({"disable", "gw9"});

  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.errors,
            "sipsteerctl: no destination is called \"gw9\": `sipsteerctl list` names them\n");
}

TEST_F(Sipsteerctl, TheLastActiveDestinationExitsFiveUnlessForced) {
  serve_fake();

  EXPECT_EQ(run({"disable", "sip:192.0.2.11:5060"}).exit_code, 5);
  EXPECT_EQ(run({"disable", "sip:192.0.2.11:5060", "--force"}).exit_code, 0);
}

}  // namespace
}  // namespace steer::admin
