#include <cstdio>
#include <span>
#include <string>

#include <fmt/format.h>

#include "tools/siplab/command_line.h"
#include "tools/siplab/relay.h"
#include "tools/siplab/uac.h"
#include "tools/siplab/uas.h"

namespace steer::siplab {
namespace {

constexpr int kCannotRun = 2;

struct Runner {
  Signals& signals;

  Result<int> operator()(const Advice& advice) const {
    fmt::print(advice.exit_code == 0 ? stdout : stderr, "{}", advice.text);
    return advice.exit_code;
  }
  Result<int> operator()(const UasOptions& options) const { return run_uas(options, signals); }
  Result<int> operator()(const UacOptions& options) const { return run_uac(options, signals); }
  Result<int> operator()(const RelayOptions& options) const {
    return options.plain ? run_plain_relay(options, signals) : run_relay(options, signals);
  }
};

int report(const Error& error) {
  fmt::print(stderr, "siplab: {}\n", error.text());
  return kCannotRun;
}

}  // namespace
}  // namespace steer::siplab

int main(int count, char** arguments) {
  using steer::Result;
  using namespace steer::siplab;
  Result<Signals> signals = Signals::open();
  if (!signals) return report(signals.error());
  const Command command = read_command_line(std::span{arguments, static_cast<std::size_t>(count)});
  const Result<int> code = std::visit(Runner{*signals}, command);
  return code ? *code : report(code.error());
}
