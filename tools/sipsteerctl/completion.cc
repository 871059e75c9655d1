#include "tools/sipsteerctl/completion.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/layout.h"

namespace steer::ctl {
namespace {

// Words are taken from the line itself, not from COMP_WORDS: bash breaks those at each colon, and
// what it puts in place of the last piece must then lack all that stands before that colon.
constexpr std::string_view kBegin =
    R"(# Completion of sipsteerctl for bash: source <(sipsteerctl completion bash)
_sipsteerctl() {
  local line="${COMP_LINE:0:COMP_POINT}" current command="" socket=() word words
  read -ra words <<<"$line"
  [[ "$line" == *[[:blank:]] ]] && words+=("")
  current="${words[-1]}"
  local previous="" i
  ((${#words[@]} > 1)) && previous="${words[-2]}"
  for ((i = 1; i < ${#words[@]} - 1; ++i)); do
    word="${words[i]}"
    if [[ "$word" == --socket ]]; then
      socket=(--socket "${words[i + 1]}")
    elif [[ -z "$command" && "$word" != -* && "${words[i - 1]}" != --@(socket|timeout) ]]; then
      command="$word"
    fi
  done
  local choices=""
  case "$previous" in
    --socket | --list | --config | --key) choices=$(compgen -f -- "$current") ;;
    --down) choices=$(compgen -W "" -- "$current") ;;
    --dialect) choices="kamailio opensips" ;;
    --set) choices=$(sipsteerctl "${socket[@]}" --timeout 1s completion sets 2>/dev/null) ;;
    --timeout | --reason | --for | --wait | --quiet | --interval | --count | --from | --calls | \
      --call-id | --source | --weight | --add) ;;
    --transport) choices="udp tcp tls" ;;
    *)
      if [[ -z "$command" && "$current" == -* ]]; then
        choices="--socket --timeout --json --help --version"
      elif [[ -z "$command" ]]; then
        choices="$_sipsteerctl_commands"
      elif [[ "$current" == -* ]]; then
        choices="${_sipsteerctl_options[$command]}"
      else
        case "$command" in
          drain | undrain | disable | enable | weight)
            choices=$(sipsteerctl "${socket[@]}" --timeout 1s completion destinations 2>/dev/null) ;;
          show) choices=$(sipsteerctl "${socket[@]}" --timeout 1s completion sets 2>/dev/null) ;;
          explain | lint) choices=$(compgen -f -- "$current") ;;
          completion) choices="bash" ;;
        esac
      fi
      ;;
  esac
  local cut=""
  [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]] && cut="${current%"${current##*:}"}"
  COMPREPLY=()
  for word in $choices; do
    [[ "$word" == "$current"* ]] && COMPREPLY+=("${word#"$cut"}")
  done
}
)";
constexpr std::string_view kEnd = "complete -o default -F _sipsteerctl sipsteerctl\n";

std::string script() {
  std::string commands;
  std::string options;
  for (const std::string& line : command_words()) {
    const std::string name = line.substr(0, line.find(' '));
    commands += (commands.empty() ? "" : " ") + name;
    options +=
        fmt::format("  [{}]=\"{}\"\n", name, line.substr(std::min(name.size() + 1, line.size())));
  }
  return fmt::format("{}_sipsteerctl_commands=\"{}\"\ndeclare -gA _sipsteerctl_options=(\n{})\n{}",
                     kBegin, commands, options, kEnd);
}

// One name a line. What has a blank in it cannot be completed, and is not.
void print_names(const admin::ListAnswer& list, bool sets) {
  const auto say = [](const std::string& name) {
    if (name.find_first_of(" \t*?[") == std::string::npos) fmt::print("{}\n", printable(name));
  };
  for (const admin::SetRow& set : list.sets) {
    if (sets) say(std::to_string(set.id));
    for (const admin::DestinationRow& row : set.destinations) {
      if (sets) break;
      say(fmt::format("{}/{}", set.id, row.uri));
      if (!row.unique_id.empty()) say(row.unique_id);
    }
  }
}

}  // namespace

ExitCode completion(const Options& options) {
  if (options.what == "bash") {
    fmt::print("{}", script());
    return ExitCode::kOk;
  }
  const auto list = ask_for(options, plain_request("sipsteer.list"), read_list);
  if (list) print_names(*list, options.what == "sets");
  return ExitCode::kOk;
}

}  // namespace steer::ctl
