"""Every message of RFC 4475 and RFC 5118 over real UDP: the outcome is one that expect.tsv
tolerates, what is forwarded keeps its octets, and the process serves on."""

import os
import re
import unittest

import lab

ALLOWED_VIA = re.compile(rb";[ \t]*(received|rport)(=[^;,\s]*)?", re.I)


def torture_folder():
    shared = lab.shared_folder()
    folder = shared and os.path.join(shared, "torture")
    return folder if folder and os.path.isdir(folder) else None


def read_cases(folder):
    with open(os.path.join(folder, "expect.tsv"), encoding="utf-8") as table:
        names, *rows = [line.rstrip("\n").split("\t") for line in table]
    cases = [dict(zip(names, row)) for row in rows]
    for case in cases:
        with open(os.path.join(folder, case["name"] + ".sip"), "rb") as message:
            case["bytes"] = message.read()
    return cases


def sent_by_port(message):
    """Where an answer goes without rport: the port of the top Via as a client would write it."""
    match = re.search(rb"^(?:via|v)\s*:\s*SIP\s*/\s*2\.0\s*/\s*UDP\s+(\[[^\]]*\]|[^\s:;,]+)\s*:?\s*"
                      rb"(\d*)", message, re.I | re.M)
    return int(match[2] or 5060) if match else 5060


def split(message):
    head, _, body = message.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), body


def content_length(lines):
    for line in lines:
        match = re.match(rb"(?:content-length|l)[ \t]*:\s*(\d+)", line, re.I)
        if match:
            return int(match[1])
    return None


def max_forwards(line):
    match = re.match(rb"max-forwards[ \t]*:\s*(\d+)\s*$", line, re.I)
    return int(match[1]) if match else None


def joined(lines):
    """Header lines with their continuation lines."""
    result = []
    for line in lines:
        if result and line[:1] in b" \t" and line:
            result[-1] += b"\r\n" + line
        else:
            result.append(line)
    return result


def forbidden_change(before, after):
    """What a forward changed beyond the allowed changes; empty if nothing."""
    old, new = split(before), split(after)
    old_lines, new_lines = joined(old[0]), joined(new[0])
    if old_lines[0] != new_lines[0]:
        return f"start line {new_lines[0]!r}"
    new_vias = [i for i, line in enumerate(new_lines) if re.match(rb"(via|v)[ \t]*:", line, re.I)]
    if not new_vias or b"branch=z9hG4bKss." not in new_lines[new_vias[0]]:
        return "our Via is not on top"
    del new_lines[new_vias[0]]
    if content_length(old_lines) is None:
        new_lines = [line for line in new_lines if content_length([line]) is None]
    if not any(max_forwards(line) is not None for line in old_lines):
        new_lines = [line for line in new_lines if max_forwards(line) != 70]
    if len(old_lines) != len(new_lines):
        return f"{len(old_lines)} header lines became {len(new_lines)}"
    first_via = True
    for was, became in zip(old_lines[1:], new_lines[1:]):
        if max_forwards(was) is not None:
            if max_forwards(became) not in (max_forwards(was) - 1, 70, 69):
                return f"{was!r} became {became!r}"
            continue
        if first_via and re.match(rb"(via|v)[ \t]*:", was, re.I):
            first_via = False
            was, became = ALLOWED_VIA.sub(b"", was), ALLOWED_VIA.sub(b"", became)
        if was != became:
            return f"{was!r} became {became!r}"
    length = content_length(old_lines)
    body = old[1] if length is None else old[1][:length]
    return "" if body == new[1] else "the body"


