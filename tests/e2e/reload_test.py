"""Reloads while calls run: nothing is lost, nothing moves, and what is wrong is refused whole."""

import re
import signal
import threading
import unittest

import lab

RELOADS = 50  # Good ones, and as many bad ones.
KNOWN_CALLS = 150

def bad_lists(good):
    """What a bad list looks like: (name, text, what is told)."""
    told = r"dispatcher\.list:\d+:\d+: error: "
    return [
        ("syntax error", good + "1 127.0.0.1:5060 what\n", told),
        ("empty list", "# nobody\n", told),
        ("port beyond 65535", good + "1 sip:127.0.0.1:99999\n", told),
        ("destination twice", good + good, told),
        ("half-written file", good + good[:len("1 sip:127.")], told),
        ("binary rubbish", bytes(range(256)), told),
    ]


class Reloads:
    io = "auto"

    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas(ports=2))
        self.caller = lab.Caller()
        self.addCleanup(self.caller.close)
        first, second = self.uas.uris
        self.good = f"1 {first}\n1 {second}\n"
        self.other = f"# the other way round, and one more without a share\n1 {second} 0 5\n" \
                     f"1 {first}\n1 sip:127.0.0.1:9 0 0 weight=0\n"
        self.daemon = self.enterContext(lab.Daemon(self.good, io=self.io, shards=2))

    def places(self):
        return {i: self.caller.destination(self.daemon.listener, f"known-{i}")
                for i in range(KNOWN_CALLS)}

    def reload_by_signal(self, succeeds):
        """SIGHUP, and its line in the log."""
        pattern = "reloaded: generation" if succeeds else "reload refused"
        before = self.daemon.output().count(pattern)
        self.daemon.send(signal.SIGHUP)
        lab.wait_until(lambda: self.daemon.output().count(pattern) > before, pattern)

    def reload_often(self):
        """50 good and 50 bad ones, by signal and by sipsteerctl in turn."""
        bad = bad_lists(self.good)
        for i in range(RELOADS):
            generation = self.daemon.generation()
            self.daemon.write_list(self.other if i % 2 == 0 else self.good)
            if i % 4 < 2:
                self.reload_by_signal(succeeds=True)
            else:
                self.assertEqual(self.daemon.ask("reload")["generation"], generation + 1)
            self.assertEqual(self.daemon.generation(), generation + 1)

            name, text, told = bad[i % len(bad)]
            self.daemon.write_list(text)
            if i % 4 < 2:
                self.reload_by_signal(succeeds=False)
            else:
                refused = self.daemon.ctl("reload")
                self.assertEqual(refused.returncode, 1, f"{name}: {refused.stdout}")
                self.assertRegex(refused.stderr, told, name)
            self.assertEqual(self.daemon.generation(), generation + 1, name)

    def test_nothing_is_lost_and_no_call_moves(self):
        before = self.places()
        reports = []
        load = threading.Thread(target=lambda: reports.append(lab.siplab_uac(
            self.daemon.listener, "--mode", "call", "--rate", 200, "--duration", "600s",
            "--count", 4_000, "--retransmit", "off", "--timeout", "5s", "--max-loss", "100%")))
        load.start()
        try:
            self.reload_often()
        finally:
            load.join()
        after = self.places()

        self.assertEqual(before, after)
        self.assertEqual(set(before.values()), set(self.uas.uris), "one server got all calls")
        report = reports[0]
        print(f"  {report['completed']} calls, {report['lost']} lost, "
              f"p99 {report['latency_us']['p99']:.0f} us during {2 * RELOADS} reloads")
        self.assertEqual((report["lost"], report["duplicates"], report["exit"]), (0, 0, 0))
        self.assertEqual(set(report["by_status"]), {"200"})


