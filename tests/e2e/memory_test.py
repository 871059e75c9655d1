"""Resident memory: at the start with default settings, and under load that goes on."""

import json
import os

import lab

LIMIT_MIB = 40
# So many transactions a shard may have; each load brings more, so that the oldest make room.
CAPACITY = 20_000
LOAD = 30_000
GROWTH_KIB_MAX = 1024


class Memory:
    io = "auto"

    def setUp(self):
        if os.environ.get("STEER_SANITIZED"):
            self.skipTest("a sanitizer's memory is not the program's")

    def test_two_shards_start_below_40_mib(self):
        with lab.Daemon("1 sip:127.0.0.1:9\n", io=self.io, shards=2, health="") as daemon:
            self.assertEqual(daemon.ask("info")["shards"], 2)

            resident = daemon.resident_kib() / 1024

        print(f"  {self.io}: {resident:.1f} MiB resident with 2 shards")
        self.assertLess(resident, LIMIT_MIB)

    def test_transactions_use_the_same_memory_again(self):
        more = ('[limits]\ntransactions = %d\n[[route]]\nset = 1\nmode = "stateful"\n'
                'completed = "1h"\n' % CAPACITY)
        with lab.Folder() as folder:
            with Servers(folder) as servers, \
                    lab.Daemon(servers.list_text, io=self.io, more=more) as daemon:
                at_start = daemon.resident_kib()
                self.load(daemon)
                full = daemon.resident_kib()
                for _ in range(3):
                    self.load(daemon)
                grown = daemon.resident_kib() - full

        print(f"  {self.io}: {CAPACITY:,} transactions take {full - at_start:,} KiB; "
              f"{3 * LOAD:,} more take {grown} KiB more")
        self.assertLess(grown, GROWTH_KIB_MAX)

    def load(self, daemon):
        done = lab.run([lab.program("siplab"), "uac", "--target",
                        f"udp:{lab.host_port(daemon.listener)}", "--json", "--mode", "options",
                        "--window", 64, "--count", LOAD, "--retransmit", "on"], seconds=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(json.loads(done.stdout)["by_status"], {"200": LOAD})


class Servers(lab.Process):
    """siplab's uas on two ports."""

    def __init__(self, folder):
        super().__init__([lab.program("siplab"), "uas", "--listen", "udp:127.0.0.1:0", "--ports", 2,
                          "--duration", "120s"], folder / "uas.log")
        lab.wait_until(lambda: self.output().count("listening") == 2, "two servers")
        ports = [line.rsplit(":", 1)[1] for line in self.output().splitlines()
                 if line.startswith("listening")]
        self.list_text = "".join(f"1 sip:127.0.0.1:{port}\n" for port in ports)


lab.each_back_end(Memory)

if __name__ == "__main__":
    lab.main()
