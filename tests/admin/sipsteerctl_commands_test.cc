#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "admin/rpc.h"
#include "tests/admin/fake_service.h"
#include "tests/admin/program.h"
#include "tests/admin/server_thread.h"
#include "tests/admin/temporary_folder.h"

// The built program, command by command: what it asks, what it makes of the answer, how it exits.

namespace steer::admin {
namespace {

using Json = nlohmann::json;
using std::string_literals::operator""s;
using test::ProgramResult;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kSecond = "sip:192.0.2.12:5060";

class SipsteerctlCommands : public testing::Test {
 protected:
  void serve() {
    server_ = std::make_unique<test::ServerThread>(path_,
                                                   [this](std::string_view line, Session& session) {
                                                     return handle(line, service_, session);
                                                   });
  }
  ProgramResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--socket", path_});
    return test::run_sipsteerctl(arguments, {.environment = {"COLUMNS=80"}});
  }
  // A list of four equal destinations, for commands that ask no daemon.
  std::string list_file() {
    std::string text;
    for (int i = 1; i <= 4; ++i) {
      text += "1 sip:127.0.0.1:600" + std::to_string(i) + "\n";
    }
    return write_file("d.list", text);
  }
  std::string write_file(const std::string& name, const std::string& text) {
    const std::string path = folder_.file(name);
    std::FILE* out = std::fopen(path.c_str(), "w");
    EXPECT_NE(out, nullptr);
    std::fwrite(text.data(), 1, text.size(), out);
    std::fclose(out);
    return path;
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.file("ctl.sock");
  test::FakeDaemon daemon_;
  Service service_ = daemon_.service();
  std::unique_ptr<test::ServerThread> server_;  // Destroyed first: its thread uses the others.
};

TEST_F(SipsteerctlCommands, DrainPassesReasonAndLifetimeOn) {
  serve();

  const ProgramResult result = run({"drain", kSecond, "--for", "2h", "--reason", "new disks"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  server_.reset();
  ASSERT_EQ(daemon_.changes.size(), 1U);
  EXPECT_EQ(daemon_.changes[0].state, "draining");
  EXPECT_EQ(daemon_.changes[0].reason, "new disks");
  EXPECT_EQ(daemon_.changes[0].lasts, std::chrono::hours{2});
}

TEST_F(SipsteerctlCommands, DrainWaitEndsWhenTheDestinationIsSilent) {
  serve();

  const ProgramResult result = run({"drain", kSecond, "--wait", "30s", "--quiet", "1ms"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("1/sip:192.0.2.12:5060 is silent"));
}

TEST_F(SipsteerctlCommands, DrainWaitThatTakesTooLongExitsSixAndDrainsOn) {
  serve();

  const ProgramResult result = run({"drain", kSecond, "--wait", "1ms", "--quiet", "1h", "--json"});

  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.errors, HasSubstr("goes on draining"));
  EXPECT_EQ(Json::parse(result.output)["silent"], false);
  server_.reset();
  EXPECT_EQ(daemon_.changes.size(), 1U) << "nothing is taken back";
}

TEST_F(SipsteerctlCommands, ANodeIsDrainedAndPutBack) {
  serve();

  EXPECT_EQ(run({"drain", "--node", "--reason", "kernel"}).exit_code, 0);
  EXPECT_EQ(run({"undrain", "--node"}).exit_code, 0);

  server_.reset();
  EXPECT_THAT(daemon_.calls, testing::ElementsAre("drain node: kernel", "undrain node: "));
}

TEST_F(SipsteerctlCommands, WeightIsANumberOrWhatTheListSays) {
  serve();

  EXPECT_EQ(run({"weight", kSecond, "0", "--force"}).exit_code, 0);
  EXPECT_EQ(run({"weight", kSecond, "list"}).exit_code, 0);

  server_.reset();
  ASSERT_EQ(daemon_.weights.size(), 2U);
  EXPECT_EQ(daemon_.weights[0].weight, 0U);
  EXPECT_TRUE(daemon_.weights[0].force);
  EXPECT_EQ(daemon_.weights[1].weight, std::nullopt);
}

TEST_F(SipsteerctlCommands, JsonNamesTheDestinationInFull) {
  serve();

  const ProgramResult result = run({"disable", kSecond, "--json"});

  EXPECT_EQ(Json::parse(result.output)["destination"], "1/sip:192.0.2.12:5060");
}

TEST_F(SipsteerctlCommands, ShowTellsOneSetAndAnUnknownOneExitsFour) {
  serve();

  const ProgramResult result = run({"show", "1"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(StartsWith("set 1, call-id: 1 of 3 active"),
                                   HasSubstr("1/sip:192.0.2.12:5060"), Not(HasSubstr("set 20"))));
  EXPECT_EQ(run({"show", "9"}).exit_code, 4);
}

TEST_F(SipsteerctlCommands, PlanShowsChangesWarningsAndHowToApply) {
  daemon_.plan = {
      .token = "t-1",
      .generation = 7,
      .destinations = {{1, "sip:a", "added", ""}, {1, "sip:b", "changed", "weight 1 -> 5"}},
      .sets = {{1, 0.25, 3, 4}},
      .settings = {"route 1: algorithm call-id -> from-uri"},
      .intents = {"1/sip:b: disabled"},
      .intents_waiting = {"1/sip:c: weight 5"},
      .warnings = {"set 2 would have no active destination"}};
  serve();

  const ProgramResult result = run({"plan"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(
      result.output,
      AllOf(HasSubstr("+1 -0 ~1 destinations; generation 7 serves\n+ 1/sip:a\n~ 1/sip:b\n"),
            HasSubstr("weight 1 -> 5"), HasSubstr("3 -> 4"), HasSubstr("25.0 %"),
            HasSubstr("words that stay\n  1/sip:b: disabled"), HasSubstr("without a destination"),
            HasSubstr("  1/sip:c: weight 5"), HasSubstr("route 1: algorithm"),
            HasSubstr("set 2 would have no active"), HasSubstr("sipsteerctl apply t-1\n")));
  EXPECT_EQ(run({"apply", "t-1"}).exit_code, 0);
  server_.reset();
  EXPECT_THAT(daemon_.calls, testing::ElementsAre("apply t-1"));
}

TEST_F(SipsteerctlCommands, ExplainAsksTheDaemonAndMarksTheWinner) {
  daemon_.explanation = {.outcome = "forwarded",
                         .because = "the first of the hash's choices that takes new calls",
                         .route = 1,
                         .winner = "sip:b",
                         .candidates = {{0, "sip:a", "udp:a", "probing", false, "down"},
                                        {1, "sip:b", "udp:b", "active", true, ""},
                                        {2, "sip:c", "udp:c", "active", false, ""}}};
  serve();

  const ProgramResult result = run({"explain", "--call-id", "x@y", "--set", "1"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("forwarded to sip:b"), HasSubstr("   sip:a  probing   down"),
                    HasSubstr("=> sip:b  active    taken"), HasSubstr(" + sip:c")));
  server_.reset();
  ASSERT_EQ(daemon_.questions.size(), 1U);
  EXPECT_EQ(daemon_.questions[0].call_id, "x@y");
  EXPECT_EQ(daemon_.questions[0].set, 1U);
}

TEST_F(SipsteerctlCommands, ExplainReadsAMessageWithPlainLineEnds) {
  serve();
  const std::string file = write_file("m.sip", "INVITE sip:b@c SIP/2.0\nCall-ID: 1\n");

  EXPECT_EQ(run({"explain", file}).exit_code, 0);

  server_.reset();
  ASSERT_EQ(daemon_.questions.size(), 1U);
  EXPECT_EQ(daemon_.questions[0].message, "INVITE sip:b@c SIP/2.0\r\nCall-ID: 1\r\n\r\n");
}

// A display name in Latin-1 and a binary body: RFC 3261 lets both pass.
const std::string kNotUtf8 =
    "INVITE sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\n"
    "From: \"J\xf6rg\" <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: x-y\r\nCSeq: 1 INVITE\r\n"
    "Content-Length: 3\r\n\r\n\xff\x00\xfe"s;

TEST_F(SipsteerctlCommands, ExplainTakesAMessageThatIsNotUtf8ToTheDaemon) {
  serve();

  const ProgramResult result = run({"explain", write_file("m.sip", kNotUtf8)});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  server_.reset();
  ASSERT_EQ(daemon_.questions.size(), 1U);
  EXPECT_EQ(daemon_.questions[0].message, kNotUtf8);
}

TEST_F(SipsteerctlCommands, ExplainTakesAMessageThatIsNotUtf8Offline) {
  const std::string file = write_file("m.sip", kNotUtf8);

  const ProgramResult words = run({"explain", "--list", list_file(), file});
  const ProgramResult json = run({"explain", "--list", list_file(), file, "--json"});

  EXPECT_EQ(words.exit_code, 0) << words.errors;
  EXPECT_THAT(words.output, HasSubstr("forwarded to sip:"));
  EXPECT_EQ(Json::parse(json.output)["hash_key"], "x-y");
}

TEST_F(SipsteerctlCommands, ExplainOfAListNeedsNoDaemon) {
  const ProgramResult result =
      run({"explain", "--list", list_file(), "--call-id", "x@y", "--json"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("--key FILE"));
  const Json json = Json::parse(result.output);
  EXPECT_EQ(json["outcome"], "forwarded");
  EXPECT_EQ(json["hash_key"], "x@y");
  EXPECT_EQ(json["candidates"].size(), 4U);
}

TEST_F(SipsteerctlCommands, SimulateShowsSharesAndWhatMoves) {
  const ProgramResult result = run({"simulate", "--list", list_file(), "--calls", "10000", "--down",
                                    "sip:127.0.0.1:6001", "--json"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const Json json = Json::parse(result.output);
  EXPECT_EQ(json["moved"], json["destinations"][0]["before"]);
  EXPECT_EQ(json["destinations"][0]["after"], 0);
  EXPECT_EQ(json["needless"], 0);
}

TEST_F(SipsteerctlCommands, SimulateRefusesWhatItCannotDo) {
  const std::string list = list_file();

  EXPECT_EQ(run({"simulate", "--list", list, "--down", "gw9"}).exit_code, 4);
  EXPECT_EQ(run({"simulate", "--list", list, "--weight", "sip:127.0.0.1:6001"}).exit_code, 2);
  EXPECT_EQ(run({"simulate"}).exit_code, 2);
  EXPECT_EQ(run({"simulate", "--list", folder_.file("none")}).exit_code, 1);
}

TEST_F(SipsteerctlCommands, EventsAreShownFromWhereTheyAreAskedFor) {
  daemon_.events.events = {test::event_of(4), test::event_of(5), test::event_of(6)};
  serve();

  const ProgramResult result = run({"events", "--from", "5", "--count", "1"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(StartsWith("    5  "), HasSubstr("active -> probing  probe: "),
                                   Not(HasSubstr("    6  "))));
}

TEST_F(SipsteerctlCommands, TopLooksAsOftenAsTold) {
  serve();

  const ProgramResult result = run({"top", "--count", "2", "--interval", "1ms"});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("sip:192.0.2.11:5060"));
  EXPECT_THAT(result.output, Not(HasSubstr("\x1b")));
}

TEST_F(SipsteerctlCommands, CompletionKnowsCommandsAndLiveNames) {
  EXPECT_THAT(run({"completion", "destinations"}).output, IsEmpty()) << "nobody to ask";
  serve();

  EXPECT_THAT(run({"completion", "destinations"}).output, HasSubstr("1/sip:192.0.2.12:5060\n"));
  EXPECT_EQ(run({"completion", "sets"}).output, "1\n20\n");
  EXPECT_THAT(run({"completion", "bash"}).output,
              AllOf(HasSubstr("complete -o default -F _sipsteerctl"), HasSubstr("undrain")));
}

TEST_F(SipsteerctlCommands, WhatDoesNotFitTogetherIsUsage) {
  const std::vector<std::vector<std::string>> mistakes = {{"drain"},
                                                          {"drain", "--node", kSecond},
                                                          {"drain", "--node", "--wait", "1m"},
                                                          {"drain", kSecond, "--for", "soon"},
                                                          {"weight", kSecond, "65536"},
                                                          {"explain"},
                                                          {"show", "x"},
                                                          {"apply"}};
  for (const std::vector<std::string>& arguments : mistakes) {
    EXPECT_EQ(run(arguments).exit_code, 2) << arguments.back();
  }
}

}  // namespace
}  // namespace steer::admin
