#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/admin/program.h"
#include "tests/admin/temporary_folder.h"

// `sipsteerctl lint` as it is run: what it prints and how it exits. No daemon is there.

namespace steer::admin {
namespace {

using Json = nlohmann::json;
using test::ProgramResult;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SipsteerctlLint : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_.file(name);
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }
  static ProgramResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "lint");
    return test::run_sipsteerctl(arguments);
  }

  test::TemporaryFolder folder_;
};

TEST_F(SipsteerctlLint, ACleanListExitsZero) {
  const std::string list = write("d.list", "1 sip:192.0.2.1:5060 0 0 weight=60\n");

  const ProgramResult result = run({list});

  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, "0 errors, 0 warnings, 0 notes in " + list + "\n");
}

TEST_F(SipsteerctlLint, AnErrorExitsOneWithPlaceCaretAndFix) {
  const std::string list = write("d.list", "1 sip:192.0.2.1:5060;weight=10\n");

  const ProgramResult result = run({list});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr(list + ":1:22: error: "), HasSubstr("[attribute-in-uri]\n"),
                    HasSubstr("    1 | 1 sip:192.0.2.1:5060;weight=10\n"
                              "      |                      ^~~~~~~~~\n"
                              "  fix | 1 sip:192.0.2.1:5060 0 0 weight=10\n"),
                    Not(HasSubstr("\x1b"))));
}

TEST_F(SipsteerctlLint, AWarningFailsOnlyIfStrictAndANoteNever) {
  const std::string warning = write("w.list", "1 sip:192.0.2.1:5060 1\n");
  const std::string note = write("n.list", "1 sip:192.0.2.1:5060 2\n");

  EXPECT_EQ(run({warning}).exit_code, 0);
  EXPECT_EQ(run({warning, "--strict"}).exit_code, 1);
  EXPECT_EQ(run({note, "--strict"}).exit_code, 0);
}

TEST_F(SipsteerctlLint, TheDialectDecidesWhatALineMeans) {
  const std::string list = write("d.list", "1 192.0.2.1:5060 2 50\n");

  EXPECT_EQ(run({list}).exit_code, 0);
  const ProgramResult result = run({list, "--dialect", "opensips"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("[scheme-missing]"));
}

TEST_F(SipsteerctlLint, JsonHasOneObjectPerFinding) {
  const std::string list = write("d.list", "1 sip:192.0.2.1:5060 0 0 a=1,b=2\nx \xff\n");

  const ProgramResult result = run({list, "--json"});

  EXPECT_EQ(result.exit_code, 1);
  const Json json = Json::parse(result.output);
  EXPECT_EQ(json["file"], list);
  EXPECT_EQ(json["dialect"], "kamailio");
  EXPECT_EQ(json["errors"], json["findings"].size());
  const Json expected = {{"rule", "attribute-comma"},
                         {"severity", "error"},
                         {"line", 1},
                         {"column", 29},
                         {"size", 1},
                         {"message", "',' between attributes; write ';' in its place"},
                         {"source", "1 sip:192.0.2.1:5060 0 0 a=1,b=2"},
                         {"fix", "1 sip:192.0.2.1:5060 0 0 a=1;b=2"}};
  EXPECT_THAT(json["findings"], testing::Contains(expected));
  EXPECT_EQ(json["findings"].back()["source"], "x \xef\xbf\xbd");
  EXPECT_TRUE(json["findings"].back()["fix"].is_null());
}

TEST_F(SipsteerctlLint, AConfigurationBringsDialectListenersRoutesAndTheList) {
  write("d.list", "1 sip:127.0.0.1:5060 0 50\n7 sip:192.0.2.1:5060 0 50\n");
  const std::string toml =
      write("s.toml",
            "listen = [\"udp:127.0.0.1:5060\"]\n[destinations]\nsource = \"d.list\"\n"
            "dialect = \"opensips\"\n[[route]]\nset = 1\n[[route]]\nset = 3\n");

  const ProgramResult result = run({"--config", toml, "--json"});

  EXPECT_EQ(result.exit_code, 1) << result.errors;
  const Json json = Json::parse(result.output);
  EXPECT_EQ(json["dialect"], "opensips");
  std::vector<std::string> rules;
  for (const Json& each : json["findings"]) {
    rules.push_back(each["rule"]);
  }
  EXPECT_THAT(rules, ElementsAre("empty-set", "own-listener", "empty-set", "unused-set"));
  EXPECT_EQ(
      run({"--config", toml, write("other.list", "1 sip:192.0.2.9:5060\n3 sip:192.0.2.9:5060\n"),
           "--dialect", "kamailio"})
          .exit_code,
      0);
}

TEST_F(SipsteerctlLint, AListOfAWildcardListenerIsHeldAgainstThisMachine) {
  const std::string toml = write("s.toml", "listen = [\"udp:0.0.0.0:5070\"]\n");
  const std::string list = write("d.list", "1 sip:127.0.0.1:5070\n");

  EXPECT_THAT(run({list, "--config", toml}).output, HasSubstr("[own-listener]"));
}

TEST_F(SipsteerctlLint, ResolveHoldsSocketsAgainstThisMachine) {
  const std::string list = write("d.list",
                                 "1 sip:192.0.2.1:5060 0 0 socket=udp:192.0.2.250:5060\n"
                                 "1 sip:192.0.2.2:5060 0 0 socket=udp:127.0.0.1:5060\n");

  EXPECT_THAT(run({list}).output, HasSubstr("0 errors, 0 warnings"));
  EXPECT_THAT(run({list, "--resolve"}).output,
              AllOf(HasSubstr(":1:26: warning: "), HasSubstr("0 errors, 1 warning")));
}

TEST_F(SipsteerctlLint, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(run({}).exit_code, 2);
  EXPECT_EQ(run({folder_.file("d.list"), "--dialect", "asterisk"}).exit_code, 2);
  EXPECT_EQ(run({"mysql://u@127.0.0.1:1/db"}).exit_code, 1);  // Nobody listens there.

  const ProgramResult gone = run({folder_.file("gone.list"), "--json"});
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_THAT(gone.errors, HasSubstr("gone.list: cannot be read: "));
  EXPECT_EQ(Json::parse(gone.output)["error"]["exit_code"], 1);

  const ProgramResult bad = run({"--config", write("s.toml", "shardz = 1\n")});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.errors, HasSubstr("s.toml:1:1: error: "));
}

TEST_F(SipsteerctlLint, StandardInputIsReadForADash) {
  const ProgramResult result = run({"-"});

  EXPECT_EQ(result.exit_code, 1) << "nothing comes: an empty list";
  EXPECT_THAT(result.output, HasSubstr("standard input:1:1: error: no destinations"));
}

TEST_F(SipsteerctlLint, CompletionKnowsItsOptions) {
  EXPECT_THAT(test::run_sipsteerctl({"completion", "bash"}).output,
              AllOf(HasSubstr("[lint]="), HasSubstr(" --dialect --strict --resolve --config")));
}

}  // namespace
}  // namespace steer::admin
