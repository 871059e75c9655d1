"""How the daemon ends: it drains, it keeps its deadline, and it obeys a second signal at once."""

import signal
import threading
import time
import unittest

import lab


class Drain:
    io = "auto"

    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas())
        self.caller = self.enterContext(lab.Caller())

    def start(self, deadline):
        return self.enterContext(lab.Daemon(f"1 {self.uas.uris[0]}\n", io=self.io,
                                            top=f'drain_deadline = "{deadline}"'))

    def own_options(self, daemon, call_id):
        return self.caller.status(daemon.listener, call_id,
                                  uri=f"sip:{lab.host_port(daemon.listener)}")

    def test_traffic_under_way_finishes(self):
        daemon = self.start("60s")
        reports = []
        # Calls with a pause before their BYE, so that some are in the middle at any moment.
        load = threading.Thread(target=lambda: reports.append(lab.siplab_uac(
            daemon.listener, "--mode", "call", "--rate", 100, "--count", 300, "--hold", "200ms",
            "--retransmit", "off", "--timeout", "5s", "--max-loss", "100%")))
        load.start()
        try:
            lab.wait_until(lambda: daemon.counter("sipsteer_forwarded") > 100, "calls")
            self.assertEqual(self.own_options(daemon, "before"), 200)
            daemon.send(signal.SIGTERM)
            daemon.await_output("draining")
            self.assertEqual(self.own_options(daemon, "during"), 503)
            self.assertEqual(daemon.ctl("ready").returncode, 1)
        finally:
            load.join()
        self.assertEqual(daemon.await_exit(), 0)

        self.assertEqual(reports[0]["lost"], 0, reports[0])
        self.assertEqual(reports[0]["exit"], 0)

    def test_the_deadline_is_kept_under_traffic(self):
        daemon = self.start("1s")
        stop = threading.Event()

        def talk():
            number = 0
            with lab.Endpoint() as talker:
                while not stop.wait(0.05):
                    number += 1
                    talker.send(lab.request(f"talk-{number}", talker.address), daemon.listener)

        talker = threading.Thread(target=talk)
        talker.start()
        try:
            begin = time.monotonic()
            daemon.send(signal.SIGTERM)
            self.assertEqual(daemon.await_exit(), 0)
            took = time.monotonic() - begin
        finally:
            stop.set()
            talker.join()
        self.assertGreaterEqual(took, 0.9)
        self.assertIn("drain_deadline is over", daemon.output())

    def test_a_second_term_ends_it_at_once(self):
        daemon = self.start("1h")
        daemon.send(signal.SIGTERM)
        daemon.await_output("draining")
        daemon.send(signal.SIGTERM)

        self.assertEqual(daemon.await_exit(), 0)
        self.assertIn("told to stop now", daemon.output())

    def test_int_ends_it_at_once(self):
        daemon = self.start("1h")
        daemon.send(signal.SIGINT)

        self.assertEqual(daemon.await_exit(), 0)
        self.assertNotIn("draining", daemon.output())

    def test_the_control_socket_is_gone_afterwards(self):
        daemon = self.start("0s")
        daemon.send(signal.SIGTERM)
        self.assertEqual(daemon.await_exit(), 0)

        self.assertEqual(daemon.ctl("info").returncode, 3)


lab.each_back_end(Drain)

if __name__ == "__main__":
    lab.main()
