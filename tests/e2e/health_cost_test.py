"""What probing 10,000 targets costs: the health thread's share of a core, by the kernel's own books,
and how evenly the probes leave."""

import os
import socket
import threading
import time

import lab

TARGETS = 10_000
SECONDS = 20.0
TICK = 0.02
IP_PKTINFO = 8
HEALTH = 'interval = "10s"\ntimeout = "1s"\nfall = 3\nrise = 2\n'


class Crowd:
    """One socket that answers for every address of 127.0.0.0/8, from the address that was asked."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.bind(("0.0.0.0", 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.arrivals = []
        self.running = True
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def addresses(self, count):
        return [f"127.{1 + i // 65536}.{i // 256 % 256}.{i % 256}:{self.port}"
                for i in range(1, count + 1)]

    def _serve(self):
        while self.running:
            try:
                data, extra, _, source = self.socket.recvmsg(4096, 64)
            except TimeoutError:
                continue
            self.arrivals.append(time.monotonic())
            asked = extra[0][2]  # in_pktinfo: index, local address, address of the datagram.
            reply = bytes(4) + asked[8:12] + bytes(4)
            self.socket.sendmsg([lab.answer_to(data, "200 OK")],
                                [(socket.IPPROTO_IP, IP_PKTINFO, reply)], 0, source)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join(5)
        self.socket.close()


def nanoseconds_of(pid, name):
    """How long the thread called `name` has run."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="ascii") as comm:
            if comm.read().strip() != name:
                continue
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as books:
            return int(books.read().split()[0])
    raise AssertionError(f"no thread {name}")


class HealthCost:
    io = "auto"

    def test_ten_thousand_targets_each_ten_seconds(self):
        with Crowd() as crowd:
            text = "".join(f"1 sip:{address}\n" for address in crowd.addresses(TARGETS))
            with lab.Daemon(text, io=self.io, health=HEALTH) as daemon:
                lab.wait_until(lambda: len(crowd.arrivals) > TARGETS, "each was asked", 30)
                first = len(crowd.arrivals)
                began, ran = time.monotonic(), nanoseconds_of(daemon.pid, "health")
                time.sleep(SECONDS)  # Of measuring.
                seconds = time.monotonic() - began
                share = (nanoseconds_of(daemon.pid, "health") - ran) / 1e9 / seconds
                arrivals = crowd.arrivals[first:]
                up = sum(row["health"] == "up" for row in daemon.rows().values())
        ticks = {}
        for at in arrivals:
            ticks[int(at / TICK)] = ticks.get(int(at / TICK), 0) + 1
        rate = len(arrivals) / seconds
        fullest = max(ticks.values())
        print(f"  {self.io}: {TARGETS} targets, {rate:.0f} probes a second: {share * 100:.2f} % of "
              f"a core; mean {rate * TICK:.0f} in 20 ms, at most {fullest}; {up} up")
        self.assertEqual(up, TARGETS)
        self.assertAlmostEqual(rate, TARGETS / 10, delta=TARGETS / 10 * 0.1)
        if not os.environ.get("STEER_SANITIZED"):
            self.assertLess(share, 0.05)
        # Four times the mean of a tick is the most that leaves; a reader sees two ticks as one.
        self.assertLess(fullest, 2 * 4 * TARGETS / 10 * TICK)


lab.each_back_end(HealthCost)

if __name__ == "__main__":
    lab.main()
