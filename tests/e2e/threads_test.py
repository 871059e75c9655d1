"""Two shards that hand calls over while control reloads, an operator takes a server out and brings
it back, and a drain ends it all. In a build with the thread sanitizer (preset tsan) a report of it
fails the test; in every other build, a call that is lost."""

import os
import signal
import threading

import lab

# Instrumented code is many times slower.
CALLS = 2000
RATE = 250
ROUTE = ('[[route]]\nset = 1\nrecord_route = true\nalgorithm = "round-robin"\n'
         'failover = { on = ["timeout", "transport", 503], tries = 3, timeout = "1s" }\n')
HEALTH = 'interval = "200ms"\ntimeout = "150ms"\nok_codes = ["2xx", 503]\n'
CALL = ("--mode", "call", "--count", CALLS, "--rate", RATE, "--hold", "50ms", "--retransmit", "on",
        "--timeout", "33s", "--sources", 4)


class Threads:
    def setUp(self):
        os.environ.setdefault("TSAN_OPTIONS", "exitcode=66")
        self.uas = self.enterContext(lab.SiplabUas(3, arguments=("--ring", "180", "--retransmit")))
        self.busy = self.enterContext(lab.SiplabUas(arguments=("--code", "503", "--retransmit")))
        self.nobody = f"sip:127.0.0.1:{lab.free_ports(1)[0]}"
        self.daemon = self.enterContext(lab.Daemon(
            self.list_of(self.uas.uris), io=self.io, shards=2, top='spread = "chance"\n',
            health=HEALTH, more=ROUTE))

    def list_of(self, uris):
        return "".join(f"1 {uri}\n" for uri in [*uris, *self.busy.uris, self.nobody])

    def disturb(self, ended):
        """Reloads with another list, another mode and other timers, and an operator's words."""
        turn = 0
        while not ended.wait(0.1):
            turn += 1
            self.daemon.write_list(self.list_of(self.uas.uris[turn % 2:]))
            self.daemon.write_toml(more=ROUTE + f'[timers]\nt1 = "{400 + turn % 3}ms"\n')
            self.daemon.ask("reload")
            word = ("disable", "enable", "drain", "undrain")[turn % 4]
            self.daemon.ask(word, self.uas.uris[2])
            self.daemon.ask("list")
        return turn

    def test_calls_pass_while_everything_changes(self):
        ended = threading.Event()
        turns = []
        disturber = threading.Thread(target=lambda: turns.append(self.disturb(ended)))
        disturber.start()
        try:
            report = lab.siplab_uac(self.daemon.listener, *CALL, "--max-loss", "100%")
        finally:
            ended.set()
            disturber.join()
        handed = self.daemon.counter("sipsteer_handed_over_messages_total")
        failovers = self.daemon.counter("sipsteer_failovers_total")
        print(f"  {self.io}: {report['completed']} calls, {turns[0]} reloads, {handed} datagrams "
              f"handed over, {failovers} failovers")

        self.assertEqual((report["lost"], report["refused"]), (0, 0), report)
        self.assertGreater(handed, CALLS)
        self.assertGreater(failovers, 0)
        self.assertGreater(turns[0], 3)
        self.daemon.send(signal.SIGTERM)
        self.assertEqual(self.daemon.await_exit(60), 0, self.daemon.output()[-8000:])
        self.assertNotIn("ThreadSanitizer", self.daemon.output())


lab.each_back_end(Threads)

if __name__ == "__main__":
    lab.main()
