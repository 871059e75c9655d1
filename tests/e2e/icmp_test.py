"""ICMP errors of a dead destination cost no message to a living one."""

import lab

REQUESTS = 20_000
WINDOW = 64
# Else the dead one is taken out after a few errors, and there is no flood.
UNWATCHED = lab.NO_HEALTH + "passive.enabled = false\n"


class IcmpFlood:
    io = "auto"

    def test_each_request_to_the_living_destination_is_answered(self):
        dead = f"sip:127.0.0.1:{lab.free_ports(1)[0]}"
        with lab.SiplabUas() as uas, \
                lab.Daemon(f"1 {uas.uris[0]}\n1 {dead}\n", io=self.io, health=UNWATCHED) as daemon:
            report = lab.siplab_uac(daemon.listener, "--window", WINDOW, "--count", REQUESTS,
                                    "--timeout", "100ms", "--retransmit", "off",
                                    "--max-loss", "100%")
            rows = daemon.rows()
            errors = daemon.counter("sipsteer_peer_errors_total")
            living = rows[uas.uris[0]]["selected"]
            answered = report["completed"] + report["late"]
            print(f"  {REQUESTS} requests: {living} to the living, {rows[dead]['selected']} to the "
                  f"dead, {answered} answered, {errors} ICMP errors read")

            self.assertEqual(living + rows[dead]["selected"], REQUESTS)
            self.assertGreater(rows[dead]["selected"], REQUESTS // 3)
            self.assertEqual(uas.report()[uas.uris[0]]["options"], living)
            self.assertEqual(answered, living)
            self.assertGreater(errors, 0, "the flood brought no ICMP error")


lab.each_back_end(IcmpFlood)

if __name__ == "__main__":
    lab.main()
