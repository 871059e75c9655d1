"""Bad requests on the control socket of a daemon under load: a clear error for each, memory flat,
no call lost. STEER_RPC_LINES=1000000 sends a million of them."""

import json
import os
import random
import re
import socket
import threading
import time
import unittest

import lab

LINES = int(os.environ.get("STEER_RPC_LINES", "60000"))
BURST = 200  # Lines that are under way at once.
GOOD = ['{"jsonrpc":"2.0","id":1,"method":"sipsteer.set_state","params":{"destination":"gw9"}}',
        '{"jsonrpc":"2.0","id":"x","method":"dispatcher.set_state","params":["ip",1,"sip:nobody"]}',
        '{"jsonrpc":"2.0","id":2,"method":"ds_set_state","params":{"state":"q","group":"1"}}',
        '[{"jsonrpc":"2.0","id":1,"method":"sipsteer.lst"},5,{"jsonrpc":"2.0"}]',
        '{"jsonrpc":"2.0","id":3,"method":"sipsteer.explain","params":["INVITE x", "id"]}',
        '{"jsonrpc":"2.0","id":4,"method":"sipsteer.show","params":[9]}',
        '[[[[[[{"a":1e5}', '[' * 400, '{"a":' * 200, '"' + 'x' * 3000]


def connect(daemon):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(lab.PATIENCE)
    client.connect(daemon.socket)
    return client


def bad_line(dice):
    """A request of the wrong kind, or one with octets changed, taken away and put in."""
    line = bytearray(dice.choice(GOOD).encode())
    for _ in range(dice.randrange(3)):
        line[dice.randrange(len(line))] = dice.randrange(256)
    if dice.random() < 0.3:
        del line[dice.randrange(len(line)):]
    return bytes(line).replace(b"\n", b" ").replace(b"\r", b" ") or b"x"


class Flood:
    """Sends bad lines and reads each answer. `answers` counts those that were JSON errors."""

    def __init__(self, daemon, seed):
        self.daemon, self.dice, self.answers, self.odd = daemon, random.Random(seed), 0, []

    def run(self, count):
        with connect(self.daemon) as client:
            replies = client.makefile("rb")
            for begin in range(0, count, BURST):
                lines = [bad_line(self.dice) for _ in range(min(BURST, count - begin))]
                # Its answer comes last, and says that all others have come: a notification has none.
                client.sendall(b"\n".join(lines) + b'\n{"jsonrpc":"2.0","id":"end","method":"no"}\n')
                while b'"id":"end"' not in (reply := replies.readline()):
                    self.take(reply)

    def take(self, reply):
        try:
            json.loads(reply)
        except ValueError:
            self.odd.append(reply)
        self.answers += b'"error"' in reply


class BadRequests(unittest.TestCase):
    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas(2))
        text = "".join(f"1 {uri}\n" for uri in self.uas.uris)
        self.daemon = self.enterContext(lab.Daemon(text))

    def load(self, seconds):
        reports = []
        thread = threading.Thread(target=lambda: reports.append(lab.siplab_uac(
            self.daemon.listener, "--rate", 500, "--duration", f"{seconds}s", seconds=seconds + 60)))
        thread.start()
        return thread, reports

    def assert_no_call_lost(self, thread, reports):
        thread.join()
        report = reports[0]
        self.assertEqual(report["exit"], 0, report)
        return report

    def test_a_flood_of_bad_lines(self):
        seed = int(os.environ.get("STEER_SEED", time.time_ns() % 1_000_000))
        flood = Flood(self.daemon, seed)
        flood.run(LINES // 10)  # What is allocated once is there now.
        before = self.daemon.resident_kib()
        thread, reports = self.load(max(5, LINES // 20_000))
        began = time.monotonic()

        flood.run(LINES - LINES // 10)

        took = time.monotonic() - began
        after = self.daemon.resident_kib()
        self.assert_no_call_lost(thread, reports)
        print(f"{LINES} bad lines, seed {seed}: {(LINES - LINES // 10) / took:.0f} a second, "
              f"resident {before} KiB before, {after} KiB after")
        self.assertEqual(flood.odd, [], f"seed {seed}")
        self.assertGreater(flood.answers, LINES // 2)
        self.assertLess(after - before, 2048, f"seed {seed}")

    def test_endless_lines_silence_and_clients_that_do_not_read(self):
        before = self.daemon.resident_kib()
        thread, reports = self.load(4)
        idle = [connect(self.daemon) for _ in range(20)]
        greedy = connect(self.daemon)
        greedy.setblocking(False)
        asked = 0
        try:
            while True:  # Until the kernel's buffers are full on both sides.
                greedy.send(b'{"jsonrpc":"2.0","id":1,"method":"sipsteer.info"}\n' * 100)
                asked += 1
                self.assertLess(asked, 100_000)
        except BlockingIOError:
            pass
        with connect(self.daemon) as endless:
            with self.assertRaises(OSError):
                for _ in range(1000):
                    endless.sendall(b"[" * 65_536)

        with connect(self.daemon) as client:
            client.sendall(b"x" * 70_000 + b"\n")
            refusal = json.loads(client.makefile().readline())
        self.assertEqual(refusal["error"]["code"], -32600)
        self.assertRegex(refusal["error"]["message"], "65536 octets: send less")
        self.assertEqual(self.daemon.ctl("info").returncode, 0, "others are served meanwhile")
        self.assert_no_call_lost(thread, reports)
        self.assertLess(self.daemon.resident_kib() - before, 4096)
        for client in [*idle, greedy]:
            client.close()

    def test_a_65th_client_is_told_to_wait(self):
        clients = [connect(self.daemon) for _ in range(64)]
        for client in clients:
            client.sendall(b'{"jsonrpc":"2.0","id":1,"method":"no"}\n')
            client.makefile().readline()

        with connect(self.daemon) as one_more:
            refusal = json.loads(one_more.makefile().readline())

        self.assertTrue(re.match("64 clients are connected", refusal["error"]["message"]), refusal)
        for client in clients:
            client.close()
        lab.wait_until(lambda: self.daemon.ctl("info").returncode == 0, "room again")

    def test_a_follower_that_stops_reading_costs_nothing(self):
        with connect(self.daemon) as follower, connect(self.daemon) as operator:
            follower.sendall(
                b'{"jsonrpc":"2.0","id":1,"method":"sipsteer.events","params":{"follow":true}}\n')
            replies = operator.makefile()
            before = self.daemon.resident_kib()
            for turn in range(1500):
                request = {"jsonrpc": "2.0", "id": 1, "method": "sipsteer.set_weight",
                           "params": [self.uas.uris[0], 2 + turn % 7, "r" * 200]}
                operator.sendall(json.dumps(request).encode() + b"\n")
                self.assertIn('"result"', replies.readline())

            after = self.daemon.resident_kib()
            told = []
            lines = follower.makefile()
            follower.settimeout(1)
            try:
                for line in lines:
                    told.append(json.loads(line))
            except TimeoutError:
                pass  # Nothing more is said.

        print(f"1500 changes before a follower that does not read: resident {before} KiB before, "
              f"{after} KiB after; told {len(told)} lines, "
              f"{sum(one.get('method') == 'sipsteer.lost' for one in told)} of them 'lost'")
        self.assertTrue(told[0]["result"]["following"])
        numbers = [one["params"]["sequence"] for one in told if one.get("method") == "sipsteer.event"]
        self.assertTrue(numbers == list(range(numbers[0], numbers[0] + 1500)), "none is missing")
        self.assertLess(after - before, 8192)


if __name__ == "__main__":
    lab.main()
