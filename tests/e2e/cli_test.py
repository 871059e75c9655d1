"""sipsteerctl where only the real thing shows: completion in a real bash, news as they come, a
terminal."""

import json
import os
import pty
import select
import signal
import subprocess
import termios
import time
import unittest

import lab

LIST = """1 sip:127.0.0.1:9 0 0 duid=gw1
1 sip:127.0.0.1:19 0 0 duid=gw2
1 sip:127.0.0.1:29
20 sip:127.0.0.1:39
"""
ASK = r"""
source <(sipsteerctl completion bash) || exit 1
complete -p sipsteerctl >/dev/null || exit 1
COMP_LINE="$1" COMP_POINT=${#1}
_sipsteerctl
printf '%s\n' "${COMPREPLY[@]}"
"""


class Plan(unittest.TestCase):
    """What was planned is done from the state that it was planned for, or not at all."""

    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas(2))
        self.lines = [f"1 {uri}\n" for uri in self.uas.uris]
        self.folder = self.enterContext(lab.Folder())
        self.key = self.folder.write("key", "1" * 64 + "\n")
        os.chmod(self.key, 0o600)
        self.daemon = self.enterContext(lab.Daemon(
            "".join(self.lines), top=f'cluster_key = "file:{self.key}"\n',
            health='interval = "200ms"\ntimeout = "100ms"\nfall = 2\n'))

    def planned(self):
        return json.loads(self.daemon.ctl("plan", "--json").stdout)["token"]

    def apply(self, token):
        return self.daemon.ctl("apply", token).returncode

    def test_it_is_done_once(self):
        self.daemon.write_list(self.lines[0])
        token = self.planned()

        self.assertEqual((self.apply(token), self.apply(token)), (0, 1))

    def test_not_with_another_key(self):
        token = self.planned()
        self.folder.write("key", "2" * 64 + "\n")

        self.assertEqual(self.apply(token), 1)

    def test_not_when_somebody_has_died_since(self):
        self.daemon.write_list(self.lines[0])
        token = self.planned()
        self.uas.send(signal.SIGSTOP)
        try:
            self.daemon.await_state(self.uas.uris[0], "probing")
            self.assertEqual(self.apply(token), 1)
        finally:
            self.uas.send(signal.SIGCONT)


