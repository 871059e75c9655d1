"""The operators' words on disk, damaged in every way that disks and people know: a warning, the file
kept aside under another name, and the daemon serves."""

import json
import os
import unittest

import lab

URIS = ("sip:127.0.0.1:9", "sip:127.0.0.1:19")


class Journal(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(lab.Daemon("".join(f"1 {uri}\n" for uri in URIS)))
        self.assertEqual(self.daemon.ctl("disable", URIS[0], "--reason", "disks").returncode, 0)
        self.daemon.end()
        self.path = self.daemon.folder / "intents.json"
        with open(self.path, "rb") as text:
            self.whole = text.read()

    def kept(self):
        return sorted(name for name in os.listdir(self.daemon.folder.path) if ".kept-" in name)

    def damage(self, octets):
        with open(self.path, "wb") as out:
            out.write(octets)

    def assert_set_aside(self, octets, why):
        self.damage(octets)
        before = self.kept()

        self.daemon.start_again()

        new = [name for name in self.kept() if name not in before]
        self.assertEqual(len(new), 1, new)
        with open(self.daemon.folder / new[0], "rb") as aside:
            self.assertEqual(aside.read(), octets)
        self.assertRegex(self.daemon.output(), f"warning.*cannot be used \\(.*{why}.*kept as .*"
                                               + new[0])
        self.assertEqual(self.daemon.state(URIS[0]), "active")
        # It can be told again, and that is kept.
        self.assertEqual(self.daemon.ctl("disable", URIS[1]).returncode, 0)
        self.daemon.end()
        self.daemon.start_again()
        self.assertEqual(self.daemon.state(URIS[1]), "disabled")
        self.assertNotIn("cannot be used", self.daemon.output())
        self.daemon.end()
        os.remove(self.path)

    def test_the_whole_one_is_taken(self):
        self.daemon.start_again()
        self.assertEqual(self.daemon.rows()[URIS[0]]["reason"], "disabled by the operator: disks")
        self.assertEqual(self.kept(), [])

    def test_cut(self):
        for size in (0, 1, len(self.whole) // 2, len(self.whole) - 3):
            with self.subTest(size=size):
                self.assert_set_aside(self.whole[:size], "no whole JSON")

    def test_corrupt(self):
        for name, octets, why in (
                ("one letter", self.whole.replace(b"disks", b"disko"), "checksum"),
                ("another word", self.whole.replace(b'"disabled"', b'"draining"'), "checksum"),
                ("no JSON", b"\0" * 4096, "JSON"), ("noise", os.urandom(5_000), "JSON"),
                ("no journal", b"[1, 2]\n", "missing"), ("deep", b"[" * 200_000, "JSON")):
            with self.subTest(name):
                self.assert_set_aside(octets, why)

    def test_from_a_newer_version(self):
        newer = json.loads(self.whole) | {"version": 2, "intents": {"another": "shape"}}
        self.assert_set_aside(json.dumps(newer).encode(), "newer sipsteer")

    def test_what_is_no_file_stays_and_the_daemon_serves(self):
        os.remove(self.path)
        os.mkdir(self.path)

        self.daemon.start_again()

        self.assertRegex(self.daemon.output(), "warning.*intents.json")
        self.assertEqual(self.daemon.ctl("ready").returncode, 0)

    def test_another_daemon_with_the_same_folder_takes_no_words_and_spoils_none(self):
        self.daemon.start_again()
        held = self.daemon.ctl("disable", URIS[1], "--force")
        self.assertEqual(held.returncode, 0)
        port = lab.free_ports(1)[0]
        self.daemon.folder.write("other.toml", lab.TOML.format(
            **self.daemon.settings | {"listen": f'["udp:127.0.0.1:{port}"]'}
        ).replace("ctl.sock", "other.sock"))
        with lab.Process([lab.program("sipsteer"), "-f", self.daemon.folder / "other.toml"],
                         self.daemon.folder / "other-log") as other:
            other.await_output("listens on")
            self.assertIn("another sipsteer holds it", other.output())
            told = lab.run([lab.program("sipsteerctl"), "--socket",
                            self.daemon.folder / "other.sock", "enable", URIS[0]])
        self.assertEqual(told.returncode, 0, told.stderr)
        self.daemon.end()
        self.daemon.start_again()
        self.assertEqual({uri: self.daemon.state(uri) for uri in URIS},
                         dict.fromkeys(URIS, "disabled"))


if __name__ == "__main__":
    lab.main()
