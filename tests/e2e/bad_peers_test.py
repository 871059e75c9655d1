"""Peers that break the rules towards a route with transactions: what they send is answered as RFC
3261 says or dropped, counted, and the next call passes."""

import os
import re

import lab

FAILOVER = 'failover = { on = ["timeout", "transport", 503], tries = 2, timeout = "300ms" }\n'
ROUTE = '[[route]]\nset = 1\nalgorithm = "first"\n' + FAILOVER
# Nobody is taken out: each request finds the first of the list as it is.
NO_VERDICTS = 'mode = "none"\npassive.enabled = false\n'
FLOOD = 3000
PLACES = 500  # For transactions.


class BadPeers:
    def setUp(self):
        self.caller = self.enterContext(lab.Endpoint())
        self.first = self.enterContext(lab.Endpoint())
        self.second = self.enterContext(lab.Endpoint())
        self.calls = 0

    def start(self, more="", route=ROUTE):
        self.daemon = self.enterContext(lab.Daemon(
            f"1 {self.first.uri}\n1 {self.second.uri}\n", io=self.io, health=NO_VERDICTS,
            more=route + more))

    # --- Steps of a call ---

    def request(self, method="INVITE", call=None, **options):
        call = call or f"call-{self.calls}"
        return lab.request(call, self.caller.address, method=method, **options)

    def ask(self, **options):
        """Sends a new INVITE; returns it as the first of the list gets it."""
        self.calls += 1
        self.caller.send(self.request(**options), self.daemon.listener)
        return self.expect_request(self.first, "INVITE")

    def expect_request(self, endpoint, method):
        got = endpoint.expect(f"an {method}")[0]
        self.assertTrue(got.startswith(method.encode() + b" "), got)
        return got

    def next_status(self, seconds=lab.PATIENCE):
        """The status of what the caller gets next, but for 100."""
        while True:
            got = self.caller.receive(seconds)
            if got is None:
                return None
            status = lab.status_of(got[0])
            if status != 100:
                self.heard = got[0]
                return status

    def answer(self, request, status="200 OK", endpoint=None, **changes):
        text = lab.answer_to(request, status)
        for old, new in changes.get("replaced", {}).items():
            self.assertIn(old.encode(), text)
            text = text.replace(old.encode(), new.encode())
        (endpoint or self.first).send(text, self.daemon.listener)

    def acknowledge(self, answer):
        """The ACK to a failure: same branch as the INVITE."""
        tag = re.search(r";tag=(.*)", lab.header(answer, "To"))[1]
        self.caller.send(self.request("ACK", to_tag=tag), self.daemon.listener)

    def dropped(self, reason):
        return self.daemon.counter(f'sipsteer_dropped_messages_total{{reason="{reason}"')

    def counter(self, name):
        """That one alone, not all whose names begin so."""
        return self.daemon.counters()[name]

    def a_call_passes(self):
        """After all that."""
        self.first.drain()
        self.caller.drain()
        invite = self.ask()
        self.answer(invite)
        self.assertEqual(self.next_status(), 200)
        self.assertTrue(self.daemon.is_alive())

    # --- What they do ---

    def test_cancel_and_ack_of_nothing(self):
        self.start(route=ROUTE.replace('"first"', '"round-robin"'))

        self.caller.send(self.request("CANCEL", call="nothing"), self.daemon.listener)
        self.assertEqual(self.next_status(), 481)
        self.caller.send(self.request("ACK", call="nothing", to_tag="x"), self.daemon.listener)
        # An ACK to a 2xx looks no different: it goes on, and nobody answers it (§17).
        there = self.first.receive(0.5) or self.second.receive(0.5)
        self.assertTrue(there is None or there[0].startswith(b"ACK "), there)
        self.assertIsNone(self.next_status(0.3))
        self.assertEqual(self.daemon.counter("sipsteer_transactions_begun_total"), 0)

    def test_cancel_of_nothing_where_the_choice_is_a_function_goes_on(self):
        self.start()

        self.caller.send(self.request("CANCEL", call="nothing"), self.daemon.listener)

        cancel = self.expect_request(self.first, "CANCEL")  # §16.10: without state.
        self.answer(cancel, "481 Call/Transaction Does Not Exist")
        self.assertEqual(self.next_status(), 481)

    def test_an_answer_to_what_has_ended(self):
        self.start(more='completed = "100ms"\n[timers]\nt1 = "20ms"\nt2 = "40ms"\nt4 = "20ms"\n',
                   route=ROUTE.replace(FAILOVER, ""))
        invite = self.ask()
        self.answer(invite, "486 Busy Here")
        self.assertEqual(self.next_status(), 486)
        self.acknowledge(self.heard)
        lab.wait_until(lambda: self.counter("sipsteer_transactions") == 0, "it is forgotten")
        self.caller.drain()

        for status in ("180 Ringing", "200 OK", "486 Busy Here"):
            self.answer(invite, status)

        lab.wait_until(lambda: self.dropped("response_no_transaction") == 3, "all are dropped")
        self.assertIsNone(self.next_status(0.2))

    def test_two_answers_at_once(self):
        self.start()
        invite = self.ask()

        self.answer(invite, "486 Busy Here")
        self.answer(invite, "404 Not Found")

        self.assertEqual(self.next_status(), 486, "the first counts")
        self.acknowledge(self.heard)
        self.expect_request(self.first, "ACK")
        self.expect_request(self.first, "ACK")  # The other is acknowledged, too, and ends here.
        self.assertIsNone(self.next_status(0.6))
        self.a_call_passes()

    def test_a_failure_and_a_success_at_once(self):
        self.start()
        invite = self.ask()

        self.answer(invite, "486 Busy Here")
        self.answer(invite, "200 OK")

        # §16.7 step 5: a 2xx is passed on whatever was said before.
        self.assertEqual(self.next_status(), 486)
        self.acknowledge(self.heard)
        self.assertEqual(self.next_status(), 200)
        self.a_call_passes()

    def test_a_hundred_and_then_nothing(self):
        self.start()
        for _ in range(3):
            invite = self.ask()
            self.answer(invite, "100 Trying")

            other = self.expect_request(self.second, "INVITE")
            self.expect_request(self.first, "CANCEL")  # It has spoken, so it can be told.
            self.answer(other, endpoint=self.second)

            self.assertEqual(self.next_status(), 200)
            self.first.drain()
        self.assertEqual(self.daemon.counter('sipsteer_failed_tries_total{reason="timeout"}'), 3)

    def test_everybody_says_a_hundred_and_then_nothing(self):
        # Timer C would end it after more than 3 minutes (§16.8); a caller gives up before.
        self.start(more='[timers]\nt1 = "20ms"\nt2 = "40ms"\n',
                   route=ROUTE.replace("300ms", "100ms"))
        invite = self.ask()
        self.answer(invite, "100 Trying")
        other = self.expect_request(self.second, "INVITE")
        self.answer(other, "100 Trying", endpoint=self.second)

        self.caller.send(self.request("CANCEL"), self.daemon.listener)

        self.assertEqual(self.next_status(), 200, "of the CANCEL")
        self.expect_request(self.second, "CANCEL")
        self.assertEqual(self.next_status(), 487, "64*T1 after the CANCEL that nobody answers")
        self.acknowledge(self.heard)

    def test_an_answer_twice(self):
        self.start()
        invite = self.ask()
        for _ in range(2):
            self.answer(invite, "486 Busy Here")

        self.assertEqual(self.next_status(), 486)
        self.acknowledge(self.heard)
        self.assertIsNone(self.next_status(0.6), "its repetition goes no further")
        self.assertEqual(self.daemon.counter("sipsteer_failovers_total"), 0)
        self.a_call_passes()

    def test_another_to_tag_in_the_repetition(self):
        self.start()
        invite = self.ask()
        self.answer(invite, "486 Busy Here")
        self.assertEqual(self.next_status(), 486)
        self.acknowledge(self.heard)
        self.expect_request(self.first, "ACK")

        self.answer(invite, "486 Busy Here", replaced={"tag=uas": "tag=other"})

        ack = self.expect_request(self.first, "ACK")
        self.assertIn("tag=other", lab.header(ack, "To"), "who acknowledges names what it got")
        self.assertIsNone(self.next_status(0.6))
        self.a_call_passes()

    def test_two_successes_with_tags_of_their_own_are_both_passed_on(self):
        self.start()
        invite = self.ask()

        self.answer(invite)
        self.answer(invite, replaced={"tag=uas": "tag=other"})

        self.assertEqual((self.next_status(), self.next_status()), (200, 200))  # §16.7 step 5.
        self.assertIn("tag=other", lab.header(self.heard, "To"))

    def test_somebody_elses_branch(self):
        self.start()
        one = self.ask()
        branch = re.search(r"branch=(z9hG4bKsf[^;\s]*)", lab.headers(one, "Via")[0])[1]
        other = self.ask()
        own = re.search(r"branch=(z9hG4bKsf[^;\s]*)", lab.headers(other, "Via")[0])[1]
        last = "0" if own[-1] != "0" else "1"

        self.answer(other, replaced={own: branch})            # That of another call of ours.
        self.answer(other, replaced={own: own[:-1] + last})   # One that nobody made.

        lab.wait_until(lambda: self.dropped("response_bad_mark") == 2, "both are dropped")
        self.assertIsNone(self.next_status(0.2))
        self.answer(other)
        self.assertEqual(self.next_status(), 200)
        self.assertEqual(lab.call_id_of(self.heard), f"call-{self.calls}")

    def test_a_forged_or_replayed_record_route_mark(self):
        self.start(route=ROUTE + "record_route = true\n")
        invite = self.ask()
        self.answer(invite)
        self.assertEqual(self.next_status(), 200)
        route = lab.header(invite, "Record-Route")
        last = re.sub(r".>$", lambda end: ("1" if end[0][0] == "0" else "0") + ">", route)
        for call, mark in ((f"call-{self.calls}", last), ("another", route)):
            bye = self.request("BYE", call=call, cseq=2, to_tag="uas", extra=f"Route: {mark}\r\n")
            self.caller.send(bye, self.daemon.listener)
            self.assertEqual(self.next_status(), 403)
            first = self.heard
            self.caller.send(bye, self.daemon.listener)
            self.assertEqual(self.next_status(), 403)
            self.assertEqual(self.heard, first, "a repetition gets the same")
        refused = 'sipsteer_refused_messages_total{reason="bad_route"}'
        self.assertEqual(self.counter(refused), 2)

    def test_an_answer_from_a_stranger(self):
        self.start()
        invite = self.ask()
        with lab.Endpoint(host="127.0.0.2") as stranger:
            self.answer(invite, endpoint=stranger)

            lab.wait_until(lambda: self.dropped("response_from_stranger") == 1, "it is dropped")
        self.answer(invite)
        self.assertEqual(self.next_status(), 200)

    def test_a_flood_of_invites_from_one_source(self):
        self.start(more=f"[limits]\ntransactions = {PLACES}\n")
        established = self.ask()
        self.answer(established, "180 Ringing")
        self.assertEqual(self.next_status(), 180)
        before = self.daemon.resident_kib()

        for number in range(FLOOD):
            self.caller.send(self.request(call=f"flood-{number}"), self.daemon.listener)
            if number % 100 == 99:  # Nothing may get lost unnoticed in a receive buffer.
                self.daemon.ask("info")
        refused = 'sipsteer_refused_messages_total{reason="transactions_full"}'
        lab.wait_until(lambda: self.daemon.counter(refused) >= FLOOD - PLACES, "the rest gets 503")

        texts = [text for text, _ in self.caller.drain() if lab.status_of(text) == 503]
        self.assertTrue(texts and all(lab.header(text, "Retry-After") for text in texts))
        self.assertEqual(self.counter("sipsteer_transactions"), PLACES)
        grown = self.daemon.resident_kib() - before
        if not os.environ.get("STEER_SANITIZED"):
            self.assertLess(grown, 8 * 1024)
        self.answer(established)  # What was there goes on.
        lab.wait_until(lambda: self.next_status() == 200, "the call that rang is answered")


lab.each_back_end(BadPeers)

if __name__ == "__main__":
    lab.main()
