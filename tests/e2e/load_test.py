"""50,000 calls to four servers while one of them is killed, one is frozen for a while and one
answers 503. No call may be lost that RFC 3261 allows to save; what it does not allow is counted
apart:

- a call that rang at the killed server: nobody else is asked after 101 to 199 (§16.7 step 5);
- the BYE of a call that was up there: nobody else knows that dialog. It gets a final answer all the
  same, 500 or 408.

STEER_LOAD_CALLS=N: so many calls."""

import json
import os
import signal
import time
import unittest

import lab

SANITIZED = bool(os.environ.get("STEER_SANITIZED"))
CALLS = int(os.environ.get("STEER_LOAD_CALLS", "5000" if SANITIZED else "50000"))
RATE = 200 if SANITIZED else 1000  # Calls a second.
RING = 0.02  # Seconds from 180 to 200.
HOLD = 0.1   # From ACK to BYE.
FROZEN = 4.0
PATIENCE = 33  # Seconds that the caller waits for an answer: just over 64 * T1.
ROUTE = ('[[route]]\nset = 1\nrecord_route = true\n'
         'failover = { on = ["timeout", "transport", 503], tries = 4, timeout = "1s" }\n')
# One that answers 503 is up and stays in, so that failover has something to do all the time.
HEALTH = 'interval = "500ms"\ntimeout = "300ms"\nfall = 2\nok_codes = ["2xx", 503]\n'
NAMES = ("good", "killed", "frozen", "answers 503")


class Calls(lab.Process):
    """`siplab uac` in the background."""

    def __init__(self, target, *arguments):
        self.folder = lab.Folder()
        super().__init__([lab.program("siplab"), "uac", "--target", f"udp:{lab.host_port(target)}",
                          "--json", *arguments], self.folder / "log")

    def report(self, seconds):
        """Waits for its end; its report, with the exit code as `exit`."""
        code = self.await_exit(seconds)
        text = self.output()
        if not text.startswith("{"):
            raise AssertionError(f"siplab uac: exit {code}: {text}")
        return json.loads(text) | {"exit": code}

    def __exit__(self, *rest):
        try:
            super().__exit__(*rest)
        finally:
            self.folder.__exit__()


class Load(unittest.TestCase):
    def setUp(self):
        ringing = ("--ring", "180", "--delay", f"{int(RING * 1000)}ms", "--retransmit")
        # No 180 from the busy one: after it nobody else could be asked.
        self.servers = [self.enterContext(lab.SiplabUas(arguments=each)) for each in
                        (ringing, ringing, ringing, ("--code", "503", "--retransmit"))]
        self.uris = [server.uris[0] for server in self.servers]
        self.daemon = self.enterContext(lab.Daemon(
            "".join(f"1 {uri}\n" for uri in self.uris), shards=2, health=HEALTH,
            top='spread = "chance"\n', more=ROUTE))

    def start_calls(self):
        return self.enterContext(Calls(
            self.daemon.listener, "--mode", "call", "--count", CALLS, "--rate", RATE, "--hold",
            f"{int(HOLD * 1000)}ms", "--retransmit", "on", "--timeout", f"{PATIENCE}s",
            "--max-loss", "100%", "--sources", 4))

    def disturb(self):
        """Kills one after a tenth of the run, freezes another after three."""
        _, killed, frozen, _ = self.servers
        time.sleep(0.1 * CALLS / RATE)
        killed.popen.kill()
        time.sleep(0.2 * CALLS / RATE)
        frozen.send(signal.SIGSTOP)
        time.sleep(FROZEN)
        frozen.send(signal.SIGCONT)

    def show(self, report, seconds):
        counters = self.daemon.counters()
        print(f"  {report['started']} calls, {RATE} a second, in {seconds:.0f} s")
        for name, uri in zip(NAMES, self.uris):
            row = self.daemon.rows()[uri]
            by_name = uri.removeprefix("sip:").replace(":", "-")
            print(f"    {name:<12} {report['by_destination'].get(by_name, 0):6} calls answered, "
                  f"{row['selected']:6} requests tried there, {row['state']} at the end")
        for reason in ("timeout", "transport", "status"):
            failed = counters[f'sipsteer_failed_tries_total{{reason="{reason}"}}']
            print(f"    {failed:8} tries failed by {reason}")
        late = counters["sipsteer_late_successes_total"]
        took = report["latency_us"]
        print(f"    {report['repeated']:8} requests repeated by the caller, {late} late successes\n"
              f"    answered after {took['p50'] / 1e3:.1f} ms (half), {took['p99'] / 1e3:.1f} ms "
              f"(99 of 100), {took['max'] / 1e3:.0f} ms (last)")
        print(f"    not to be saved: {report['lost_ringing']} that rang at the killed server, "
              f"{report['byes_refused'] + report['lost_byes']} that were up there")

    def test_no_call_is_lost_that_may_be_saved(self):
        begin = time.monotonic()
        uac = self.start_calls()
        self.disturb()
        report = uac.report(CALLS / RATE + PATIENCE + 60)
        self.show(report, time.monotonic() - begin)

        self.assertEqual(report["started"], CALLS)
        lost = report["lost"] - report["lost_ringing"] - report["lost_byes"]
        self.assertEqual(lost, 0, "calls that nobody answered")
        self.assertEqual(report["refused"], 0, "calls that got a failure")
        # What was there at one moment: the calls of that time, twice over for a late process.
        self.assertLessEqual(report["lost_ringing"], RATE * (RING + 0.25))
        self.assertLessEqual(report["byes_refused"], RATE * (HOLD + 0.5))
        self.assertEqual(report["lost_byes"], 0, "each BYE gets a final answer")
        self.assertGreaterEqual(self.daemon.counter("sipsteer_failovers_total"), CALLS // 5)
        self.assertEqual(self.daemon.counter("sipsteer_dropped_messages_total"
                                             '{reason="hand_over_full"'), 0)


if __name__ == "__main__":
    lab.main()
