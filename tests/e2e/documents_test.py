"""Every command that the documents show with its output is run, in order, against real daemons, and
must print what the document says. Only numbers and times may differ.

    STEER_UPDATE_DOCS=1 documents_test.py --bin-dir build/release/bin

writes what was printed into the documents instead. It runs in namespaces of its own, with the usual
ports free and nothing in /var/lib, as where nothing was installed. How a page is written:

- A block between ``` whose lines begin with "$ " is run by one bash for the whole page, in a folder
  of its own; what follows a command is its output. A line "..." stands for any lines.
- `<!-- $ COMMAND -->` on a line of its own, outside of blocks, is run without being shown.
- `<!-- not run -->` before a block: it is not.
"""

import os
import re
import signal
import subprocess
import sys
import time
import unittest

import lab

INSIDE = "STEER_DOCUMENTS_NAMESPACE"
UPDATE = bool(os.environ.get("STEER_UPDATE_DOCS"))
PAGES = ("README.md", "docs/cli.md", "docs/operations.md")
COMMAND_SECONDS = 30
APART = ["unshare", "--map-root-user", "--net", "--mount"]
PREPARE = "ip link set lo up; mount -t tmpfs none /var/lib"
USUAL_SOCKET = "/run/sipsteer/ctl.sock"  # What the documents say instead of the laboratory's.

# What hidden commands may use. `await CONDITION` fails the page if it does not come true.
PRELUDE = r"""
set +m
await() {
  local i
  for ((i = 0; i < 400; ++i)); do eval "$1" >/dev/null 2>&1 && return 0; sleep 0.05; done
  echo "awaited in vain: $1"
  return 1
}
start() {  # The daemon of sipsteer.toml in this folder, ready.
  : >log
  sipsteer -f sipsteer.toml </dev/null >>log 2>&1 &
  daemon=$!
  await 'grep -q "listens on" log' || cat log
}
stop() { kill -INT "$daemon"; wait "$daemon" 2>/dev/null; }
"""


class Block:
    """Lines of a page between fences: commands, each with its output."""

    def __init__(self, first_line, indent):
        self.first_line = first_line
        self.indent = indent
        self.steps = []  # [command, [lines of output]]

    def take(self, line):
        if line.startswith("$ "):
            self.steps.append([line[2:], []])
        elif self.steps and not self.steps[-1][1] and not is_whole(self.steps[-1][0]):
            self.steps[-1][0] += "\n" + line
        elif self.steps:
            self.steps[-1][1].append(line)

    def text(self):
        lines = []
        for command, output in self.steps:
            first, *rest = command.split("\n")
            lines += ["$ " + first, *rest, *output]
        return [(self.indent + line).rstrip() for line in lines]


def is_whole(command):
    return subprocess.run(["bash", "-n", "-c", command], capture_output=True,
                          check=False).returncode == 0


def parts_of(text):
    """A page as lines, hidden commands as ("hidden", line, command) and Blocks that are run."""
    parts, block, runs = [], None, True
    for number, line in enumerate(text.split("\n"), 1):
        fence = re.match(r"^( *)```(.*)$", line)
        hidden = re.match(r"^ *<!-- \$ (.*) -->$", line)
        if block is None and fence:
            block = Block(number, fence[1])
            raw = [line]
        elif block is not None and fence:
            shown = block.steps and runs and raw[1].startswith(block.indent + "$ ")
            parts += [raw[0], block, line] if shown else [*raw, line]
            block, runs = None, True
        elif block is not None:
            raw.append(line)
            block.take(line.removeprefix(block.indent))
        else:
            runs = runs and "<!-- not run" not in line
            parts.append(("hidden", number, hidden[1], line) if hidden else line)
    return parts


