"""Listeners of every kind, and what our Via says of them."""

import socket
import unittest

import lab

LARGEST = 65_507


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class Listeners:
    io = "auto"

    def setUp(self):
        self.uas = self.enterContext(lab.Uas())
        self.caller = self.enterContext(lab.Caller())

    def start(self, list_text=None, **options):
        return self.enterContext(lab.Daemon(list_text or f"1 {self.uas.uri}\n", io=self.io,
                                            **options))

    def own_via(self):
        return lab.headers(self.uas.requests[-1], "Via")[0]

    def test_a_wildcard_becomes_concrete_addresses(self):
        port = lab.free_ports(1, "0.0.0.0")[0]
        daemon = self.start(listen=f'["udp:0.0.0.0:{port}"]')
        listeners = daemon.ask("info")["listeners"]
        self.assertIn(f"udp:127.0.0.1:{port}", listeners)
        self.assertNotIn(f"udp:0.0.0.0:{port}", listeners)

        self.assertEqual(self.caller.status(("127.0.0.1", port), "wild"), 200)

        self.assertIn(f"127.0.0.1:{port};", self.own_via())

    def test_ipv6_in_and_ipv4_out(self):
        if not has_ipv6():
            self.skipTest("no IPv6 loopback here")
        port4, port6 = lab.free_ports(1)[0], lab.free_ports(1, "::1")[0]
        daemon = self.start(listen=f'["udp:127.0.0.1:{port4}", "udp:[::1]:{port6}"]')
        self.assertIn(f"udp:[::1]:{port6}", daemon.ask("info")["listeners"])
        with lab.Caller("::1") as caller:
            self.assertEqual(caller.status(("::1", port6), "six"), 200)
        self.assertIn(f"127.0.0.1:{port4};", self.own_via())

    def test_ipv6_destinations(self):
        if not has_ipv6():
            self.skipTest("no IPv6 loopback here")
        with lab.Uas("::1") as uas, lab.Caller("::1") as caller:
            daemon = self.start(f"1 {uas.uri}\n", host="::1")
            self.assertEqual(caller.status(daemon.listener, "six"), 200)
            via = lab.headers(uas.requests[0], "Via")
            self.assertIn(lab.host_port(daemon.listener), via[0])
            self.assertIn("received=::1", via[1])

    def test_each_listener_answers_from_its_own_address(self):
        ports = lab.free_ports(2)
        self.start(listen=f'["udp:127.0.0.1:{ports[0]}", "udp:127.0.1.2:{ports[1]}"]')
        for place in (("127.0.0.1", ports[0]), ("127.0.1.2", ports[1])):
            self.caller.send(lab.request(f"by-{place[1]}", self.caller.address), place)
            _, source = self.caller.expect("an answer")
            self.assertEqual(source, place)

    def test_socket_attribute_chooses_the_listener(self):
        ports = lab.free_ports(2)
        self.start(f"1 {self.uas.uri} 0 0 socket=udp:127.0.1.2:{ports[1]}\n",
                   listen=f'["udp:127.0.0.1:{ports[0]}", "udp:127.0.1.2:{ports[1]}"]')

        self.assertEqual(self.caller.status(("127.0.0.1", ports[0]), "through"), 200)

        self.assertIn(f"127.0.1.2:{ports[1]};", self.own_via())

    def test_advertise_stands_in_via(self):
        port = lab.free_ports(1)[0]
        daemon = self.start(
            listen=f'[{{ address = "udp:127.0.0.1:{port}", advertise = "edge.example.net:5090" }}]')
        self.assertEqual(self.caller.status(("127.0.0.1", port), "named"), 200)
        self.assertIn("SIP/2.0/UDP edge.example.net:5090;", self.own_via())

        # And it is us: OPTIONS to the name without a user is ours to answer.
        self.assertEqual(self.caller.status(("127.0.0.1", port), "to-us",
                                            uri="sip:edge.example.net:5090"), 200)

        self.assertEqual(self.uas.call_ids(), ["named"])
        self.assertEqual(daemon.counter("sipsteer_replied_messages_total"), 1)

    def test_without_rport_answers_go_to_the_sent_by_port(self):
        daemon = self.start()
        with lab.Endpoint() as elsewhere:
            message = lab.request("sent-by", elsewhere.address, rport=False)
            self.caller.send(message, daemon.listener)
            answer, _ = elsewhere.expect("the answer at the sent-by port")
        self.assertEqual(lab.status_of(answer), 200)

    def test_force_rport_answers_to_the_source_port(self):
        port = lab.free_ports(1)[0]
        self.start(listen=f'[{{ address = "udp:127.0.0.1:{port}", force_rport = true }}]')
        with lab.Endpoint() as elsewhere:
            message = lab.request("forced", elsewhere.address, rport=False)
            self.caller.send(message, ("127.0.0.1", port))
            answer, _ = self.caller.expect("the answer at the source port")
            self.assertEqual(elsewhere.drain(), [])
        self.assertEqual(lab.status_of(answer), 200)
        clients_via = lab.headers(self.uas.requests[0], "Via")[1]
        self.assertIn(f"rport={self.caller.address[1]}", clients_via)

    def test_the_largest_datagrams_go_through(self):
        daemon = self.start()
        bare = len(lab.request("large", self.caller.address, body=""))
        body = "x" * (65_000 - bare - len("65000") + len("0"))
        self.assertEqual(self.caller.status(daemon.listener, "large", body=body), 200)
        self.assertTrue(self.uas.requests[-1].endswith(b"\r\n\r\n" + body.encode()))

    def test_one_octet_too_many_is_513(self):
        daemon = self.start()
        self.assertEqual(self.caller.status(daemon.listener, "measure"), 200)
        sent = len(lab.request("measure", self.caller.address))
        grown = len(self.uas.requests[-1]) - sent
        for call_id, octets, status in (("fitting", LARGEST, 200), ("toolong", LARGEST + 1, 513)):
            bare = len(lab.request(call_id, self.caller.address, body=""))
            body = "x" * (octets - grown - bare - 4)  # Content-Length has 5 digits now.
            message = lab.request(call_id, self.caller.address, body=body)
            self.assertLessEqual(len(message), LARGEST)
            with self.subTest(call_id):
                self.assertEqual(self.caller.status(daemon.listener, call_id, body=body), status)
        self.assertEqual([len(got) for got in self.uas.requests[1:]], [LARGEST])


lab.each_back_end(Listeners)

if __name__ == "__main__":
    lab.main()
