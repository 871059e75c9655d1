"""Probes that leave from the listener itself (health.probe_from), for destinations that answer no
other port."""

import lab

FROM_LISTENER = lab.FAST_HEALTH + 'probe_from = "listener"\n'
SHARDS = 2  # The kernel chooses which of them gets an answer: either must know it.


class PickyUas(lab.Uas):
    """Is silent to everybody but one address, as a server behind an access list is."""

    def __init__(self, **options):
        self.only = None
        self.strangers = 0
        super().__init__(**options)

    def receive(self, seconds=lab.PATIENCE):
        got = super().receive(seconds)
        if got is None or self.only is None or got[1] == self.only:
            return got
        self.strangers += 1
        return None


class ProbeFrom:
    io = "auto"

    def start(self, health, count=1):
        self.servers = [self.enterContext(PickyUas()) for _ in range(count)]
        text = "".join(f"1 {server.uri}\n" for server in self.servers)
        for server in self.servers:
            server.only = ("127.0.0.1", 1)  # Nobody, until the listener is known.
        self.daemon = self.enterContext(
            lab.Daemon(text, io=self.io, shards=SHARDS, health=health))
        for server in self.servers:
            server.only = self.daemon.listener
        return self.daemon

    def answers(self, verdict):
        return self.daemon.counter(f'sipsteer_probe_answers_total{{verdict="{verdict}"}}')

    def test_who_answers_the_listener_alone_is_up(self):
        daemon = self.start(FROM_LISTENER, count=8)
        for server in self.servers:
            daemon.await_state(server.uri, "active")
            lab.wait_until(lambda: daemon.rows()[server.uri]["health"] == "up", "a good probe")
        lab.wait_until(lambda: self.answers("final") >= 40, "forty answers")
        self.assertGreaterEqual(daemon.counter("sipsteer_listener_probes_total"), 40)
        self.assertEqual(self.answers("foreign_branch"), 0)
        self.assertEqual(daemon.counter('sipsteer_dropped_messages_total'), 0)
        caller = self.enterContext(lab.Caller())
        for i in range(20):
            self.assertEqual(caller.status(daemon.listener, f"beside-probes-{i}"), 200)

    def test_from_an_ephemeral_port_it_is_down(self):
        daemon = self.start(lab.FAST_HEALTH)
        daemon.await_state(self.servers[0].uri, "probing")
        self.assertGreater(self.servers[0].strangers, 0)
        self.assertEqual(daemon.counter("sipsteer_listener_probes_total"), 0)

    def test_who_falls_silent_is_down_and_comes_back(self):
        daemon = self.start(FROM_LISTENER)
        server = self.servers[0]
        lab.wait_until(lambda: daemon.rows()[server.uri]["health"] == "up", "a good probe")
        server.only = ("127.0.0.1", 1)
        daemon.await_state(server.uri, "probing")
        self.assertIn("no answer", daemon.rows()[server.uri]["reason"])
        server.only = daemon.listener
        daemon.await_state(server.uri, "active")

    def test_a_refusal_reaches_the_health_thread_by_the_shard(self):
        daemon = self.start(FROM_LISTENER)
        server = self.servers[0]
        lab.wait_until(lambda: daemon.rows()[server.uri]["health"] == "up", "a good probe")
        server.close()
        daemon.await_state(server.uri, "probing")
        self.assertIn("refused (ICMP port unreachable)", daemon.rows()[server.uri]["reason"])

    def test_forged_answers_are_dropped_and_counted(self):
        daemon = self.start(FROM_LISTENER)
        server = self.servers[0]
        lab.wait_until(lambda: self.answers("final") >= 3, "some answers")
        server.only = ("127.0.0.1", 1)
        daemon.await_state(server.uri, "probing")
        stranger = self.enterContext(lab.Endpoint())
        forged = ("SIP/2.0 200 OK\r\n"
                  f"Via: SIP/2.0/UDP {lab.host_port(daemon.listener)};rport;"
                  "branch=z9hG4bKhp.1.0.1.1234567890abcdef\r\n"
                  "From: <sip:sipsteer@localhost>;tag=1\r\nTo: <sip:x@y>;tag=2\r\n"
                  "Call-ID: probe-1-1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
        for _ in range(500):
            stranger.send(forged, daemon.listener)
        lab.wait_until(lambda: self.answers("foreign_branch") >= 400, "forged answers counted")
        self.assertEqual(daemon.state(server.uri), "probing")
        self.assertEqual(self.answers("lost"), 0)


lab.each_back_end(ProbeFrom)

if __name__ == "__main__":
    lab.main()
