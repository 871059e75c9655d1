"""Two hosts: network namespaces joined by a cable. What loopback cannot show: a source address that
is not a listener's, a wildcard on a real interface, ICMP from another machine."""

import os
import shutil
import subprocess
import sys
import unittest

import lab

HERE, THERE = "198.51.100.1", "198.51.100.2"  # RFC 5737: nobody's addresses.
INSIDE = "STEER_E2E_NAMESPACE"


def may_unshare():
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
        return False
    cable = ["ip", "link", "add", "name", "here", "type", "veth", "peer", "name", "there"]
    tried = subprocess.run(["unshare", "--net", *cable], capture_output=True, check=False)
    return tried.returncode == 0


class RemoteCaller:
    """Runs a line of Python in the other namespace: `caller` and `lab` are there."""

    def __init__(self, holder):
        self.holder = holder

    def run(self, code, seconds=lab.PATIENCE * 2):
        folder = os.path.dirname(lab.__file__)
        program = (f"import sys; sys.path.insert(0, {folder!r}); import lab\n"
                   f"caller = lab.Caller({THERE!r})\n{code}")
        done = lab.run(["nsenter", "--net", f"--target={self.holder.pid}", sys.executable, "-c",
                        program], seconds)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()


class TwoHosts:
    io = "auto"

    def setUp(self):
        if os.environ.get(INSIDE) != "1":
            self.skipTest("needs root, ip and unshare: two network namespaces")
        self.folder = self.enterContext(lab.Folder())
        holder = self.enterContext(lab.Process(["unshare", "--net", "sleep", "300"],
                                               self.folder / "holder"))
        own = os.readlink("/proc/self/ns/net")
        lab.wait_until(lambda: os.readlink(f"/proc/{holder.pid}/ns/net") != own, "a namespace")
        enter = ["nsenter", "--net", f"--target={holder.pid}"]
        for command in (["ip", "link", "add", "name", "here", "type", "veth", "peer", "name",
                         "there"],
                        ["ip", "link", "set", "there", "netns", str(holder.pid)],
                        ["ip", "addr", "add", f"{HERE}/24", "dev", "here"],
                        ["ip", "link", "set", "here", "up"],
                        [*enter, "ip", "addr", "add", f"{THERE}/24", "dev", "there"],
                        [*enter, "ip", "link", "set", "there", "up"],
                        [*enter, "ip", "link", "set", "lo", "up"]):
            subprocess.run(command, check=True, capture_output=True)
        self.addCleanup(subprocess.run, ["ip", "link", "del", "here"], capture_output=True,
                        check=False)
        self.there = RemoteCaller(holder)
        self.enter = enter

    def test_a_wildcard_serves_a_real_interface(self):
        port = lab.free_ports(1, "0.0.0.0")[0]
        with lab.Uas() as uas, lab.Daemon(f"1 {uas.uri}\n", io=self.io,
                                          listen=f'["udp:0.0.0.0:{port}"]') as daemon:
            self.assertIn(f"udp:{HERE}:{port}", daemon.ask("info")["listeners"])

            self.assertEqual(self.there.run(f"print(caller.status(({HERE!r}, {port}), 'far'))"),
                             "200")

            vias = lab.headers(uas.requests[0], "Via")
            # Towards loopback the system chooses 127.0.0.1, and that is what our Via must say.
            self.assertIn(f"127.0.0.1:{port};", vias[0])
            self.assertIn(f"received={THERE}", vias[1])

    def test_answers_ignore_a_via_that_lies(self):
        with lab.Uas(HERE) as uas, lab.Daemon(f"1 {uas.uri}\n", io=self.io, host=HERE) as daemon:
            code = ("message = lab.request('liar', ('192.0.2.9', caller.address[1]), rport=False)\n"
                    f"caller.send(message, {daemon.listener!r})\n"
                    "print(lab.status_of(caller.expect()[0]))")
            self.assertEqual(self.there.run(code), "200")
            via = lab.headers(uas.requests[0], "Via")[1]
            self.assertIn("192.0.2.9", via)
            self.assertIn(f"received={THERE}", via)

    def test_icmp_from_another_host_takes_a_destination_down(self):
        with lab.SiplabUas() as uas:
            dead = f"sip:{THERE}:{lab.free_ports(1)[0]}"
            port = lab.free_ports(1, "0.0.0.0")[0]
            with lab.Daemon(f"1 {uas.uris[0]}\n1 {dead}\n", io=self.io, health=lab.FAST_HEALTH,
                            listen=f'["udp:0.0.0.0:{port}"]') as daemon, lab.Caller() as caller:
                daemon.await_state(dead, "probing")
                self.assertIn("refused", daemon.rows()[dead]["reason"])
                for i in range(20):
                    self.assertEqual(caller.status(("127.0.0.1", port), f"near-{i}"), 200)


lab.each_back_end(TwoHosts)

if __name__ == "__main__":
    if os.environ.get(INSIDE) != "1" and may_unshare():
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"',
                              "sh", sys.executable, "-B", *sys.argv])
    lab.main()
