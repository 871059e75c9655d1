"""sipp's own scenarios (Debian package sip-tester) through the dispatcher."""

import os
import shutil
import unittest

import lab


class Sipp(lab.Process):
    """sipp in a folder, since it writes its files where it runs."""

    def __init__(self, folder, name, *arguments):
        super().__init__(["sipp", *arguments, "-nostdin"], folder / f"{name}.log",
                         cwd=folder.path, env={**os.environ, "TERM": "dumb"})


@unittest.skipIf(shutil.which("sipp") is None, "sipp is missing: apt-get install sip-tester")
class ThroughTheDispatcher(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(lab.Folder())

    def start_uas(self):
        port = lab.free_ports(1)[0]
        uas = self.enterContext(Sipp(self.folder, f"uas-{port}", "-sn", "uas", "-i", "127.0.0.1",
                                     "-p", port, "-aa"))  # -aa: answers our probes.
        return uas, port

    def call(self, daemon, count=200):
        port = lab.free_ports(1)[0]
        host = lab.host_port(daemon.listener)
        with Sipp(self.folder, f"uac-{port}", "-sn", "uac", host, "-i", "127.0.0.1", "-p", port,
                  "-m", count, "-r", 100, "-timeout", "60", "-timeout_error") as uac:
            code = uac.await_exit(90)
            self.assertEqual(code, 0, uac.output()[-3000:])

    def test_the_default_scenarios_end_with_exit_code_0(self):
        _, port = self.start_uas()
        uri = f"sip:127.0.0.1:{port}"
        with lab.Daemon(f"1 {uri} 8\n", health=lab.FAST_HEALTH) as daemon:
            daemon.await_state(uri, "active")

            self.call(daemon)

            self.assertGreaterEqual(daemon.rows()[uri]["selected"], 200)
            self.assertEqual(daemon.counter("sipsteer_dropped_messages_total"), 0)

    def test_calls_go_on_when_one_of_two_servers_is_killed(self):
        first, first_port = self.start_uas()
        _, second_port = self.start_uas()
        uris = [f"sip:127.0.0.1:{port}" for port in (first_port, second_port)]
        with lab.Daemon(f"1 {uris[0]}\n1 {uris[1]}\n", health=lab.FAST_HEALTH) as daemon:
            for uri in uris:
                lab.wait_until(lambda: daemon.rows()[uri]["health"] == "up", f"{uri} answers")
            self.call(daemon)
            before = daemon.rows()
            for uri in uris:
                self.assertGreater(before[uri]["selected"], 0)
            first.popen.kill()
            first.popen.wait()
            daemon.await_state(uris[0], "probing")

            self.call(daemon)

            after = daemon.rows()
            self.assertEqual(after[uris[0]]["selected"], before[uris[0]]["selected"])
            self.assertGreaterEqual(after[uris[1]]["selected"] - before[uris[1]]["selected"], 200)


if __name__ == "__main__":
    lab.main()
