"""What stops a start is told in a sentence, with a cure, and an exit code."""

import os
import re
import shutil
import socket
import unittest

import lab

GOOD_LIST = "1 sip:127.0.0.1:9\n"
NOBODY = 65534


def as_nobody():
    """Command prefix that gives up all rights; None if that cannot be done here."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return None
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
              "--inh-caps=-all", "--bounding-set=-all"]
    tried = lab.run([*prefix, lab.program("sipsteer"), "--version"])
    return prefix if tried.returncode == 0 else None


class Start(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(lab.Folder())
        self.port = lab.free_ports(1)[0]
        self.folder.write("dispatcher.list", GOOD_LIST)

    def toml(self, **changes):
        """A good sipsteer.toml but for `changes`."""
        fields = {"listen": f'["udp:127.0.0.1:{self.port}"]', "io": "epoll", "shards": 1,
                  "folder": self.folder.path, "top": "", "destinations": "", "admin": lab.NO_HTTP,
                  "health": lab.NO_HEALTH, "more": ""} | changes
        return self.folder.write("sipsteer.toml", lab.TOML.format(**fields))

    def sipsteer(self, *arguments, prefix=()):
        return lab.run([*prefix, lab.program("sipsteer"), *arguments])

    def refuse(self, *arguments, told, code=1, prefix=()):
        """Runs it, and expects exit code and text; no assertion may fail inside of it."""
        done = self.sipsteer(*arguments, prefix=prefix)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertRegex(done.stderr, told)
        self.assertNotIn("assertion", done.stderr)
        return done.stderr

    # --- The network ---

    def test_a_busy_port_of_another_program(self):
        with lab.Endpoint() as other:
            listen = f'["udp:{lab.host_port(other.address)}"]'
            text = self.refuse("-f", self.toml(listen=listen),
                               told=r"sipsteer\.toml:1:\d+: error: udp:127\.0\.0\.1:\d+: .*in use")
            self.assertIn(str(other.address[1]), text)

    def test_a_busy_port_of_another_sipsteer(self):
        with lab.Daemon(GOOD_LIST) as first:
            listen = f'["udp:{lab.host_port(first.listener)}"]'
            self.refuse("-f", self.toml(listen=listen), told="in use")
            self.assertTrue(first.is_alive())
            with lab.Caller() as caller:
                self.assertEqual(caller.status(first.listener, "still", uri=(
                    f"sip:{lab.host_port(first.listener)}")), 200)

    def test_the_control_socket_of_another_sipsteer(self):
        with lab.Daemon(GOOD_LIST) as first:
            self.refuse("-f", self.toml(), "--socket", first.socket, told="sipsteer|in use|runs")
            self.assertEqual(first.generation(), 1)

    def test_an_address_that_this_machine_does_not_have(self):
        self.refuse("-f", self.toml(listen='["udp:203.0.113.77:5060"]'), told="203.0.113.77")

    def test_the_same_listener_twice(self):
        one = f'"udp:127.0.0.1:{self.port}"'
        self.refuse("-f", self.toml(listen=f"[{one}, {one}]"), told="twice|in use|already")

    def test_a_privileged_port_without_rights(self):
        prefix = as_nobody()
        if prefix is None:
            self.skipTest("needs root and setpriv, and a build that others may read")
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as first:
            if int(first.read()) <= 80:
                self.skipTest("every port is free for all here (ip_unprivileged_port_start)")
        os.chmod(self.folder.path, 0o777)
        self.refuse("-f", self.toml(listen='["udp:127.0.0.1:80"]'), prefix=prefix,
                    told="not allowed to bind.*1024")

    def test_a_destination_that_is_a_listener(self):
        self.folder.write("dispatcher.list", f"1 sip:127.0.0.1:{self.port}\n")
        self.refuse("-f", self.toml(), told=r"dispatcher\.list:1:\d+: error: .*listen")

    # --- Files ---

    def test_a_missing_configuration(self):
        self.refuse("-f", self.folder / "nowhere.toml", told=r"nowhere\.toml.*No such file")

    def test_a_folder_as_configuration(self):
        self.refuse("-f", self.folder.path, told="(?i)directory|folder")

    def test_a_missing_list(self):
        os.unlink(self.folder / "dispatcher.list")
        self.refuse("-f", self.toml(), told=r"dispatcher\.list.*No such file")

    def test_a_folder_as_list(self):
        os.unlink(self.folder / "dispatcher.list")
        os.mkdir(self.folder / "dispatcher.list")
        self.refuse("-f", self.toml(), told="(?i)directory|folder")

    def test_a_list_without_destinations(self):
        self.folder.write("dispatcher.list", "# later\n")
        self.refuse("-f", self.toml(), told=r"dispatcher\.list:\d+:\d+: error: ")

    def test_unreadable_files(self):
        prefix = as_nobody()
        if prefix is None:
            self.skipTest("needs root and setpriv, and a build that others may read")
        path = self.toml()
        for name in ("dispatcher.list", "sipsteer.toml"):
            os.chmod(self.folder / name, 0)
            with self.subTest(name):
                self.refuse("-c", "-f", path, told=f"{name}.*Permission denied", prefix=prefix)
            os.chmod(self.folder / name, 0o644)

    # --- Keys ---

    def test_an_unknown_key_comes_with_a_suggestion(self):
        text = self.refuse("-f", self.toml(top="advertize = 'a.example'"),
                           told=r"sipsteer\.toml:\d+:\d+: error: .*advertize")
        self.assertIn("advertise", text)

    def test_what_is_not_built_yet_says_so(self):
        route = "[[route]]\nset = 1\n"
        for name, change, told in (
                ("tcp", {"listen": '["tcp:127.0.0.1:5060"]'}, "not built yet"),
                ("latency", {"more": route + "algorithm = 13"}, "not built yet")):
            with self.subTest(name):
                self.refuse("-f", self.toml(**change), told=told)

    def test_http_that_cannot_be_opened(self):
        busy = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        port = busy.getsockname()[1]
        short = self.folder.write("short", "abc\n")
        named = f'http = "127.0.0.1:{port}"\n'
        for admin, told in ((named, f"cannot listen on 127.0.0.1:{port}: .*in use"),
                            (lab.NO_HTTP + 'token = "secret"\n', "admin.token names a file"),
                            ('http = "localhost"\n', "no address with a port"),
                            (f'{named}token = "file:{short}"\n', "openssl rand"),
                            (f'{named}token = "file:/nowhere"\n', "/nowhere.*No such file")):
            with self.subTest(told):
                self.refuse("-f", self.toml(admin=admin), told=told)

    # --- The command line ---

    def test_wrong_flags_are_exit_code_2(self):
        for arguments in (["--no-such-flag"], ["-f"], ["extra"], ["--strict"],
                          ["-f", "a.toml", "--list", "b.list"]):
            with self.subTest(arguments):
                self.refuse(*arguments, told=".", code=2)

    def test_help_and_version_are_exit_code_0(self):
        self.assertIn("Usage", self.sipsteer("--help").stdout)
        self.assertRegex(self.sipsteer("--version").stdout, r"sipsteer \d+\.\d+")

    def test_a_wrong_listener_on_the_command_line(self):
        for text in ("udp:127.0.0.1", "udp:localhost:5060", "5060", "udp:127.0.0.1:70000"):
            with self.subTest(text):
                self.refuse("--list", self.folder / "dispatcher.list", "-l", text,
                            told=re.escape(text))

    def test_a_list_alone_runs(self):
        socket = self.folder / "ctl.sock"
        with lab.Process([lab.program("sipsteer"), "--list", self.folder / "dispatcher.list", "-l",
                          f"udp:127.0.0.1:{self.port}", "--socket", socket],
                         self.folder / "log") as daemon:
            daemon.await_output(f"listens on udp:127.0.0.1:{self.port}")
            listed = lab.run([lab.program("sipsteerctl"), "--socket", socket, "list"])
            self.assertIn("sip:127.0.0.1:9", listed.stdout)

    def test_port_0_is_a_port_of_the_systems_choice(self):
        with lab.Process([lab.program("sipsteer"), "--list", self.folder / "dispatcher.list", "-l",
                          "udp:127.0.0.1:0", "--socket", self.folder / "ctl.sock"],
                         self.folder / "log") as daemon:
            match = daemon.await_output(r"listens on udp:127\.0\.0\.1:(\d+)")
            self.assertGreater(int(match[1]), 0)

    # --- Check ---

    def test_check_of_a_good_configuration(self):
        done = self.sipsteer("-c", "-f", self.toml())

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("error", done.stderr)

    def test_check_tells_all_mistakes_at_once(self):
        self.folder.write("dispatcher.list", "1 sip:127.0.0.1:99999\nx sip:127.0.0.1\n1\n")
        path = self.toml(top='log_level = "loud"\nno_such_key = 1', health='interval = "10"\n')
        text = self.refuse("-c", "-f", path, told=r"sipsteer\.toml:\d+:\d+: error: ")
        self.assertGreaterEqual(len(re.findall(r"sipsteer\.toml:\d+:\d+: error: ", text)), 3, text)
        text = self.refuse("-c", "-f", self.toml(), told=r"dispatcher\.list:1:\d+: error: ")
        for line in (2, 3):
            self.assertRegex(text, rf"dispatcher\.list:{line}:\d+: error: ")

    def test_check_strict_fails_on_warnings(self):
        self.folder.write("dispatcher.list", "1 sip:127.0.0.1:9 0 0 weight=0\n")
        path = self.toml()
        self.assertEqual(self.sipsteer("-c", "-f", path).returncode, 0)

        self.refuse("-c", "--strict", "-f", path, told="warning: ")

    def test_check_strict_holds_the_rules_of_lint_against_the_list(self):
        self.folder.write("dispatcher.list", "1\tsip:127.0.0.1:9\n")
        path = self.toml()
        self.assertNotIn("tab between", self.sipsteer("-c", "-f", path).stderr)

        done = self.sipsteer("-c", "--strict", "-f", path)

        self.assertRegex(done.stderr, r"dispatcher\.list:1:2: note: a tab between columns")
        self.assertEqual(done.returncode, 0, "a note fails nothing: " + done.stderr)

    def test_check_leaves_the_port_of_a_running_daemon_alone(self):
        with lab.Daemon(GOOD_LIST) as daemon:
            done = self.sipsteer("-c", "-f", daemon.folder / "sipsteer.toml")

            self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_print_config_prints_is_a_configuration(self):
        path = self.toml(more='[[route]]\nmatch = { method = ["INVITE"], ruri_user = "+49*" }\n'
                              'set = 1\nalgorithm = "pv"\nhash = "$fU@$ci"\n')
        printed = self.sipsteer("--print-config", "-f", path)
        self.assertEqual(printed.returncode, 0, printed.stderr)
        again = self.folder.write("printed.toml", printed.stdout)

        done = self.sipsteer("-c", "-f", again)

        self.assertEqual(done.returncode, 0, printed.stdout + done.stderr)
        def keys(text):
            return [line.partition("#")[0].strip() for line in text.splitlines()]

        self.assertEqual(keys(self.sipsteer("--print-config", "-f", again).stdout),
                         keys(printed.stdout))


class Io(unittest.TestCase):
    def setUp(self):
        self.prefix = lab.without_uring()
        if self.prefix is None:
            self.skipTest("seccomp is not available here")

    def test_auto_goes_on_with_epoll_and_says_so_once(self):
        with lab.Daemon(GOOD_LIST, io="auto", prefix=self.prefix) as daemon:
            info = daemon.ask("info")
            self.assertEqual(info["io"], "epoll")
            self.assertNotEqual(info["io_reason"], "")
            self.assertEqual(daemon.output().count("io_uring is not used"), 1)

    def test_a_demanded_io_uring_that_is_refused_stops_the_start(self):
        with self.assertRaisesRegex(AssertionError, "(?s)ended without.*io_uring.*epoll"):
            lab.Daemon(GOOD_LIST, io="io_uring", prefix=self.prefix)

    def test_each_back_end_is_reported(self):
        for io in ("epoll", "io_uring"):
            if io == "io_uring" and lab.why_no_uring():
                continue
            with lab.Daemon(GOOD_LIST, io=io) as daemon:
                self.assertEqual(daemon.ask("info")["io"], io)


if __name__ == "__main__":
    lab.main()
