"""The same list in the installed Kamailio (its jsonrpcs module) and in sipsteer; the same questions
to both; the answers compared key by key."""

import glob
import json
import os
import shutil
import signal
import socket
import unittest

import lab

MODULES = next(iter(glob.glob("/usr/lib/*/kamailio/modules") +
                    glob.glob("/usr/lib*/kamailio/modules")), "")
MISSING = [name for name in ("jsonrpcs", "dispatcher", "tm", "sl", "pv")
           if not os.path.exists(os.path.join(MODULES, name + ".so"))]

LIST = """1 sip:127.0.0.1:26081 0 0 weight=50;duid=gw1;cc=1
1 sip:127.0.0.1:26082 0 10 duid=gw2;weight=25
1 sip:127.0.0.1:26083 1
2 sip:127.0.0.1:26084;transport=udp 4 0
2 sip:127.0.0.1:26085 0 0 duid=x;maxload=10
2 sip:127.0.0.1:26088 0 0 weight=7
3 sip:127.0.0.1:26087 0 3
"""

CONFIG = """debug=0
log_stderror=yes
children=1
listen=udp:127.0.0.1:{port}
disable_tcp=yes
mpath="{modules}/"
loadmodule "jsonrpcs.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "dispatcher.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{folder}/rpc.sock")
modparam("dispatcher", "list_file", "{folder}/dispatcher.list")
modparam("dispatcher", "ds_ping_interval", {ping_interval})
modparam("dispatcher", "ds_probing_mode", 1)
modparam("tm", "fr_timer", 500)
modparam("dispatcher", "reload_delta", 0)
request_route {{ exit; }}
"""


class Kamailio(lab.Process):
    """Ready when constructed; speaks JSON-RPC in datagrams."""

    def __init__(self, folder, list_text, ping_interval=0):
        self.folder = folder
        folder.write("dispatcher.list", list_text)
        config = folder.write("kamailio.cfg", CONFIG.format(
            port=lab.free_ports(1)[0], modules=MODULES, folder=folder.path,
            ping_interval=ping_interval))
        super().__init__(["kamailio", "-DD", "-E", "-f", config, "-m", 32, "-M", 4,
                          "-Y", folder.path, "-w", folder.path], folder / "log",
                         start_new_session=True)
        self.client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self.client.bind(folder / "client.sock")
            self.client.settimeout(lab.PATIENCE)
            lab.wait_until(self._answers, "an answer of Kamailio")
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def _answers(self):
        try:
            return "result" in self.ask("core.version")
        except OSError:
            return False

    def ask(self, method, *parameters):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
        self.client.sendto(json.dumps(request).encode(), self.folder / "rpc.sock")
        return json.loads(self.client.recv(1 << 16))

    def __exit__(self, *rest):
        self.client.close()
        if self.is_alive():
            os.killpg(self.pid, signal.SIGKILL)  # With its children; told early it would hang.
        super().__exit__(*rest)


