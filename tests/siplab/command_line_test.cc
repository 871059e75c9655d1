#include "tools/siplab/command_line.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace steer::siplab {
namespace {

using namespace std::chrono_literals;

Command read(std::vector<std::string> words) {
  words.insert(words.begin(), "siplab");
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  return read_command_line(arguments);
}

// The text of a refusal; empty if the command was taken.
std::string refusal(const std::vector<std::string>& words) {
  const Command command = read(words);
  const auto* const advice = std::get_if<Advice>(&command);
  return advice != nullptr && advice->exit_code == 2 ? advice->text : std::string{};
}

TEST(CommandLine, UasHasALimitOfItsOwn) {
  const Command command = read({"uas", "--listen", "udp:127.0.0.1:7000", "--ports", "3", "--drop",
                                "10%", "--delay", "50ms", "--ring", "180", "--code", "486"});

  const auto* const options = std::get_if<UasOptions>(&command);
  ASSERT_NE(options, nullptr);
  ASSERT_EQ(options->listen.size(), 3U);
  EXPECT_EQ(options->listen[2].port, 7002);
  EXPECT_DOUBLE_EQ(options->drop, 0.1);
  EXPECT_EQ(options->delay, 50ms);
  EXPECT_EQ(options->common.duration, 60s);
}

TEST(CommandLine, UacIsBoundedByDefault) {
  const Command command = read({"uac", "--target", "127.0.0.1:5060"});

  const auto* const options = std::get_if<UacOptions>(&command);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->count, 1'000U);
  EXPECT_EQ(options->window, 16U);
  EXPECT_EQ(options->timeout, 1s);
  EXPECT_FALSE(options->retransmit);
  EXPECT_NE(options->seed, 0U);
}

TEST(CommandLine, ARateMeansRepetitionsAndATimeMeansNoCount) {
  const Command command = read(
      {"uac", "--target", "udp:[::1]:5060", "--rate", "100", "--duration", "2m", "--mode", "call"});

  const auto* const options = std::get_if<UacOptions>(&command);
  ASSERT_NE(options, nullptr);
  EXPECT_TRUE(options->retransmit);
  EXPECT_EQ(options->count, 0U);
  EXPECT_EQ(options->common.duration, 120s);
  EXPECT_EQ(options->local.family, Family::kIpv6);
}

TEST(CommandLine, RelayTakesSeveralTargets) {
  const Command command = read({"relay", "--listen", "udp:127.0.0.1:5060", "--target",
                                "udp:127.0.0.1:7000", "--target", "udp:127.0.0.1:7001", "--plain"});

  const auto* const options = std::get_if<RelayOptions>(&command);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->targets.size(), 2U);
  EXPECT_TRUE(options->plain);
}

TEST(CommandLine, MistakesNameTheFlagAndTheCure) {
  EXPECT_NE(refusal({"uac", "--target", "udp:192.0.2.1:5060"}).find("--allow-remote"),
            std::string::npos);
  EXPECT_NE(refusal({"uac", "--target", "tcp:127.0.0.1:5060"}).find("udp:"), std::string::npos);
  EXPECT_NE(refusal({"uac", "--target", "udp:localhost:5060"}).find("names are not looked up"),
            std::string::npos);
  EXPECT_NE(refusal({"uas", "--listen", "udp:127.0.0.1:0", "--delay", "50"}).find("50ms"),
            std::string::npos);
  EXPECT_NE(refusal({"uas", "--listen", "udp:127.0.0.1:0", "--drop", "200%"}).find("--drop"),
            std::string::npos);
  EXPECT_NE(refusal({"uas", "--listen", "udp:127.0.0.1:65535", "--ports", "2"}).find("65535"),
            std::string::npos);
  EXPECT_FALSE(
      refusal({"uac", "--target", "udp:127.0.0.1:1", "--rate", "1", "--window", "1"}).empty());
  EXPECT_FALSE(refusal({"uac"}).empty());
  EXPECT_FALSE(refusal({}).empty());
  EXPECT_FALSE(refusal({"uac", "--target", "udp:127.0.0.1:5060", "--no-such-flag"}).empty());
}

TEST(CommandLine, HelpAndVersionExitWithZero) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"uac", "--help"}, {"uas", "-h"}, {"relay", "-h"}, {"--version"}}) {
    const Command command = read(words);
    const auto* const advice = std::get_if<Advice>(&command);
    ASSERT_NE(advice, nullptr);
    EXPECT_EQ(advice->exit_code, 0);
    EXPECT_NE(advice->text.find("siplab"), std::string::npos);
  }
}

TEST(Options, DurationsNeedTheirUnit) {
  EXPECT_EQ(parse_duration("50ms"), 50ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("0"), 0s);
  for (const std::string_view wrong : {"", "5", "-1s", "s", "1 s", "1d", "nan", "1e99s", "infs"}) {
    EXPECT_FALSE(parse_duration(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace steer::siplab
