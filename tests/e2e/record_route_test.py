"""Dialogs that stay in our path by Record-Route: sipp and plain sockets through the dispatcher."""

import os
import re
import shutil
import threading
import unittest

import lab

ROUTE = "\n[[route]]\nset = 1\nrecord_route = true\npath = true\n"
CALLS = 30
CALL_SECONDS = 3  # Long enough for a reload while all of them are up.

REQUEST = """<send{retrans}><![CDATA[
{method} {uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
{routes}From: {local}
To: {remote}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:x@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
"""
ANSWER = """<send{retrans}><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
{fields}Contact: <sip:x@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
"""
CALLER = "<sip:a@example.com>;tag=[pid]a[call_number]"
CALLEE = "<sip:b@example.com>"
CALLEE_TAG = ";tag=[pid]b[call_number]"


def within(method, cseq, caller):
    """A request within the dialog, by the route set."""
    ends = {"local": CALLER, "remote": CALLEE + "[peer_tag_param]"} if caller else \
        {"local": "<sip:b@example.com>" + CALLEE_TAG, "remote": "[$1]"}
    return REQUEST.format(retrans="" if method == "ACK" else ' retrans="500"', method=method,
                          uri="[next_url]", routes="[routes]\n", cseq=cseq, **ends)


def answer(begins=False):
    return ANSWER.format(retrans=' retrans="500"' if begins else "",
                         tag=CALLEE_TAG if begins else "",
                         fields="[last_Record-Route:]\n" if begins else "")


def expect(what, optional=False, route_set=False):
    kind = "request" if what.isalpha() else "response"
    return f'<recv {kind}="{what}"{" optional=" + chr(34) + "true" + chr(34) if optional else ""}' \
           f'{" rrs=" + chr(34) + "true" + chr(34) if route_set else ""}></recv>\n'


# The callee's own requests go to whom the From of the INVITE named, tag and all. (sipp refuses a
# variable that nobody uses.)
HEARS_INVITE = ('<recv request="INVITE" rrs="true"><action><ereg regexp="&lt;.*" search_in="hdr" '
                'header="From:" assign_to="1"/></action></recv>\n')


def scenario(*steps):
    return ('<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="record route">\n'
            + "".join(steps) + "</scenario>\n")


def caller_text(bye_from_caller):
    invite = REQUEST.format(retrans=' retrans="500"', method="INVITE",
                            uri="sip:b@[remote_ip]:[remote_port]", routes="", local=CALLER,
                            remote=CALLEE, cseq=1)
    end = ["<pause/>\n", within("BYE", 3, True), expect("200")] if bye_from_caller else \
        [expect("BYE"), answer()]
    return scenario(invite, expect("100", optional=True), expect("180", optional=True),
                    expect("200", route_set=True), within("ACK", 1, True),
                    within("INFO", 2, True), expect("200"), *end)


def callee_text(bye_from_caller):
    end = [expect("BYE"), answer()] if bye_from_caller else \
        ["<pause/>\n", within("BYE", 9, False), expect("200")]
    begin = expect("INVITE", route_set=True) if bye_from_caller else HEARS_INVITE
    return scenario(begin, answer(begins=True), expect("ACK"),
                    expect("INFO"), answer(), *end)


class Sipp(lab.Process):
    def __init__(self, folder, name, text, *arguments):
        path = folder.write(f"{name}.xml", text)
        super().__init__(["sipp", "-sf", path, *arguments, "-m", CALLS, "-d", CALL_SECONDS * 1000,
                          "-timeout", "60", "-timeout_error", "-nostdin"], folder / f"{name}.log",
                         cwd=folder.path, env={**os.environ, "TERM": "dumb"})


