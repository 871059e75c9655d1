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
                lab.Daemon(f"1 {uas.uris[0]}\n1 {dead}\n", io=self.io, health=UNWATCHED,
                           more=lab.STATELESS) as daemon:
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

    def test_with_transactions_the_dead_ones_requests_are_answered_by_the_living(self):
        dead = f"sip:127.0.0.1:{lab.free_ports(1)[0]}"
        with lab.SiplabUas() as uas, \
                lab.Daemon(f"1 {uas.uris[0]}\n1 {dead}\n", io=self.io, health=UNWATCHED) as daemon:
            report = lab.siplab_uac(daemon.listener, "--window", WINDOW, "--count", REQUESTS,
                                    "--retransmit", "on")
            tried = daemon.rows()[dead]["selected"]
            failed = daemon.counter('sipsteer_failed_tries_total{reason="transport"}')
            print(f"  {REQUESTS} requests: {tried} tried at the dead one, {failed} of them failed by "
                  f"an ICMP error, {report['repeated']} repeated by the caller")

            self.assertEqual((report["completed"], report["exit"]), (REQUESTS, 0))
            self.assertEqual(report["by_status"], {"200": REQUESTS})
            self.assertEqual(failed, tried)
            self.assertGreater(tried, REQUESTS // 3)


lab.each_back_end(IcmpFlood)

if __name__ == "__main__":
    lab.main()
