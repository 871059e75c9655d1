"""Resident memory at the start with default settings."""

import os

import lab

LIMIT_MIB = 40


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


lab.each_back_end(Memory)

if __name__ == "__main__":
    lab.main()