class DrainWait(unittest.TestCase):
    def test_what_a_destination_sends_within_its_dialogs_keeps_it_from_being_silent(self):
        with lab.Endpoint() as callee, lab.Endpoint() as caller, \
                lab.Daemon(f"1 {callee.uri}\n1 sip:127.0.0.1:9\n", more=ROUTE) as daemon:
            def invite(call_id):
                caller.send(lab.request(call_id, caller.address, "INVITE"), daemon.listener)
                return callee.receive(0.5)
            got = None
            for i in range(50):
                got = got or invite(f"call-{i}")
            text, _ = got
            callee.send(lab.answer_to(text), daemon.listener)
            number = lab.call_id_of(text)
            route = lab.header(text, "Record-Route")
            stop = threading.Event()

            def talk():
                cseq = 1
                while not stop.wait(0.1):
                    cseq += 1
                    info = lab.request(number, callee.address, "INFO", cseq=cseq,
                                       uri=f"sip:caller@{lab.host_port(caller.address)}",
                                       to_tag=f"from-{number}", extra=f"Route: {route}\r\n")
                    old_from = f"From: <sip:caller@example.com>;tag=from-{number}".encode()
                    callee.send(info.replace(old_from, b"From: <sip:user@example.com>;tag=uas"),
                                daemon.listener)

            talker = threading.Thread(target=talk)
            talker.start()
            try:
                lab.wait_until(lambda: daemon.rows()[callee.uri]["in_dialog_from"] > 2, "its INFO")
                waited = daemon.ctl("drain", callee.uri, "--wait", "3s", "--quiet", "1s")
                self.assertEqual(waited.returncode, 6, waited.stdout)
            finally:
                stop.set()
                talker.join()
            done = daemon.ctl("drain", callee.uri, "--wait", "9s", "--quiet", "1s")
            self.assertEqual(done.returncode, 0, done.stderr)


@unittest.skipIf(shutil.which("sipp") is None, "sipp is missing: apt-get install sip-tester")
class SippCalls(unittest.TestCase):
    mode = "stateful"

    def setUp(self):
        self.folder = self.enterContext(lab.Folder())

    def run_calls(self, bye_from_caller, during=None, caller_host="127.0.0.1"):
        uas_port = lab.free_ports(1)[0]
        uac_port = lab.free_ports(1, caller_host)[0]
        entry = lab.host_port((caller_host, lab.free_ports(1, caller_host)[0]))
        listen = f'["udp:{entry}"]' if caller_host == "127.0.0.1" else \
            f'["udp:{entry}", "udp:127.0.0.1:{lab.free_ports(1)[0]}"]'
        uri = f"sip:127.0.0.1:{uas_port}"
        route = f'{ROUTE}mode = "{self.mode}"\n'
        with lab.Daemon(f"1 {uri}\n", more=route, listen=listen) as daemon, \
                Sipp(self.folder, "uas", callee_text(bye_from_caller), "-i", "127.0.0.1", "-p",
                     uas_port) as uas, \
                Sipp(self.folder, "uac", caller_text(bye_from_caller), entry, "-i", caller_host,
                     "-p", uac_port, "-r", CALLS) as uac:
            if during is not None:
                lab.wait_until(lambda: daemon.counter("sipsteer_in_dialog_forwarded_messages_total")
                               >= 2 * CALLS, "all calls are up")
                during(daemon, uri)
            for side in (uac, uas):
                self.assertEqual(side.await_exit(90), 0, side.output()[-3000:])
            self.assertEqual(daemon.counter('sipsteer_refused_messages_total{reason="bad_route"'),
                             0)
            self.assertEqual(daemon.counter("sipsteer_dropped_messages_total"), 0)

    def test_the_caller_ends_the_call(self):
        self.run_calls(bye_from_caller=True)

    def test_the_destination_ends_the_call(self):
        self.run_calls(bye_from_caller=False)

    def test_calls_outlive_a_reload_that_removed_their_destination(self):
        def remove(daemon, uri):
            daemon.write_list("1 sip:127.0.0.1:9\n")
            daemon.ask("reload")
            self.assertNotIn(uri, daemon.rows())

        for bye_from_caller in (True, False):
            with self.subTest(bye_from_caller=bye_from_caller):
                self.run_calls(bye_from_caller, during=remove)

    def test_between_ipv6_and_ipv4(self):
        for bye_from_caller in (True, False):
            with self.subTest(bye_from_caller=bye_from_caller):
                self.run_calls(bye_from_caller, caller_host="::1")