class Shell:
    """One bash; whatever it starts ends with it."""

    def __init__(self, folder):
        self.folder = folder
        self.log = open(folder / "shell", "wb+")  # noqa: SIM115 (closed at the end)
        self.seen = 0
        self.count = 0
        environment = dict(os.environ, SIPSTEER_SOCKET=folder / "ctl.sock", COLUMNS="80", LANG="C",
                           PATH=lab._bin_dir + ":" + os.environ["PATH"], TERM="dumb", PS1="")
        self.bash = subprocess.Popen(["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE,
                                     stdout=self.log, stderr=self.log, cwd=folder.path,
                                     env=environment, start_new_session=True)
        self.run(PRELUDE)

    def run(self, command, until=None):
        """What the command prints. `until`: a pattern that background work prints at last."""
        self.count += 1
        mark = f"-- end of {self.count} --"
        self.bash.stdin.write(f"{command}\n__was=$?; echo '{mark}'; (exit $__was)\n".encode())
        self.bash.stdin.flush()

        def look():
            text = self.new_text()
            whole = mark in text and (until is None or re.search(until, text))
            return text if whole else ""
        text = lab.wait_until(look, f"the end of: {command}\n{self.new_text()}", COMMAND_SECONDS)
        self.seen += len(text.encode())
        return text.replace(mark + "\n", "").replace(self.folder / "ctl.sock", USUAL_SOCKET).replace(
            self.folder.path + "/", "")

    def new_text(self):
        with open(self.folder / "shell", "rb") as octets:
            octets.seek(self.seen)
            return octets.read().decode(errors="replace")

    def close(self):
        os.killpg(self.bash.pid, signal.SIGTERM)
        time.sleep(0.2)  # So that they end by themselves.
        os.killpg(self.bash.pid, signal.SIGKILL)
        self.bash.wait()
        self.bash.stdin.close()
        self.log.close()


def shape(text):
    """The text with every number, time and width alike."""
    text = re.sub(r"\b[0-9a-f]{16}\b", "HEX", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+\d\d:\d\d)", "TIME", text)
    text = re.sub(r"\b(io_uring|epoll)\b", "IO", text)  # What this machine's kernel allows.
    text = re.sub(r"\b(?:\d+[dhms])+\b|\b\d+(?=/s\b)", "0", text)
    text = re.sub(r"[+-]?\d+(\.\d+)?(?= ?(us|ms|s|m|h|%)\b)(?: ?(us|ms|s|m|h)\b)?", "0", text)
    text = re.sub(r"(?<![\w.:])[+-]?\d+(\.\d+)?(?![\w.:/-])", "0", text)
    return re.sub(r"\s+", " ", text).strip()


def differs(shown, printed):
    """Empty if `printed` has the shape of `shown`."""
    pieces = [re.escape(shape(piece)) for piece in re.split(r"(?m)^\.\.\.$", shown)]
    pattern = r"\s*.*?\s*".join(pieces)
    if re.fullmatch(pattern, shape(printed), re.DOTALL):
        return ""
    return f"the document says\n{shown}\nbut it printed\n{printed}\nas shapes\n" \
           f"{shape(shown)}\n{shape(printed)}"


class Documents(unittest.TestCase):
    def play(self, page):
        with open(os.path.join(lab.SOURCE_TREE, page), encoding="utf-8") as text:
            parts = parts_of(text.read())
        folder = self.enterContext(lab.Folder())
        shell = Shell(folder)
        self.addCleanup(shell.close)
        wrong, commands = [], 0
        for part in parts:
            if isinstance(part, tuple):
                _, line, command, _ = part
                if printed := shell.run(command).strip():
                    self.fail(f"{page}:{line}: the hidden command printed {printed}")
            elif isinstance(part, Block):
                commands += len(part.steps)
                wrong += self.play_block(page, part, shell)
        print(f"  {page}: {commands} commands")
        self.assertGreater(commands, 0)
        if UPDATE:
            self.write(page, parts)
        self.assertEqual(wrong, [], "\n".join(wrong))

    def play_block(self, page, block, shell):
        wrong = []
        for step in block.steps:
            command, lines = step
            until = "listens on" if command.rstrip().endswith("&") else None
            printed = shell.run(command, until).rstrip("\n")
            shown = "\n".join(lines).rstrip("\n")
            if why := differs(shown, printed):
                if UPDATE:
                    step[1] = printed.split("\n") if printed else []
                else:
                    wrong.append(f"{page}:{block.first_line}: $ {command}\n{why}\n")
        return wrong

    def write(self, page, parts):
        lines = []
        for part in parts:
            if isinstance(part, Block):
                lines += part.text()
            else:
                lines.append(part[3] if isinstance(part, tuple) else part)
        with open(os.path.join(lab.SOURCE_TREE, page), "w", encoding="utf-8") as out:
            out.write("\n".join(lines))


class Shapes(unittest.TestCase):
    """The comparison itself: what it forgives and what not."""

    def test_numbers_and_times_may_differ(self):
        self.assertEqual(differs("active  7s  13.5 %  p50 236 us", "active 12s 9 % p50 5.85 ms"), "")
        self.assertEqual(differs("another 1h59m56s", "another 2h"), "")
        self.assertEqual(differs("at 2026-11-23T11:35:18.301Z", "at 2027-01-02T03:04:05.678Z"), "")

    def test_words_addresses_and_missing_lines_may_not(self):
        for shown, printed in (("gw1 active", "gw1 probing"), ("a\nb", "a"),
                               ("sip:127.0.0.1:7001", "sip:127.0.0.1:7002"), ("gw1", "gw2"),
                               ("-0 ~1 x", "x"), ("", "error")):
            self.assertNotEqual(differs(shown, printed), "", (shown, printed))

    def test_dots_stand_for_any_lines(self):
        self.assertEqual(differs("...\nend", "one\ntwo\nend"), "")
        self.assertNotEqual(differs("...\nend", "one\ntwo"), "")


for name in PAGES:
    stem = re.sub(r"\W", "_", name)
    setattr(Documents, f"test_{stem}", lambda self, page=name: self.play(page))

if __name__ == "__main__":
    if not os.environ.get(INSIDE):
        tried = subprocess.run([*APART, "sh", "-ec", PREPARE], capture_output=True, check=False)
        if tried.returncode != 0:
            print(f"SKIP: no namespaces for the usual ports ({tried.stderr.decode().strip()}): run it "
                  "as root, with iproute2")
            sys.exit(lab.SKIPPED)
        os.environ[INSIDE] = "1"
        os.execvp("unshare", [*APART, "sh", "-ec", PREPARE + '; exec "$@"', "sh", sys.executable,
                              "-B", *sys.argv])
    lab.main()
