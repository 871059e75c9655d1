"""A laboratory for tests of the real programs: daemons in folders of their own, SIP sockets on
loopback, waits with deadlines. Whatever is started here is ended when its `with` ends."""

import argparse
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from sip_text import (answer_to, call_id_of, header, headers, host_port,  # noqa: F401
                      is_probe, request, status_of)

SOURCE_TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED = 77  # ctest's SKIP_RETURN_CODE for these scripts.
PATIENCE = 10.0  # Seconds that anything may take on a busy machine.

_bin_dir = os.environ.get("STEER_BIN_DIR", "")


def main():
    """Runs the tests of the script that calls; exit code 77 if all of them had to be skipped."""
    global _bin_dir
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bin-dir", default=_bin_dir)
    known, rest = parser.parse_known_args()
    _bin_dir = os.path.abspath(known.bin_dir) if known.bin_dir else ""
    if not os.access(program("sipsteer"), os.X_OK):
        sys.exit(f"no sipsteer in '{_bin_dir}': build it, then give --bin-dir or STEER_BIN_DIR")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that every `finally` runs.
    run = unittest.main(argv=[sys.argv[0], "-v", *rest], exit=False)
    for test, why in run.result.skipped:
        print(f"SKIP {test}: {why}")
    if not run.result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if run.result.testsRun == len(run.result.skipped) else 0)


def program(name):
    return os.path.join(_bin_dir, name)


def shared_folder():
    """Where the reference material lies, or None."""
    path = os.environ.get("STEER_SHARED") or os.path.join(SOURCE_TREE, "..", "shared")
    return path if os.path.isdir(path) else None