def ask(daemon, method, *parameters):
    """One line to our control socket, one line back."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(lab.PATIENCE)
        client.connect(daemon.socket)
        client.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(client.makefile().readline())


def in_order_of_ids(answer):
    """Kamailio tells sets in the order of a tree."""
    if isinstance(answer.get("result"), dict) and "RECORDS" in answer["result"]:
        answer["result"]["RECORDS"].sort(key=lambda record: record["SET"]["ID"])
    return answer


needs_kamailio = unittest.skipIf(
    shutil.which("kamailio") is None or MISSING,
    f"Kamailio is missing ({', '.join(MISSING) or 'the program'}): apt-get install kamailio")


def letters_in(answer):
    return {target["DEST"]["URI"]: target["DEST"]["FLAGS"]
            for record in answer["result"]["RECORDS"] for target in record["SET"]["TARGETS"]}


@needs_kamailio
class Probed(unittest.TestCase):
    def test_who_answers_probes_and_who_does_not_have_the_same_letters(self):
        up = self.enterContext(lab.Uas())
        dead = lab.free_ports(1)[0]
        uris = [up.uri, f"sip:127.0.0.1:{dead}", f"sip:127.0.0.1:{dead + 1}"]
        text = f"1 {uris[0]}\n1 {uris[1]}\n1 {uris[2]} 4\n"
        wanted = dict(zip(uris, ("AP", "IP", "DX")))
        daemon = self.enterContext(lab.Daemon(text, health=lab.FAST_HEALTH))
        kamailio = self.enterContext(Kamailio(self.enterContext(lab.Folder()), text, 1))

        for ask_it in (kamailio.ask, lambda method: ask(daemon, method)):
            lab.wait_until(lambda: letters_in(ask_it("dispatcher.list")) == wanted,
                           f"{wanted}; it is {ask_it('dispatcher.list')}", 20)

        self.assertEqual(in_order_of_ids(kamailio.ask("dispatcher.list")),
                         in_order_of_ids(ask(daemon, "dispatcher.list")))

    def test_probing_is_asked_for_alike_and_happens_at_once(self):
        up = self.enterContext(lab.Uas())
        text = f"1 {up.uri}\n"
        slow = 'interval = "1h"\n'  # What comes within seconds was asked for.
        daemon = self.enterContext(lab.Daemon(text, health=slow))
        kamailio = self.enterContext(Kamailio(self.enterContext(lab.Folder()), text, 0))

        for parameters in ((), (1,), (1,), ()):
            self.assertEqual(kamailio.ask("dispatcher.ping_active", *parameters),
                             ask(daemon, "dispatcher.ping_active", *parameters))

        lab.wait_until(lambda: daemon.rows()[up.uri]["probe"]["last_ms"], "a probe on demand")


@needs_kamailio
class SideBySide(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.daemon = self.enterContext(lab.Daemon(LIST))
        self.kamailio = self.enterContext(
            Kamailio(self.enterContext(lab.Folder()), LIST))

    def both(self, method, *parameters):
        theirs = in_order_of_ids(self.kamailio.ask(method, *parameters))
        ours = in_order_of_ids(ask(self.daemon, method, *parameters))
        return theirs, ours

    def assert_same(self, method, *parameters):
        theirs, ours = self.both(method, *parameters)
        self.assertEqual(theirs, ours, f"{method} {parameters}")
        return ours

    def assert_same_refusal(self, method, *parameters):
        """Same code; their phrase, and then ours what to do about it."""
        theirs, ours = self.both(method, *parameters)
        self.assertIn("error", theirs)
        self.assertEqual(theirs["error"]["code"], ours["error"]["code"], ours)
        self.assertTrue(ours["error"]["message"].startswith(theirs["error"]["message"]),
                        f"{method} {parameters}: {theirs} {ours}")

    def test_lists_are_equal_key_by_key(self):
        for parameters in ((), ("short",), ("full",), ("unknown",)):
            answer = self.assert_same("dispatcher.list", *parameters)
            self.assertEqual(answer["result"]["NRSETS"], 3)

    def test_states_set_by_hand_are_listed_alike(self):
        for letters, uri in (("dx", "sip:127.0.0.1:26082"), ("i", "SIP:127.0.0.1:26088"),
                             ("a", "sip:127.0.0.1:26082"), ("0", "sip:127.0.0.1:26082"),
                             ("A", "sip:127.0.0.1:26082"), ("2", "sip:127.0.0.1:26082")):
            group = 2 if uri.endswith("26088") else 1
            self.assert_same("dispatcher.set_state", letters, group, uri)
            self.assert_same("dispatcher.list", "short")
        self.assert_same("dispatcher.set_duid_state", "a", 1, "gw2")
        self.assert_same("dispatcher.set_state", "d", 1, "all")
        self.assert_same("dispatcher.set_state", "d", 77, "all")

    def test_hashes_are_equal(self):
        for parameters in ((2, "abc"), (10, "alice", "example.com"), (0, "x"), ("7", "abcde"),
                           (8, "\u00e9t\u00e9"), (64, "f81d4fae-7dec-11d0@foo.bar.com")):
            self.assert_same("dispatcher.hash", *parameters)

    def test_reload_and_ping_state_answer_alike(self):
        self.assert_same("dispatcher.ping_active")
        self.assert_same("dispatcher.reload")

    def assert_same_destinations(self):
        """Whatever the order of equals, which Kamailio turns round with each addition."""
        answers = self.both("dispatcher.list", "full")
        for answer in answers:
            for record in answer["result"]["RECORDS"]:
                record["SET"]["TARGETS"].sort(
                    key=lambda target: (-target["DEST"]["PRIORITY"], target["DEST"]["URI"]))
        self.assertEqual(*answers)

    def test_destinations_added_and_removed_by_hand_are_listed_alike(self):
        for parameters in ((1, "sip:127.0.0.1:26090"), (1, "sip:127.0.0.1:26091", 4),
                           (2, "sip:127.0.0.1:26092;transport=udp", 0, 7),
                           (9, "sip:127.0.0.1:26093", 0, 0, "weight=5;duid=by-hand"),
                           (9, "sip:127.0.0.1:26094", 0, 3, "cc=1")):
            self.assert_same("dispatcher.add", *parameters)
            self.assert_same_destinations()
        for group, uri in ((1, "sip:127.0.0.1:26090"), (9, "sip:127.0.0.1:26094")):
            self.assert_same("dispatcher.remove", group, uri)
            self.assert_same_destinations()
        self.assert_same_refusal("dispatcher.remove", 1, "sip:nobody")

    def test_what_was_added_by_hand_stays_over_a_reload_and_may_not_be_there_twice(self):
        """Where we differ: theirs forgets it, and takes the same one again and again."""
        ask(self.daemon, "dispatcher.add", 1, "sip:127.0.0.1:26090")

        again = ask(self.daemon, "dispatcher.add", 1, "sip:127.0.0.1:26090")
        listed = ask(self.daemon, "dispatcher.remove", 1, "sip:127.0.0.1:26081")
        self.assert_same("dispatcher.reload")

        self.assertTrue(again["error"]["message"].startswith("Adding dispatcher dst failed"))
        self.assertIn("was not added by hand", listed["error"]["message"])
        self.assertIn("sip:127.0.0.1:26090", self.daemon.rows())

    def test_refusals_have_their_codes_and_phrases(self):
        for method, *parameters in (
                ("dispatcher.set_state",), ("dispatcher.set_state", "a"),
                ("dispatcher.set_state", "zz", 1, "all"),
                ("dispatcher.set_state", "a", 9, "sip:nobody"),
                ("dispatcher.set_state", "a", 1, "sip:nobody"),
                ("dispatcher.hash",), ("dispatcher.hash", 2), ("dispatcher.add", 1),
                ("dispatcher.remove", 1)):
            self.assert_same_refusal(method, *parameters)

    def test_every_method_of_theirs_is_one_of_ours(self):
        theirs, ours = self.both("system.listMethods")
        names = [name for name in theirs["result"] if name.startswith("dispatcher.")]
        self.assertGreaterEqual(len(names), 7)
        self.assertEqual([name for name in names if name not in ours["result"]], [])


if __name__ == "__main__":
    lab.main()