class SippCallsWithoutTransactions(SippCalls):
    mode = "stateless"


class OverRestarts(unittest.TestCase):
    """By hand: a dialog whose destination no process knows any more, and forgeries."""

    def setUp(self):
        self.caller = self.enterContext(lab.Endpoint())
        self.callee = self.enterContext(lab.Endpoint())
        # Datagrams one by one: without transactions, which would answer and repeat.
        self.daemon = self.enterContext(
            lab.Daemon(f"1 {self.callee.uri}\n", more=ROUTE + 'mode = "stateless"\n'))

    def pass_on(self, sender, receiver, **changes):
        """What arrives of a request that `sender` sends to us."""
        sender.send(self.text(sender, **changes), self.daemon.listener)
        return receiver.expect("the request")[0]

    def text(self, sender, method="BYE", route="", from_tag="f1", to_tag="t1", call_id="c1"):
        self.sent = getattr(self, "sent", 0) + 1
        lines = [f"{method} sip:nobody@unreachable.invalid SIP/2.0",
                 f"Via: SIP/2.0/UDP {lab.host_port(sender.address)};branch=z9hG4bK{self.sent}",
                 *([f"Route: {route}"] if route else []),
                 f"From: <sip:x@example.com>;tag={from_tag}",
                 "To: <sip:y@example.com>" + (f";tag={to_tag}" if to_tag else ""),
                 f"Call-ID: {call_id}", f"CSeq: {self.sent} {method}", "Max-Forwards: 70",
                 "Content-Length: 0", "", ""]
        return "\r\n".join(lines)

    def begin(self):
        invite = self.pass_on(self.caller, self.callee, method="INVITE", to_tag="")
        return lab.header(invite, "Record-Route")

    def test_a_restart_without_the_destination_keeps_the_dialog(self):
        route = self.begin()
        self.daemon.write_list("1 sip:127.0.0.1:9\n")
        for when in ("reload", "restart"):
            with self.subTest(when):
                if when == "reload":
                    self.daemon.ask("reload")
                else:
                    self.daemon.end()
                    self.daemon.start_again()
                there = self.pass_on(self.caller, self.callee, route=route)
                self.assertTrue(there.startswith(b"BYE "), there)
                back = self.pass_on(self.callee, self.caller, route=route, from_tag="t1",
                                    to_tag="f1")
                self.assertTrue(back.startswith(b"BYE "), back)
                self.assertIsNone(lab.header(back, "Route"))

    def test_forged_and_replayed_marks_are_answered_403(self):
        route = self.begin()
        stranger = self.enterContext(lab.Endpoint(host="127.0.0.2"))
        last = re.sub(r".>$", lambda end: ("1" if end[0][0] == "0" else "0") + ">", route)
        for name, sender, changes in (
                ("forged", self.caller, {"route": last}),
                ("another call", self.caller, {"route": route, "call_id": "c2"}),
                ("another caller", self.caller, {"route": route, "from_tag": "f2"}),
                ("not a destination", stranger,
                 {"route": route, "from_tag": "t1", "to_tag": "f1"})):
            with self.subTest(name):
                answer = self.pass_on(sender, sender, **changes)
                self.assertEqual(lab.status_of(answer), 403, answer)
        self.assertEqual(self.daemon.counter('sipsteer_refused_messages_total{reason="bad_route"'),
                         4)
        self.assertEqual(self.callee.drain(), [])


if __name__ == "__main__":
    lab.main()
