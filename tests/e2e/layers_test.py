"""What the list says, what operators said and what was seen are three things: a reload changes the
first and a restart none of the operators' words, while calls run and none is lost."""

import json
import threading
import time
import unittest

import lab

RELOADS = 20
COUNT = 3_000  # Calls, RATE a second.
RATE = 200
WEIGHT = 4  # By hand; the others have 1.


def load(daemon, reports, *arguments):
    """Calls on a thread, each request sent once: what is lost is seen."""
    thread = threading.Thread(target=lambda: reports.append(lab.siplab_uac(
        daemon.listener, "--mode", "call", "--rate", RATE, "--retransmit", "off", "--timeout", "5s",
        "--max-loss", "100%", *arguments)))
    thread.start()
    return thread


class Layers:
    io = "auto"

    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas(ports=4))
        self.disabled, self.heavy, self.plain, self.other = self.uas.uris
        self.down = f"sip:127.0.0.1:{lab.free_ports(1)[0]}"
        self.all = [*self.uas.uris, self.down]
        # Lists that differ in order, attributes and weights: none of it is an operator's business.
        self.lists = ["".join(f"1 {uri}\n" for uri in self.all),
                      "".join(f"1 {uri} 0 0 weight=1;cc={n}\n"
                              for n, uri in enumerate(reversed(self.all)))]
        self.daemon = self.enterContext(lab.Daemon(self.lists[0], io=self.io, shards=2,
                                                   health=lab.FAST_HEALTH))
        self.daemon.await_state(self.down, "probing")

    def say_words(self):
        done = [self.daemon.ctl("disable", self.disabled, "--reason", "new disks"),
                self.daemon.ctl("weight", self.heavy, WEIGHT, "--reason", "big box")]
        self.assertEqual([each.returncode for each in done], [0, 0], done)

    def assert_all_three_hold(self):
        rows = self.daemon.rows()
        row = rows[self.disabled]
        self.assertEqual((row["state"], row["operator"], row["configured"], row["reason"]),
                         ("disabled", "disabled", "active", "disabled by the operator: new disks"))
        row = rows[self.heavy]
        self.assertEqual((row["state"], row["weight"], row["operator_weight"],
                          row["configured_weight"], row["operator_reason"]),
                         ("active", WEIGHT, WEIGHT, 1, "big box"))
        row = rows[self.down]
        self.assertEqual((row["state"], row["health"], row["configured"], row["operator"]),
                         ("probing", "down", "active", None))

    def assert_calls_went_by_all_three(self, report, before):
        self.assertEqual((report["lost"], report["exit"]), (0, 0), report)
        self.assertEqual(set(report["by_status"]), {"200"})
        now = self.selected()
        got = {uri: now[uri] - before[uri] for uri in self.all}
        self.assertEqual((got[self.disabled], got[self.down]), (0, 0), got)
        share = got[self.heavy] / sum(got.values())
        # Of COUNT calls: five standard deviations of a binomial are 4.5 %.
        self.assertAlmostEqual(share, WEIGHT / (WEIGHT + 2), delta=0.045, msg=str(got))
        print(f"  {self.io}: {report['completed']} calls, {report['lost']} lost; "
              f"{100 * share:.1f} % to weight {WEIGHT} of {WEIGHT + 2}")

    def selected(self):
        return {uri: row["selected"] for uri, row in self.daemon.rows().items()}

    def test_reloads_and_a_restart_under_load_keep_words_and_verdicts(self):
        self.say_words()
        self.assert_all_three_hold()
        before = self.selected()
        reports = []
        thread = load(self.daemon, reports, "--count", COUNT)
        try:
            for i in range(RELOADS):
                self.daemon.write_list(self.lists[(i + 1) % 2])
                self.assertEqual(self.daemon.ask("reload")["generation"], 3 + i)
                self.assert_all_three_hold()
        finally:
            thread.join()
        self.assert_calls_went_by_all_three(reports[0], before)

        self.daemon.end()
        self.daemon.start_again()

        self.daemon.await_state(self.down, "probing")
        self.assert_all_three_hold()
        events = self.daemon.ask("events")["events"]
        told = {each["destination"]: each for each in events if each["cause"] == "start"}
        self.assertEqual(told[self.disabled]["after"], "disabled", events)
        before = self.selected()
        thread = load(self.daemon, reports, "--count", COUNT)
        thread.join()
        self.assert_calls_went_by_all_three(reports[1], before)

    def test_no_call_meets_a_disabled_one_even_at_the_first_moment_of_a_restart(self):
        self.say_words()
        self.daemon.end()
        self.daemon.start_again()
        # Nothing was probed yet, so the one that is down is asked, too: only the words are certain.
        with lab.Caller() as caller:
            for i in range(200):
                caller.send(lab.request(f"first-{i}", caller.address), self.daemon.listener)
            lab.wait_until(lambda: sum(self.selected().values()) >= 200, "200 calls")
        self.assertEqual(self.selected()[self.disabled], 0)

    def test_a_word_with_a_lifetime_ends_by_itself(self):
        self.daemon.ctl("disable", self.disabled, "--for", "1s", "--reason", "short")
        self.daemon.ctl("weight", self.heavy, WEIGHT, "--for", "1s")
        row = self.daemon.rows()[self.disabled]
        self.assertEqual((row["state"], row["operator_until"] is None), ("disabled", False))

        self.daemon.await_state(self.disabled, "active")
        lab.wait_until(lambda: self.daemon.rows()[self.heavy]["operator_weight"] is None, "weight")

        self.assertEqual(self.daemon.rows()[self.heavy]["weight"], 1)
        ended = [(each["destination"], each["after"])
                 for each in self.daemon.ask("events")["events"] if each["cause"] == "expiry"]
        self.assertEqual(sorted(ended), sorted([(self.disabled, "active"),
                                                (self.heavy, "weight 1")]))

    def test_a_lifetime_goes_on_while_the_process_is_away(self):
        self.daemon.ctl("disable", self.disabled, "--for", "1s")
        self.daemon.ctl("disable", self.plain, "--for", "1h")
        self.daemon.end()
        time.sleep(1.1)  # The lifetime itself.
        self.daemon.start_again()

        self.assertEqual(self.daemon.state(self.disabled), "active")
        self.assertEqual(self.daemon.state(self.plain), "disabled")

    def test_a_drain_moves_new_calls_and_none_that_runs(self):
        reports = []
        # Calls of half a second, so that some are in the middle when the drain begins.
        thread = load(self.daemon, reports, "--count", COUNT // 2, "--hold", "500ms")
        try:
            lab.wait_until(lambda: self.selected()[self.heavy] > 30, "calls")
            self.assertEqual(self.daemon.ctl("drain", self.heavy).returncode, 0)
            begin = self.daemon.rows()[self.heavy]
            lab.wait_until(lambda: self.selected()[self.plain] > begin["selected"] + 100, "calls")
            end = self.daemon.rows()[self.heavy]
        finally:
            thread.join()
        last = self.daemon.rows()[self.heavy]

        self.assertEqual((end["state"], end["health"]), ("draining", "up"))
        self.assertEqual(begin["selected"], last["selected"], "new calls while it drained")
        self.assertGreater(last["in_dialog"], begin["in_dialog"], "no BYE reached it")
        self.assertEqual((reports[0]["lost"], reports[0]["exit"]), (0, 0), reports[0])
        self.assertEqual(set(reports[0]["by_status"]), {"200"})
        print(f"  {self.io}: {reports[0]['completed']} calls, 0 lost; "
              f"{last['in_dialog'] - begin['in_dialog']} requests within dialogs reached the "
              "draining one")

    def test_drain_wait_sees_the_traffic_end(self):
        reports = []
        thread = load(self.daemon, reports, "--count", COUNT // 6, "--hold", "500ms")
        try:
            lab.wait_until(lambda: self.selected()[self.heavy] > 10, "calls")
            done = self.daemon.ctl("drain", self.heavy, "--wait", "9s", "--quiet", "1s")
        finally:
            thread.join()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("is silent", done.stdout)
        self.assertEqual(reports[0]["lost"], 0)

    def test_words_follow_a_destination_that_gets_or_loses_its_duid(self):
        self.say_words()
        named = "".join(f"1 {uri} 0 0 duid=as{n}\n" for n, uri in enumerate(self.all))
        self.daemon.write_list(named)

        plan = self.daemon.ask("plan")
        self.assertEqual({row["change"] for row in plan["destinations"]}, {"changed"}, plan)
        self.assertCountEqual(plan["intents"],
                              [f"1/{self.disabled} (no duid -> duid as0): disabled: new disks",
                               f"1/{self.heavy} (no duid -> duid as1): weight {WEIGHT}: big box"])
        self.assertEqual(plan["intents_waiting"], [])
        before = self.daemon.ask("events")["next"]
        self.daemon.ask("reload")
        self.assert_all_three_hold()
        self.assertEqual(self.daemon.ask("events")["next"], before, "nobody came or went")

        # The same while nobody runs.
        self.daemon.end()
        self.daemon.write_list(self.lists[0])
        self.daemon.start_again()
        self.daemon.await_state(self.down, "probing")
        self.assert_all_three_hold()

        # Who leaves the list has a word that waits, and the plan says so before.
        self.daemon.write_list("".join(f"1 {uri}\n" for uri in self.all if uri != self.heavy))
        self.assertEqual(self.daemon.ask("plan")["intents_waiting"],
                         [f"1/{self.heavy}: weight {WEIGHT}: big box"])

    def test_who_comes_back_to_the_list_has_no_past(self):
        self.daemon.write_list("".join(f"1 {uri}\n" for uri in self.all if uri != self.down))
        self.daemon.ask("reload")
        host, port = self.down.removeprefix("sip:").split(":")
        with lab.Uas(host, int(port)):
            self.daemon.write_list(self.lists[0])
            self.daemon.ask("reload")
            row = self.daemon.rows()[self.down]
            self.assertEqual((row["state"], row["reason"]), ("active", ""), row)

    def test_the_last_active_one_is_protected_by_what_is_seen_too(self):
        for uri in (self.disabled, self.plain, self.other):
            self.assertEqual(self.daemon.ctl("disable", uri).returncode, 0)
        # The fifth is down: without `heavy` nobody would take calls.
        refused = self.daemon.ctl("--json", "drain", self.heavy)
        self.assertEqual((refused.returncode, json.loads(refused.stdout)["error"]["exit_code"]),
                         (5, 5))
        self.assertEqual(self.daemon.ctl("drain", self.heavy, "--force").returncode, 0)


lab.each_back_end(Layers)

if __name__ == "__main__":
    lab.main()
