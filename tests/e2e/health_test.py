"""Health as callers see it: who is gone gets nothing, who is back gets calls, and what an operator
says stands above both."""

import signal
import time
import unittest

import lab


class Health:
    io = "auto"

    def setUp(self):
        self.servers = [self.enterContext(lab.SiplabUas()) for _ in range(2)]
        self.uris = [server.uris[0] for server in self.servers]
        self.caller = lab.Caller()
        self.addCleanup(self.caller.close)
        self.calls = 0

    def start(self, states=("", "")):
        text = "".join(f"1 {uri} {state}\n" for uri, state in zip(self.uris, states))
        self.daemon = self.enterContext(lab.Daemon(text, io=self.io, health=lab.FAST_HEALTH))
        return self.daemon

    def answered_by(self, count=40):
        """URIs of the servers that `count` new calls reached."""
        found = set()
        for _ in range(count):
            self.calls += 1
            found.add(self.caller.destination(self.daemon.listener, f"call-{self.calls}"))
        return found

    def await_up(self, *uris):
        for uri in uris:
            lab.wait_until(lambda: self.daemon.rows()[uri]["health"] == "up", f"{uri} is up")

    def test_a_killed_destination_goes_and_returns(self):
        self.start()
        self.await_up(*self.uris)
        self.assertEqual(self.answered_by(), set(self.uris))
        host, port = self.servers[1].addresses[0]
        self.servers[1].popen.kill()
        self.daemon.await_state(self.uris[1], "probing")
        self.assertEqual(self.answered_by(), {self.uris[0]})
        self.assertIn("refused", self.daemon.rows()[self.uris[1]]["reason"])

        again = self.enterContext(lab.Process(
            [lab.program("siplab"), "uas", "--listen", f"udp:{host}:{port}", "--duration", "60s"],
            self.daemon.folder / "uas.log"))
        again.await_output("listening")
        self.daemon.await_state(self.uris[1], "active")

        self.assertEqual(self.answered_by(), set(self.uris))

    def test_a_frozen_destination_goes_and_returns(self):
        self.start()
        self.await_up(*self.uris)
        self.servers[1].send(signal.SIGSTOP)
        try:
            self.daemon.await_state(self.uris[1], "probing")
            self.assertEqual(self.answered_by(), {self.uris[0]})
            self.assertRegex(self.daemon.rows()[self.uris[1]]["reason"], "timeout|no answer")
        finally:
            self.servers[1].send(signal.SIGCONT)
        self.daemon.await_state(self.uris[1], "active")

        self.assertEqual(self.answered_by(), set(self.uris))

    def test_probes_never_undo_an_operators_word(self):
        self.start()
        self.await_up(*self.uris)
        self.assertEqual(self.daemon.ctl("drain", f"1/{self.uris[1]}").returncode, 0)
        probes = self.daemon.rows()[self.uris[1]]["probe"]["last_ms"]
        self.assertIsNotNone(probes)
        self.servers[1].send(signal.SIGSTOP)
        try:
            lab.wait_until(lambda: self.daemon.rows()[self.uris[1]]["health"] == "down", "down")
            # Disabled while it is down: its return is nobody's business any more.
            self.assertEqual(self.daemon.ctl("disable", self.uris[1]).returncode, 0)
            self.assertEqual(self.daemon.ctl("drain", self.uris[1]).returncode, 0)
        finally:
            self.servers[1].send(signal.SIGCONT)
        self.await_up(self.uris[1])

        self.assertEqual(self.daemon.state(self.uris[1]), "draining")
        self.assertEqual(self.answered_by(), {self.uris[0]})
        self.assertEqual(self.daemon.ctl("disable", self.uris[1]).returncode, 0)
        self.assertEqual(self.daemon.state(self.uris[1]), "disabled")
        self.assertEqual(self.answered_by(), {self.uris[0]})
        self.assertEqual(self.daemon.ctl("enable", self.uris[1]).returncode, 0)
        self.assertEqual(self.answered_by(), set(self.uris))

    def test_a_disabled_destination_is_not_even_probed(self):
        self.start()
        self.await_up(*self.uris)
        before = self.daemon.counter('sipsteer_probe_answers_total{verdict="final"}')
        lab.wait_until(lambda: self.daemon.counter(
            'sipsteer_probe_answers_total{verdict="final"}') >= before + 4, "probes of both")
        self.assertEqual(self.daemon.ctl("disable", self.uris[1]).returncode, 0)
        self.servers[1].send(signal.SIGSTOP)  # Nobody would notice but by a probe.
        try:
            time.sleep(1.5)  # A dozen intervals.
            row = self.daemon.rows()[self.uris[1]]
            self.assertEqual((row["state"], row["health"]), ("disabled", "up"))
            self.assertEqual(self.daemon.ctl("enable", self.uris[1]).returncode, 0)
            self.daemon.await_state(self.uris[1], "probing")
        finally:
            self.servers[1].send(signal.SIGCONT)
        self.daemon.await_state(self.uris[1], "active")

    def test_a_disabled_destination_gets_nothing_in_dialogs_either(self):
        self.start()
        self.await_up(*self.uris)
        self.daemon.ctl("disable", self.uris[1])
        uri = self.uris[1].replace("sip:", "sip:uas@")

        for i in range(20):
            answer = self.caller.ask(self.daemon.listener, f"dialog-{i}", method="BYE", uri=uri,
                                     to_tag="uas")
            self.assertNotIn(self.uris[1].removeprefix("sip:"), lab.header(answer, "Server"))

        self.assertEqual(self.daemon.rows()[self.uris[1]]["in_dialog"], 0)

    def test_the_last_active_one_is_disabled_by_force_alone(self):
        self.start()
        self.assertEqual(self.daemon.ctl("disable", self.uris[0]).returncode, 0)
        refused = self.daemon.ctl("disable", self.uris[1])
        self.assertEqual(refused.returncode, 5)
        self.assertIn("--force", refused.stderr)
        self.assertEqual(self.daemon.state(self.uris[1]), "active")

        self.assertEqual(self.daemon.ctl("disable", self.uris[1], "--force").returncode, 0)

        self.assertEqual(self.daemon.state(self.uris[1]), "disabled")
        self.assertEqual(self.daemon.ctl("ready").returncode, 1)

    def test_an_unknown_destination_is_exit_code_4(self):
        self.start()

        self.assertEqual(self.daemon.ctl("disable", "1/sip:192.0.2.1").returncode, 4)

    def test_without_any_destination_callers_get_503_with_retry_after(self):
        self.start()
        for server in self.servers:
            server.popen.kill()
        for uri in self.uris:
            self.daemon.await_state(uri, "probing")

        answer = self.caller.ask(self.daemon.listener, "nobody", method="INVITE")

        self.assertEqual(lab.status_of(answer), 503)
        self.assertRegex(lab.header(answer, "Retry-After") or "none", r"^\d+$")
        self.assertEqual(self.daemon.ctl("ready").returncode, 1)
        self.caller.send(lab.request("nobody", self.caller.address, method="ACK"),
                         self.daemon.listener)
        fence = self.caller.ask(self.daemon.listener, "fence")
        self.assertEqual(lab.status_of(fence), 503)
        self.assertEqual(self.caller.drain(), [], "an ACK was answered")

    def test_one_listed_as_probing_waits_for_its_first_good_answers(self):
        self.servers[1].send(signal.SIGSTOP)
        try:
            self.start(states=("", "8"))  # Kamailio's flag 8: probing.
            configured = self.daemon.rows()[self.uris[1]]["configured"]
            self.assertEqual(self.answered_by(20) if configured == "probing" else {self.uris[0]},
                             {self.uris[0]})
        finally:
            self.servers[1].send(signal.SIGCONT)
        self.daemon.await_state(self.uris[1], "active")

        self.assertEqual(self.answered_by(), set(self.uris))


lab.each_back_end(Health)

if __name__ == "__main__":
    lab.main()