class Completion(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(lab.Daemon(LIST))

    def complete(self, line):
        """What bash offers at the end of the line."""
        path = os.path.dirname(lab.program("sipsteerctl")) + ":" + os.environ["PATH"]
        done = lab.run(["bash", "--norc", "-c", ASK, "bash", line],
                       env=dict(os.environ, PATH=path, SIPSTEER_SOCKET=self.daemon.socket))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_commands(self):
        every = self.complete("sipsteerctl ")
        self.assertGreaterEqual(set(every), {"list", "show", "drain", "undrain", "disable", "enable",
                                             "weight", "reload", "plan", "apply", "explain",
                                             "simulate", "events", "top", "ready", "version"})
        self.assertEqual(self.complete("sipsteerctl dr"), ["drain"])
        self.assertEqual(self.complete("sipsteerctl --json und"), ["undrain"])

    def test_live_destinations(self):
        names = ["1/sip:127.0.0.1:9", "gw1", "1/sip:127.0.0.1:19", "gw2", "1/sip:127.0.0.1:29",
                 "20/sip:127.0.0.1:39"]
        for command in ("drain", "undrain", "disable", "enable", "weight"):
            self.assertEqual(self.complete(f"sipsteerctl {command} "), names, command)
        self.assertEqual(self.complete("sipsteerctl drain gw"), ["gw1", "gw2"])
        self.daemon.write_list(LIST + "7 sip:127.0.0.1:49\n")
        self.daemon.ask("reload")
        self.assertIn("7/sip:127.0.0.1:49", self.complete("sipsteerctl drain "))

    def test_what_stands_before_a_colon_is_not_offered_again(self):
        self.assertEqual(self.complete("sipsteerctl drain 20/sip:"), ["127.0.0.1:39"])
        self.assertEqual(self.complete("sipsteerctl drain 1/sip:127.0.0.1:1"), ["19"])

    def test_sets_options_and_another_socket(self):
        self.assertEqual(self.complete("sipsteerctl show "), ["1", "20"])
        self.assertIn("--wait", self.complete("sipsteerctl drain --"))
        self.assertNotIn("--wait", self.complete("sipsteerctl list --"))
        self.assertEqual(self.complete("sipsteerctl --socket /nowhere/ctl.sock drain "), [])


class Events(unittest.TestCase):
    def follow(self, daemon, *arguments):
        process = subprocess.Popen([lab.program("sipsteerctl"), "--socket", daemon.socket, "--json",
                                    "events", "--follow", *arguments],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, lab.PATIENCE)
        self.addCleanup(process.kill)
        return process

    def test_followers_get_the_whole_present_state_first_and_then_each_change(self):
        daemon = self.enterContext(lab.Daemon(LIST))
        daemon.ctl("disable", "gw1", "--reason", "before")
        process = self.follow(daemon, "--count", "2")

        first = json.loads(process.stdout.readline())
        daemon.ctl("drain", "gw2", "--reason", "after")
        daemon.ctl("weight", "sip:127.0.0.1:29", "5")
        changes = [json.loads(process.stdout.readline()) for _ in range(2)]

        states = {row["uri"]: row["state"] for group in first["state"]["sets"]
                  for row in group["destinations"]}
        self.assertEqual(states, {"sip:127.0.0.1:9": "disabled", "sip:127.0.0.1:19": "active",
                                  "sip:127.0.0.1:29": "active", "sip:127.0.0.1:39": "active"})
        self.assertEqual(changes[0]["sequence"], first["next"])
        self.assertEqual([(each["before"], each["after"], each["cause"]) for each in changes],
                         [("active", "draining", "operator"), ("weight 1", "weight 5", "operator")])
        self.assertEqual(process.wait(lab.PATIENCE), 0)

    def test_the_end_of_the_daemon_is_told_by_the_exit_code(self):
        daemon = self.enterContext(lab.Daemon(LIST))
        process = self.follow(daemon)
        process.stdout.readline()
        daemon.end()
        self.assertEqual(process.wait(lab.PATIENCE), 3)


class Top(unittest.TestCase):
    def start(self, *arguments):
        """sipsteerctl top on a terminal: (process, the terminal's other end)."""
        daemon = self.enterContext(lab.Daemon(LIST))
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        self.modes = lambda: termios.tcgetattr(theirs)
        self.modes_before = self.modes()
        process = subprocess.Popen([lab.program("sipsteerctl"), "--socket", daemon.socket, "top",
                                    *arguments], stdin=theirs, stdout=theirs, stderr=theirs,
                                   env=dict(os.environ, TERM="xterm"))
        self.addCleanup(process.wait, lab.PATIENCE)
        self.addCleanup(process.kill)
        return process, ours

    def read(self, terminal, seconds=0.2):
        text = b""
        while select.select([terminal], [], [], seconds)[0]:
            try:
                text += os.read(terminal, 1 << 16)
            except OSError:
                break  # The other end is closed.
        return text.decode()

    def test_q_ends_it_at_once_and_the_terminal_is_as_it_was(self):
        process, terminal = self.start("--interval", "1h")
        lab.wait_until(lambda: "SELECTED" in self.read(terminal), "the table")
        begin = time.monotonic()
        self.assertNotEqual(self.modes(), self.modes_before, "a key would wait for Enter")
        os.write(terminal, b"xq")
        self.assertEqual(process.wait(lab.PATIENCE), 0)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual(self.modes(), self.modes_before)

    def test_an_interrupt_leaves_the_terminal_as_it_was(self):
        process, terminal = self.start("--interval", "1h")
        lab.wait_until(lambda: "SELECTED" in self.read(terminal), "the table")
        process.send_signal(signal.SIGINT)
        process.wait(lab.PATIENCE)
        self.assertEqual(self.modes(), self.modes_before)

    def test_without_a_key_it_goes_on(self):
        process, terminal = self.start("--interval", "100ms", "--count", "3")
        lab.wait_until(lambda: process.poll() is not None or not self.read(terminal, 0.01), "output")
        self.assertEqual(process.wait(lab.PATIENCE), 0)


if __name__ == "__main__":
    lab.main()
