"""Routes with transactions: sipp's own scenarios (Debian package sip-tester) against real sipp
servers, one behaviour of RFC 3261 §16 and §17 at a time."""

import os
import shutil
import unittest

import lab
from sipp_scenario import (answers, answers_kept, asks, asks_in_dialog, hears, keeps_invite, pause,
                           receives, scenario)

CALLS = 5
FAILOVER = ('failover = { on = ["timeout", "transport", 503], tries = 3, timeout = "400ms" }\n')


# Nobody is taken out: each request finds the first server as it is.
NO_VERDICTS = 'mode = "none"\npassive.enabled = false\n'


class Sipp(lab.Process):
    """sipp in a folder, since it writes its files where it runs."""

    def __init__(self, folder, name, *arguments):
        super().__init__(["sipp", *arguments, "-nostdin"], folder / f"{name}.log",
                         cwd=folder.path, env={**os.environ, "TERM": "dumb"})


@unittest.skipIf(shutil.which("sipp") is None, "sipp is missing: apt-get install sip-tester")
class Stateful(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(lab.Folder())

    def file_of(self, name, steps):
        return self.folder.write(f"{name}.xml", scenario(name, *steps))

    def server(self, steps=None):
        """A sipp that answers so; without steps as its own uas does."""
        port = lab.free_ports(1)[0]
        what = ["-sn", "uas"] if steps is None else ["-sf", self.file_of(f"uas{port}", steps)]
        self.enterContext(Sipp(self.folder, f"uas-{port}", *what, "-i", "127.0.0.1", "-p", port,
                               "-trace_err"))
        return f"sip:127.0.0.1:{port}"

    def dispatcher(self, *uris, more=""):
        """The first of the list gets every call, the next is for failover."""
        route = ('[[route]]\nset = 1\nalgorithm = "first"\nmode = "stateful"\n' + FAILOVER + more)
        return self.enterContext(
            lab.Daemon("".join(f"1 {uri}\n" for uri in uris), more=route, health=NO_VERDICTS))

    def call(self, daemon, steps=None, calls=CALLS, arguments=()):
        """A sipp that calls so; fails unless each call goes as its scenario says."""
        port = lab.free_ports(1)[0]
        what = ["-sn", "uac"] if steps is None else ["-sf", self.file_of(f"uac{port}", steps)]
        with Sipp(self.folder, f"uac-{port}", *what, lab.host_port(daemon.listener), "-i",
                  "127.0.0.1", "-p", port, "-m", calls, "-r", 20, "-timeout", "40",
                  "-timeout_error", "-trace_err", *arguments) as uac:
            code = uac.await_exit(60)
            self.assertEqual(code, 0, self.errors() + uac.output()[-2000:])

    def errors(self):
        """What sipp found wrong, of all that ran."""
        found = ""
        for name in sorted(os.listdir(self.folder.path)):
            if name.endswith("_errors.log"):
                with open(self.folder / name, encoding="utf-8", errors="replace") as text:
                    found += text.read()[-3000:]
        return found

    def failovers(self, daemon, reason):
        return daemon.counter(f'sipsteer_failed_tries_total{{reason="{reason}"}}')

    # --- One test for each behaviour ---

    def test_a_basic_call(self):
        daemon = self.dispatcher(self.server())

        self.call(daemon, calls=100)

        self.assertEqual(daemon.counter("sipsteer_dropped_messages_total"), 0)
        self.assertGreaterEqual(daemon.counter("sipsteer_transactions_begun_total"), 200)

    def test_503_then_the_next_server(self):
        busy = self.server([receives("INVITE"), answers("503 Service Unavailable", repeated=True),
                            receives("ACK")])
        good = self.server()
        daemon = self.dispatcher(busy, good)

        self.call(daemon, calls=20)

        self.assertEqual(self.failovers(daemon, "status"), 20)
        self.assertGreaterEqual(daemon.rows()[good]["selected"], 20)

    def test_a_silent_server_then_the_next(self):
        with lab.Endpoint() as silent:
            good = self.server()
            daemon = self.dispatcher(silent.uri, good)

            self.call(daemon, calls=10)

            # Its BYE goes to the dispatcher's address and so to the first of the list again.
            self.assertGreaterEqual(self.failovers(daemon, "timeout"), 10)

    def test_nobody_listens_then_the_next(self):
        nobody = f"sip:127.0.0.1:{lab.free_ports(1)[0]}"
        daemon = self.dispatcher(nobody, self.server())

        self.call(daemon, calls=10)

        self.assertGreaterEqual(self.failovers(daemon, "transport"), 10)
        self.assertEqual(self.failovers(daemon, "timeout"), 0)

    def test_486_goes_to_the_caller_and_nobody_else_is_asked(self):
        busy = self.server([receives("INVITE"), answers("486 Busy Here", repeated=True),
                            receives("ACK")])
        with lab.Endpoint() as other:
            daemon = self.dispatcher(busy, other.uri)

            self.call(daemon, [asks("INVITE"), hears(100, True), hears(486),
                               asks("ACK", to="[peer_tag_param]", of_step=3, repeated=False)])

            self.assertEqual(daemon.counter("sipsteer_failovers_total"), 0)
            self.assertEqual(other.drain(), [])

    def cancelling(self, *before):
        return [asks("INVITE"), hears(100), *before,
                asks("CANCEL", of_step=2 + len(before)), hears(200), hears(487),
                asks("ACK", to="[peer_tag_param]", of_step=5 + len(before), repeated=False)]

    def test_cancel_while_it_rings(self):
        server = self.server([keeps_invite(), answers("180 Ringing"), receives("CANCEL"),
                              answers("200 OK"), answers_kept("487 Request Terminated"),
                              receives("ACK")])
        daemon = self.dispatcher(server)

        self.call(daemon, self.cancelling(hears(180)))

        self.assertEqual(daemon.counter('sipsteer_replied_messages_total{code="200"}'), CALLS)
        self.assertEqual(daemon.counter("sipsteer_failovers_total"), 0)

    def test_cancel_before_the_first_provisional(self):
        # It waits for the 180 (RFC 3261 §9.1): sipp would fail if it came before.
        server = self.server([keeps_invite(), pause(300), answers("180 Ringing"),
                              receives("CANCEL"), answers("200 OK"),
                              answers_kept("487 Request Terminated"), receives("ACK")])
        daemon = self.dispatcher(server)

        self.call(daemon, [asks("INVITE"), hears(100), asks("CANCEL", of_step=2),
                           hears(200), hears(180, True), hears(487),
                           asks("ACK", to="[peer_tag_param]", of_step=6, repeated=False)])

        self.assertEqual(daemon.counter('sipsteer_replied_messages_total{code="200"}'), CALLS)

    def test_re_invite(self):
        server = self.server([receives("INVITE"), answers("200 OK", repeated=True),
                              receives("ACK"), receives("INVITE"),
                              answers("200 OK", repeated=True, tag=False), receives("ACK"),
                              receives("BYE"), answers("200 OK", tag=False)])
        daemon = self.dispatcher(server)

        self.call(daemon, [asks("INVITE"), hears(100, True), hears(200),
                           asks_in_dialog("ACK", 1, repeated=False),
                           asks_in_dialog("INVITE", 2), hears(100, True), hears(200),
                           asks_in_dialog("ACK", 2, repeated=False),
                           asks_in_dialog("BYE", 3), hears(200)])

        self.assertGreaterEqual(daemon.rows()[server]["in_dialog"], 4 * CALLS)

    def test_prack(self):
        server = self.server([receives("INVITE"),
                              answers("183 Session Progress", "Require: 100rel\nRSeq: 1",
                                      repeated=True),
                              receives("PRACK"), answers("200 OK", tag=False),
                              receives("BYE"), answers("200 OK", tag=False)])
        daemon = self.dispatcher(server)

        self.call(daemon, [asks("INVITE", more="Supported: 100rel"), hears(100, True), hears(183),
                           asks_in_dialog("PRACK", 2, "RAck: 1 1 INVITE"), hears(200),
                           asks_in_dialog("BYE", 3), hears(200)])

    def test_a_2xx_is_repeated_until_its_late_ack_comes(self):
        server = self.server([receives("INVITE"), answers("200 OK", repeated=True),
                              receives("ACK"), receives("BYE"), answers("200 OK", tag=False)])
        daemon = self.dispatcher(server)

        # The server repeats after 500 ms and 1500 ms, as long as nobody acknowledges; sipp itself
        # takes repetitions in silence.
        self.call(daemon, [asks("INVITE"), hears(100, True), hears(200), pause(1800),
                           asks_in_dialog("ACK", 1, repeated=False),
                           asks_in_dialog("BYE", 2), hears(200)])

        passed_on = daemon.counter('sipsteer_forwarded_messages_total{transport="udp",kind="resp')
        self.assertGreaterEqual(passed_on, CALLS * (3 + 1))


if __name__ == "__main__":
    lab.main()