def wait_until(fact, what, seconds=PATIENCE):
    """Returns the first true value of fact(); fails with `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = fact()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)  # Of polling; no test relies on how long it is.


def free_ports(count, address="127.0.0.1"):
    """Ports that nobody has now. Held together, so that they differ."""
    sockets = []
    try:
        for _ in range(count):
            held = socket.socket(family_of(address), socket.SOCK_DGRAM)
            sockets.append(held)
            held.bind((address, 0))
        return [held.getsockname()[1] for held in sockets]
    finally:
        for held in sockets:
            held.close()


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def run(arguments, seconds=PATIENCE, **options):
    """A program that ends by itself: exit code and texts."""
    return subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True,
                          timeout=seconds, check=False, **options)


class Folder:
    """A temporary folder. Readable for everybody, since some daemons give up their rights."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="sipsteer-e2e-")
        os.chmod(self.path, 0o755)

    def write(self, name, text):
        """Replaces a file at once, as editors do."""
        path = os.path.join(self.path, name)
        with open(path + ".new", "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.replace(path + ".new", path)
        return path

    def __truediv__(self, name):
        return os.path.join(self.path, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Process:
    """A program in the background. Its output is kept in a file, its end is certain."""

    def __init__(self, arguments, output_path, **options):
        self.output_path = output_path
        with open(output_path, "ab") as output:
            self.popen = subprocess.Popen([str(argument) for argument in arguments],
                                          stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                          **options)

    @property
    def pid(self):
        return self.popen.pid

    def output(self):
        with open(self.output_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def is_alive(self):
        return self.popen.poll() is None

    def send(self, number):
        self.popen.send_signal(number)

    def await_exit(self, seconds=PATIENCE):
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"still runs after {seconds} s:\n{self.output()}") from late

    def await_output(self, pattern, seconds=PATIENCE):
        """The first match of `pattern` in the output; fails if the program ends without it."""
        def look():
            ended = not self.is_alive()
            match = re.search(pattern, self.output())
            if match is None and ended:
                raise AssertionError(f"ended without '{pattern}':\n{self.output()}")
            return match
        return wait_until(look, f"'{pattern}' in the output of {self.popen.args}", seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_alive():
            self.popen.kill()
        self.popen.wait()


TOML = """listen = {listen}
io = "{io}"
shards = {shards}
state_directory = "{folder}"
{top}
[destinations]
source = "dispatcher.list"
{destinations}
[admin]
socket = "{folder}/ctl.sock"
{admin}
[health]
{health}
{more}
"""

FAST_HEALTH = 'interval = "100ms"\ntimeout = "80ms"\nfall = 2\nrise = 2\njitter = 0\n'
NO_HEALTH = 'mode = "none"\n'
NO_HTTP = 'http = "off"\n'  # Several daemons run side by side.
STATELESS = '[[route]]\nset = 1\nmode = "stateless"\n'  # Each message by itself.


class Daemon(Process):
    """sipsteer in a folder of its own, ready when constructed."""

    def __init__(self, list_text, **options):
        self.folder = Folder()
        try:
            self._start(list_text, **options)
        except BaseException:
            self.folder.__exit__()
            raise

    def _start(self, list_text, host="127.0.0.1", io="auto", shards=1, listen=None, top="",
               health=NO_HEALTH, destinations="", admin=NO_HTTP, more="", arguments=(),
               prefix=(), source="dispatcher.list"):
        self.folder.write("dispatcher.list", list_text)
        self.listener = (host, free_ports(1, host)[0])
        self.settings = {"listen": listen or f'["udp:{host_port(self.listener)}"]', "io": io,
                         "shards": shards, "folder": self.folder.path, "top": top,
                         "health": health, "destinations": destinations, "admin": admin,
                         "more": more, "source": source}
        self.write_toml()
        self.socket = self.folder / "ctl.sock"
        self.command = [*prefix, program("sipsteer"), "-f", self.folder / "sipsteer.toml",
                        *arguments]
        self._launch("log")

    def _launch(self, log):
        super().__init__(self.command, self.folder / log)
        try:
            self.await_output(r"listens on .*generation 1")
        except BaseException:
            super().__exit__()
            raise

    def end(self, number=signal.SIGINT):
        """Ends the process; its folder stays."""
        self.send(number)
        if self.await_exit() != 0:
            raise AssertionError(f"exit {self.popen.returncode}:\n{self.output()}")

    def start_again(self):
        """Another process with the same files, and a log of its own, once the last one has ended."""
        if self.is_alive():
            raise AssertionError("end it first: two processes of one test would hide each other")
        self.starts = getattr(self, "starts", 1) + 1
        self._launch(f"log-{self.starts}")

    def write_toml(self, **changes):
        self.settings.update(changes)
        text = TOML.format(**self.settings)
        source = f'source = "{self.settings["source"]}"'
        self.folder.write("sipsteer.toml", text.replace('source = "dispatcher.list"', source))

    def write_list(self, text):
        self.folder.write("dispatcher.list", text)

    def ctl(self, *arguments):
        return run([program("sipsteerctl"), "--socket", self.socket, *arguments])

    def ask(self, *arguments):
        """What sipsteerctl prints with --json; fails unless it exits 0."""
        done = self.ctl("--json", *arguments)
        if done.returncode != 0:
            raise AssertionError(f"sipsteerctl {arguments}: exit {done.returncode}, {done.stderr}")
        return json.loads(done.stdout)

    def generation(self):
        return self.ask("info")["generation"]

    def counters(self):
        return self.ask("info")["counters"]

    def counter(self, name):
        """Sum of all counters whose name begins so."""
        return sum(value for key, value in self.counters().items() if key.startswith(name))

    def rows(self):
        """Destinations by URI."""
        return {row["uri"]: row for group in self.ask("list")["sets"]
                for row in group["destinations"]}

    def state(self, uri):
        return self.rows()[uri]["state"]

    def await_state(self, uri, state):
        wait_until(lambda: self.state(uri) == state, f"{uri} {state}; it is {self.rows()[uri]}")

    def resident_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1])

    def __exit__(self, kind, *rest):
        try:
            died = self.popen.poll()
            super().__exit__(kind, *rest)
            if kind is not None:
                print(f"--- log of sipsteer (exit {died}) ---\n{self.output()[-4000:]}")
        finally:
            self.folder.__exit__()


class Endpoint:
    """A UDP socket that speaks SIP as bytes."""

    def __init__(self, host="127.0.0.1", port=0):
        self.socket = socket.socket(family_of(host), socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((host, port))
        self.address = self.socket.getsockname()[:2]

    @property
    def uri(self):
        return f"sip:{host_port(self.address)}"

    def send(self, message, target):
        data = message if isinstance(message, bytes) else message.encode()
        self.socket.sendto(data, target)

    def receive(self, seconds=PATIENCE):
        """(octets, source), or None at the deadline."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        while True:
            try:
                data, source = self.socket.recvfrom(1 << 16)
                return data, source[:2]
            except ConnectionRefusedError:
                continue  # An ICMP error of an earlier send.

    def expect(self, what="a datagram", seconds=PATIENCE):
        got = self.receive(seconds)
        if got is None:
            raise AssertionError(f"{what} did not come within {seconds} s")
        return got

    def drain(self):
        """All that lies there."""
        found = []
        while (got := self.receive(0)) is not None:
            found.append(got)
        return found

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Uas(Endpoint):
    """Answers every request but ACK, on a thread. What came is in `requests`."""

    def __init__(self, host="127.0.0.1", port=0, status="200 OK"):
        super().__init__(host, port)
        self.status = status
        self.probe_status = None  # Of probes, if another.
        self.requests = []
        self.running = True
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while self.running:
            got = self.receive(0.05)
            if got is None:
                continue
            data, source = got
            probe = is_probe(data)
            if not probe:
                self.requests.append(data)
            if not data.startswith((b"ACK ", b"SIP/2.0 ")):
                try:
                    status = self.probe_status if probe and self.probe_status else self.status
                    self.socket.sendto(answer_to(data, status), source)
                except OSError:
                    return  # Closed meanwhile.

    def call_ids(self):
        return [call_id_of(request) for request in list(self.requests)]

    def close(self):
        self.running = False
        self.thread.join(5)
        super().close()


class SiplabUas(Process):
    """`siplab uas` on free ports of 127.0.0.1; its answers say in Server which port gave them."""

    def __init__(self, ports=1, arguments=()):
        self.folder = Folder()
        super().__init__([program("siplab"), "uas", "--listen", "udp:127.0.0.1:0", "--ports", ports,
                          "--duration", "300s", "--json", *arguments], self.folder / "log")
        try:
            self.await_output("(listening udp:.*\n){%d}" % ports)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        found = re.findall(r"listening udp:(127\.0\.0\.1):(\d+)", self.output())
        self.addresses = [(host, int(port)) for host, port in found]
        self.uris = [f"sip:{host_port(address)}" for address in self.addresses]

    def report(self):
        """Ends it and returns its counters by URI."""
        self.send(signal.SIGINT)
        self.await_exit()
        text = self.output()
        rows = json.loads(text[text.index("{"):])["ports"]
        return {"sip:" + row["port"].removeprefix("udp:"): row for row in rows}

    def __exit__(self, *rest):
        try:
            super().__exit__(*rest)
        finally:
            self.folder.__exit__()


def siplab_uac(target, *arguments, seconds=120):
    """Runs `siplab uac` to its end; its report, with the exit code as `exit`."""
    done = run([program("siplab"), "uac", "--target", f"udp:{host_port(target)}", "--json",
                *arguments], seconds)
    if not done.stdout.startswith("{"):
        raise AssertionError(f"siplab uac: exit {done.returncode}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout) | {"exit": done.returncode}


class Caller(Endpoint):
    """Sends requests and waits for their answers."""

    def ask(self, target, call_id, seconds=PATIENCE, repeat=0.5, **options):
        """The final answer to a request that is repeated twice a second; None: silence."""
        message = request(call_id, self.address, **options)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.send(message, target)
            until = time.monotonic() + min(repeat, left)
            while (left := until - time.monotonic()) > 0:
                got = self.receive(left)
                if got and call_id_of(got[0]) == call_id and (status_of(got[0]) or 0) >= 200:
                    return got[0]
        return None

    def destination(self, target, call_id, **options):
        """URI of the siplab uas that answered; fails without an answer of one."""
        answer = self.ask(target, call_id, **options)
        server = header(answer, "Server") if answer else None
        if not server or not server.startswith("siplab-uas "):
            raise AssertionError(f"{call_id} was not answered by a siplab uas: {answer}")
        return "sip:" + server.removeprefix("siplab-uas ")

    def status(self, target, call_id, **options):
        answer = self.ask(target, call_id, **options)
        return status_of(answer) if answer else None


# Runs a program in whose kernel io_uring_setup(2), number 425, is not permitted, as in containers.
_REFUSE_URING = """
import ctypes, os, struct, sys
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)]
filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit("seccomp refuses: " + os.strerror(ctypes.get_errno()))
os.execv(sys.argv[1], sys.argv[1:])
"""


def without_uring():
    """Command prefix under which the kernel refuses io_uring; None if there is no seccomp here."""
    prefix = [sys.executable, "-c", _REFUSE_URING]
    return prefix if run([*prefix, program("sipsteer"), "--version"]).returncode == 0 else None


def each_back_end(case):
    """Class decorator: its tests run once by epoll and once by io_uring (`self.io`)."""
    module = sys.modules[case.__module__]
    for io in ("epoll", "io_uring"):
        name = f"{case.__name__}_{io}"
        made = type(name, (case, unittest.TestCase), {"io": io, "__module__": case.__module__})
        if io == "io_uring":
            made.setUpClass = classmethod(_demand_uring)
        setattr(module, name, made)
    return case


def _demand_uring(_):
    reason = why_no_uring()
    if reason:
        raise unittest.SkipTest(f"the kernel refuses io_uring: {reason}")


_uring_verdict = None


def why_no_uring():
    """Empty if io_uring can be used here."""
    global _uring_verdict
    if _uring_verdict is None:
        with Daemon("1 sip:127.0.0.1:9\n", io="auto") as daemon:
            info = daemon.ask("info")
        _uring_verdict = "" if info["io"] == "io_uring" else info["io_reason"]
    return _uring_verdict
