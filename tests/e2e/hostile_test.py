"""Garbage and mutated messages by the ten thousand: nothing stops the process, makes it grow, or
hurts the traffic beside it. STEER_SEED=N repeats a run."""

import os
import random

import lab

GARBAGE = 100_000
MUTATED = 20_000
ANSWERS = 5_000
ROUND = 500  # Then a fence: nothing may pile up in the receive buffer unnoticed.
# A sanitizer keeps what was freed for a while.
GROWTH_MAX_KIB = (512 if os.environ.get("STEER_SANITIZED") else 12) * 1024


def seed():
    return int(os.environ.get("STEER_SEED", "20261123"))


def garbage(draw):
    kind = draw.randrange(6)
    if kind == 0:
        return draw.randbytes(draw.choice((0, 1, 2, 16, 200, 1_400)))
    if kind == 1:
        return b"\r\n" * draw.randrange(1, 40)
    if kind == 2:
        return b"\x00\x01\x00\x00\x21\x12\xa4\x42" + draw.randbytes(12)  # STUN, RFC 8489 §5.
    if kind == 3:
        return b"INVITE " + draw.randbytes(60).replace(b"\r", b" ")
    if kind == 4:
        return b"SIP/2.0 200 OK\r\n" + draw.randbytes(80)
    return b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"


def mutated(message, draw):
    """One or two faults: octets changed, cut out, doubled, or header lines in another order."""
    data = bytearray(message)
    for _ in range(draw.randrange(1, 3)):
        if len(data) < 8:
            break
        at = draw.randrange(len(data))
        kind = draw.choices(range(6), (4, 4, 4, 4, 1, 2))[0]
        if kind == 0:
            data[at] = draw.randrange(256)
        elif kind == 1:
            data[at] = draw.choice(b"\r\n\0 ,;:<>\"@%[]()\\\t")
        elif kind == 2:
            del data[at:at + draw.randrange(1, 40)]
        elif kind == 3:
            data[at:at] = data[at:at + draw.randrange(1, 60)]
        elif kind == 4:
            data[at:] = b""
        else:
            head, _, body = bytes(data).partition(b"\r\n\r\n")
            first, *lines = head.split(b"\r\n")
            draw.shuffle(lines)
            data = bytearray(b"\r\n".join([first, *lines]) + b"\r\n\r\n" + body)
    return bytes(data)


class Hostile:
    io = "auto"

    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas())
        self.attacker = self.enterContext(lab.Caller())
        self.caller = self.enterContext(lab.Caller())
        # Forced rport makes the most of the client's Via change.
        address = f"udp:127.0.0.1:{lab.free_ports(1)[0]}"
        self.daemon = self.enterContext(lab.Daemon(
            f"1 {self.uas.uris[0]}\n", io=self.io,
            listen=f'[{{ address = "{address}", force_rport = true }}]'))
        self.daemon.listener = ("127.0.0.1", int(address.rpartition(":")[2]))
        self.draw = random.Random(seed())
        self.fences = 0

    def attack(self, count, make):
        for begin in range(0, count, ROUND):
            for _ in range(min(ROUND, count - begin)):
                self.attacker.send(make(), self.daemon.listener)
            self.fences += 1
            status = self.caller.status(self.daemon.listener, f"fence-{self.fences}")
            self.assertEqual(status, 200, f"after {begin} datagrams; STEER_SEED={seed()}")
            self.attacker.drain()

    def traffic_is_unhurt(self):
        report = lab.siplab_uac(self.daemon.listener, "--count", 500, "--mode", "call")
        self.assertEqual((report["lost"], report["exit"]), (0, 0))

    def refusals(self):
        """Counts by name of what was not forwarded."""
        return {name: value for name, value in self.daemon.counters().items()
                if name.startswith(("sipsteer_dropped", "sipsteer_refused"))}

    def test_garbage(self):
        self.traffic_is_unhurt()
        self.attack(5_000, lambda: garbage(self.draw))
        before = self.daemon.resident_kib()
        self.attack(GARBAGE - 5_000, lambda: garbage(self.draw))
        grown = self.daemon.resident_kib() - before
        self.traffic_is_unhurt()

        refused = self.refusals()
        print(f"  {GARBAGE} garbage datagrams (seed {seed()}): {grown} KiB grown")
        for name, value in sorted(refused.items()):
            print(f"    {value:8} {name}")
        self.assertLess(grown, GROWTH_MAX_KIB)
        self.assertGreaterEqual(len(refused), 4, "no counters by reason")
        # Loopback loses a datagram when a buffer is full; nothing else may be missing.
        self.assertGreaterEqual(sum(refused.values()), GARBAGE * 0.99)
        self.assertLessEqual(sum(refused.values()), GARBAGE)

    def test_mutated_messages(self):
        self.traffic_is_unhurt()
        source = self.attacker.address
        body = "v=0\r\no=- 1 1 IN IP4 x\r\n"
        templates = [lab.request("mutant", source, method="INVITE", body=body,
                                 extra="Route: <sip:192.0.2.1;lr>\r\nSupported: path\r\n"),
                     lab.request("mutant", source, method="REGISTER", extra="Expires: 60\r\n"),
                     lab.answer_to(lab.request("mutant", source))]
        for stamps in (b";received=192.0.2.7", b";rport=7;received=192.0.2.7",
                       b";received=192.0.2.7;rport;maddr=192.0.2.8;ttl=1"):
            templates.append(templates[0].replace(b";branch", stamps + b";branch").replace(
                b";rport\r\n", b"\r\n"))

        def make():
            return mutated(self.draw.choice(templates), self.draw)

        self.attack(2_000, make)
        before = self.daemon.resident_kib()
        self.attack(MUTATED - 2_000, make)
        grown = self.daemon.resident_kib() - before
        self.traffic_is_unhurt()

        refused = sum(self.refusals().values())
        print(f"  {MUTATED} mutated messages (seed {seed()}): {grown} KiB grown, "
              f"{refused} refused for {len(self.refusals())} reasons")
        self.assertLess(refused, 0.9 * MUTATED, "hardly any gets beyond the parser")
        self.assertLess(grown, GROWTH_MAX_KIB)
        self.assertGreaterEqual(len(self.refusals()), 10)

    def test_mutated_answers_of_a_destination(self):
        # Without transactions: the marks in our Via alone decide.
        with lab.Uas() as uas, \
                lab.Daemon(f"1 {uas.uri}\n", io=self.io, more=lab.STATELESS) as daemon:
            for i in range(ANSWERS // ROUND):
                self.assertEqual(self.caller.status(daemon.listener, f"answer-{i}"), 200)
                answer = lab.answer_to(uas.requests[-1], extra="Contact: <sip:uas@example.com>\r\n")
                for _ in range(ROUND):
                    uas.send(mutated(answer, self.draw), daemon.listener)
                self.assertEqual(self.caller.status(daemon.listener, f"fence-{i}"), 200)
                self.caller.drain()
            forwarded = daemon.counters()[
                'sipsteer_forwarded_messages_total{transport="udp",kind="response"}']
            print(f"  {ANSWERS} mutated answers: {forwarded} forwarded")
            self.assertGreater(forwarded, ANSWERS * 0.05, "hardly any gets beyond the parser")
            self.assertLess(forwarded, ANSWERS)


lab.each_back_end(Hostile)

if __name__ == "__main__":
    lab.main()