class Torture:
    """One daemon, one destination, one shard: what came before the fence is the outcome."""

    force_rport = False
    io = "auto"

    def setUp(self):
        folder = torture_folder()
        if folder is None:
            self.skipTest("no RFC 4475/5118 messages: set STEER_SHARED to a folder with torture/")
        self.cases = read_cases(folder)
        self.destination = lab.Endpoint()
        self.bystander = lab.Endpoint("127.0.0.2", 0)
        self.caller = lab.Caller()
        self.addCleanup(self.destination.close)
        self.addCleanup(self.bystander.close)
        self.addCleanup(self.caller.close)
        port = lab.free_ports(1)[0]
        rport = "true" if self.force_rport else "false"
        self.daemon = self.enterContext(lab.Daemon(
            f"1 {self.destination.uri}\n", io=self.io, more=lab.STATELESS,
            listen=f'[{{ address = "udp:127.0.0.1:{port}", force_rport = {rport} }}]'))
        self.target = ("127.0.0.1", port)
        self.fences = 0
        self.sent_by_us = 0

    def send(self, message):
        """From where the answer is looked for. Returns the socket."""
        if self.force_rport:
            source = self.caller
        else:
            source = lab.Endpoint("127.0.77.1", sent_by_port(message))
            self.addCleanup(source.close)
        source.send(message, self.target)
        return source

    def fence(self):
        """An OPTIONS through the dispatcher and back; what reached the destination before it."""
        self.fences += 1
        call_id = f"fence-{self.fences}"
        self.caller.send(lab.request(call_id, self.caller.address), self.target)
        earlier = []
        while True:
            data, source = self.destination.expect(f"an OPTIONS after {self.fences - 1} messages")
            if lab.call_id_of(data) == call_id:
                break
            earlier.append(data)
        self.destination.send(lab.answer_to(data), source)
        replies = []
        while True:
            answer, _ = self.caller.expect("the answer to an OPTIONS")
            if lab.call_id_of(answer) == call_id:
                return earlier, replies
            replies.append(answer)

    def outcome(self, message):
        """(outcome word, forwarded octets or None)."""
        source = self.send(message)
        forwarded, replies = self.fence()
        if not self.force_rport:
            replies += [data for data, _ in source.drain()]
            source.close()
        self.sent_by_us += len(forwarded) + len(replies)
        self.assertLessEqual(len(forwarded) + len(replies), 1, "more messages out than in")
        if forwarded:
            return "forward", forwarded[0]
        if replies:
            return str(lab.status_of(replies[0])), replies[0]
        return "drop", None

    def judge(self, case):
        word, data = self.outcome(case["bytes"])
        may, must = case["may"].split(","), case["must"].split(",")
        if word == "forward":
            if "forward-fixed" in may and "forward" not in may:
                head = data.split(b"\r\n\r\n")[0].decode("latin-1")
                word = "forward-fixed" if re.match(case["fwd_re"], head) else "forward"
            else:
                change = forbidden_change(case["bytes"], data)
                if change:
                    return f"CHANGED {change}"
        return ("PASS " if word in must else "OK " if word in may else "DEVIATES ") + word

    def test_every_message_has_a_tolerable_outcome(self):
        verdicts = {}
        for case in self.cases:
            if not self.daemon.is_alive():
                break  # The subtest before has failed.
            with self.subTest(case["name"]):
                verdict = verdicts[case["name"]] = self.judge(case)
                self.assertTrue(self.daemon.is_alive(), "the daemon died")
                self.assertTrue(verdict.startswith(("PASS", "OK")),
                                f"{verdict}; expected one of {case['may']}")
        for name, verdict in verdicts.items():
            print(f"  {name:32} {verdict}")
        counts = {word: sum(verdict.startswith(word) for verdict in verdicts.values())
                  for word in ("PASS", "OK", "DEVIATES", "CHANGED")}
        print(f"  {len(verdicts)} messages: {counts}")
        # The daemon's own books: nothing left for anybody that we did not see.
        out = self.daemon.counter("sipsteer_forwarded_messages_total")
        out += self.daemon.counter("sipsteer_replied_messages_total")
        self.assertEqual(out, self.sent_by_us + 2 * self.fences)
        self.assertEqual(self.bystander.drain(), [])

    def test_responses_with_our_via_are_judged_as_answers(self):
        for case in self.cases:
            if not case["adapted"]:
                continue
            with self.subTest(case["name"]):
                word = self.adapted_outcome(case)
                print(f"  {case['name']:32} adapted: {word}")
                self.assertTrue(self.daemon.is_alive(), "the daemon died")
                self.assertIn(word, case["adapted"].split(","))

    def adapted_outcome(self, case):
        """Sends a request that this response could answer, then the response below our Via."""
        lines, body = split(case["bytes"])
        kept = [line for line in joined(lines) if re.match(rb"(from|to|call-id|cseq)\s*:", line,
                                                           re.I)]
        branch = re.search(rb"branch=([^;\s]+)", case["bytes"])[1].decode()
        method = re.search(rb"^cseq\s*:\s*\d+\s+(\w+)", case["bytes"], re.I | re.M)[1].decode()
        via = (f"Via: SIP/2.0/UDP {lab.host_port(self.caller.address)};branch={branch}"
               ";rport\r\n").encode()
        kept = [re.sub(rb"(?i)^(cseq\s*:\s*)\d{8,}", rb"\g<1>9292", line) for line in kept]
        request = (f"{method} sip:user@example.com SIP/2.0\r\n".encode() + via +
                   b"\r\n".join(kept) + b"\r\nContent-Length: 0\r\n\r\n")
        self.caller.send(request, self.target)
        forwarded, _ = self.fence()
        self.assertEqual(len(forwarded), 1, "the request that makes our Via was not forwarded")
        ours, stamped = lab.headers(forwarded[0], "Via")[:2]
        if case["name"] == "bcast":  # Its own second Via is what the case is about.
            message = case["bytes"].replace(b"\r\n", f"\r\nVia: {ours}\r\n".encode(), 1)
        else:
            response = [line for line in joined(lines)]
            vias = [i for i, line in enumerate(response) if re.match(rb"(via|v)\s*:", line, re.I)]
            response[vias[0]:vias[0] + 1] = [f"Via: {ours}".encode(), f"Via: {stamped}".encode()]
            message = b"\r\n".join(response) + b"\r\n\r\n" + body
        self.destination.send(message, self.target)
        earlier, replies = self.fence()
        self.assertEqual(earlier, [])
        return "forward" if replies else "drop"

    def test_nobody_named_in_a_message_gets_anything(self):
        place = lab.host_port(self.bystander.address)
        uri = f"sip:victim@{place}"
        for extra in (f"Route: <sip:{place};lr>\r\n", f"Contact: <{uri}>\r\n", ""):
            self.caller.send(lab.request(f"bystander-{len(extra)}", self.caller.address, uri=uri,
                                         extra=extra), self.target)
            forwarded, _ = self.fence()
            self.assertEqual(len(forwarded), 1)
        spoofed = lab.request("spoofed-via", self.bystander.address, extra="Proxy-Require: no\r\n")
        self.caller.send(spoofed.replace(b";rport", f";maddr={place}".encode()), self.target)
        self.fence()
        self.assertEqual(self.bystander.drain(), [])


@lab.each_back_end
class AnswersToTheSourcePort(Torture):
    force_rport = True


@lab.each_back_end
class AnswersToTheSentByPort(Torture):
    force_rport = False


if __name__ == "__main__":
    lab.main()
