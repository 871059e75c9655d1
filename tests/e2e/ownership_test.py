"""Calls of stateful routes belong to a shard, wherever the kernel gives their messages. One trunk
that sends everything from one port keeps all shards busy with spread = "chance"."""

import lab

CALLS = 3000


def route(mode):
    return f'[[route]]\nset = 1\nmode = "{mode}"\nfailover = {{ on = ["transport"], tries = 2 }}\n'


@lab.each_back_end
class Ownership:
    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas(4))

    def daemon(self, top):
        return self.enterContext(
            lab.Daemon("".join(f"1 {uri}\n" for uri in self.uas.uris), io=self.io, shards=2, top=top,
                       more=route("stateful")))

    def begun(self, daemon):
        """Transactions begun, by shard."""
        return [daemon.counter(f'sipsteer_transactions_begun_total{{shard="{shard}"}}')
                for shard in range(2)]

    def call(self, daemon, *arguments):
        report = lab.siplab_uac(daemon.listener, "--mode", "call", "--count", CALLS, "--window", 64,
                                *arguments)
        self.assertEqual(report["exit"], 0, report)

    def test_one_source_and_port_keeps_two_shards_busy(self):
        daemon = self.daemon('spread = "chance"\n')

        self.call(daemon)

        begun = self.begun(daemon)
        share = begun[0] / sum(begun)
        handed = daemon.counter("sipsteer_handed_over_messages_total")
        print(f"{self.io}: {begun[0]} and {begun[1]} transactions ({100 * share:.1f} % on shard 0), "
              f"{handed} datagrams handed over")
        self.assertGreater(share, 0.40)
        self.assertLess(share, 0.60)
        self.assertGreater(handed, CALLS, "nearly half of all messages")
        # INVITE and BYE; an ACK to a 2xx has none.
        self.assertEqual(sum(begun), 2 * CALLS, "a call that two shards think is theirs")
        self.assertEqual(daemon.counter("sipsteer_dropped_messages_total"), 0)

    def test_the_kernels_own_spread_loses_no_answer(self):
        daemon = self.daemon("")

        self.call(daemon)

        begun = self.begun(daemon)
        self.assertEqual(sum(begun), 2 * CALLS)
        self.assertGreater(begun[0], CALLS // 2)
        self.assertGreater(begun[1], CALLS // 2)
        self.assertEqual(daemon.counter("sipsteer_dropped_messages_total"), 0)


if __name__ == "__main__":
    lab.main()