class WhatIsRefused(unittest.TestCase):
    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas())
        self.good = f"1 {self.uas.uris[0]}\n"
        self.daemon = self.enterContext(lab.Daemon(self.good))
        self.caller = lab.Caller()
        self.addCleanup(self.caller.close)

    def refuse(self, name, told):
        refused = self.daemon.ctl("reload")
        self.assertEqual(refused.returncode, 1, f"{name}: {refused.stdout}")
        self.assertRegex(refused.stderr, told, name)
        self.assertRegex(refused.stderr, "generation 1 keeps serving", name)
        self.assertEqual(self.daemon.generation(), 1, name)
        call_id = "after-" + name.replace(" ", "-")
        self.assertEqual(self.caller.status(self.daemon.listener, call_id), 200)

    def test_a_bad_list_names_file_line_and_column(self):
        for name, text, told in bad_lists(self.good):
            with self.subTest(name):
                self.daemon.write_list(text)
                self.refuse(name, told)

    def test_a_list_that_cannot_be_read_is_told(self):
        for name, change in (
                ("missing list", 'source = "nowhere.list"'),
                ("a folder", f'source = "{self.daemon.folder.path}"'),
                ("an old file", 'source = "/proc/self/mem"')):
            with self.subTest(name):
                text = lab.TOML.replace('source = "dispatcher.list"', change)
                self.daemon.folder.write("sipsteer.toml", text.format(**self.daemon.settings))
                self.refuse(name, r"sipsteer\.toml:\d+:\d+: error: |nowhere|error: ")

    def test_a_bad_toml_is_refused_with_all_its_mistakes(self):
        self.daemon.write_toml(health='intervall = "1s"\nfall = 0\n', more="[nonsense]\na = 1\n")
        refused = self.daemon.ctl("reload")

        self.assertEqual(refused.returncode, 1)
        mistakes = re.findall(r"sipsteer\.toml:\d+:\d+: error: ", refused.stderr)
        self.assertGreaterEqual(len(mistakes), 3, refused.stderr)
        self.assertIn("interval", refused.stderr)
        self.assertEqual(self.daemon.generation(), 1)

    def test_what_takes_a_restart_is_told_and_the_rest_taken(self):
        self.daemon.write_toml(shards=2)
        self.daemon.write_list(self.good + "2 sip:127.0.0.1:9\n")

        answer = self.daemon.ask("reload")

        self.assertEqual(answer["generation"], 2)
        self.assertRegex(" ".join(answer["warnings"]), "shards has changed, which takes a restart")
        self.assertEqual(self.daemon.ask("info")["shards"], 1)


class WhatAReloadKeeps(unittest.TestCase):
    def setUp(self):
        self.first = self.enterContext(lab.Uas())
        self.second = self.enterContext(lab.Uas())
        self.caller = lab.Caller()
        self.addCleanup(self.caller.close)

    def start(self, list_text, **options):
        return self.enterContext(lab.Daemon(list_text, **options))

    def test_a_destination_that_is_down_stays_down(self):
        dead = f"sip:127.0.0.1:{lab.free_ports(1)[0]}"
        list_text = f"1 {self.first.uri}\n1 {dead}\n"
        daemon = self.start(list_text, health=lab.FAST_HEALTH)
        daemon.await_state(dead, "probing")
        for i in range(10):
            daemon.write_list(list_text + f"# {i}\n")
            daemon.ask("reload")
            self.assertEqual(daemon.state(dead), "probing")
        for i in range(40):
            self.assertEqual(self.caller.status(daemon.listener, f"live-{i}"), 200)

        self.assertEqual(daemon.rows()[dead]["selected"], 0)

    def test_a_disable_of_the_operator_stays(self):
        list_text = f"1 {self.first.uri}\n1 {self.second.uri}\n"
        daemon = self.start(list_text, health=lab.FAST_HEALTH)
        disabled = daemon.ctl("disable", self.second.uri, "--reason", "new disk")
        self.assertEqual(disabled.returncode, 0, disabled.stderr)
        daemon.write_list(list_text.replace("\n1", "\n\n1", 1))
        daemon.ask("reload")

        row = daemon.rows()[self.second.uri]
        self.assertEqual((row["state"], row["operator"]), ("disabled", "disabled"))
        self.assertIn("new disk", row["reason"])

    def test_only_requests_in_a_dialog_reach_a_removed_destination(self):
        daemon = self.start(f"1 {self.first.uri}\n1 {self.second.uri}\n")
        daemon.write_list(f"1 {self.first.uri}\n")
        daemon.ask("reload")
        for i in range(30):
            self.assertEqual(self.caller.status(daemon.listener, f"new-{i}"), 200)
        self.assertEqual(self.second.requests, [])

        uri = f"sip:uas@{lab.host_port(self.second.address)}"
        status = self.caller.status(daemon.listener, "old", method="BYE", uri=uri, to_tag="uas")

        self.assertEqual(status, 200)
        self.assertEqual(self.second.call_ids(), ["old"])

    def test_without_a_to_tag_a_removed_destination_is_not_reached(self):
        daemon = self.start(f"1 {self.first.uri}\n1 {self.second.uri}\n")
        daemon.write_list(f"1 {self.first.uri}\n")
        daemon.ask("reload")

        uri = f"sip:uas@{lab.host_port(self.second.address)}"
        self.caller.status(daemon.listener, "new", method="INVITE", uri=uri)

        self.assertEqual(self.second.requests, [])
        self.assertEqual(self.first.call_ids(), ["new"])

    def test_removed_linger_ends(self):
        more = '[limits]\nremoved_linger = "200ms"\n'
        daemon = self.start(f"1 {self.first.uri}\n1 {self.second.uri}\n", more=more)
        daemon.write_list(f"1 {self.first.uri}\n")
        generation = daemon.ask("reload")["generation"]
        lab.wait_until(lambda: daemon.generation() > generation, "the removed one is forgotten")

        uri = f"sip:uas@{lab.host_port(self.second.address)}"
        self.caller.status(daemon.listener, "late", method="BYE", uri=uri, to_tag="uas")

        self.assertEqual(self.second.requests, [])


lab.each_back_end(Reloads)

if __name__ == "__main__":
    lab.main()
