"""Destinations from a db_text folder: read, watched, and a bad row costs itself alone."""

import os
import signal
import unittest

import lab

HEADER = "id(int,auto) setid(int) destination(string) socket(string,null) state(int) weight(int) " \
         "priority(int) attrs(string,null) description(string,null)\n"


def row(number, uri, setid=1):
    return f"{number}:{setid}:{uri.replace(':', chr(92) + ':')}::0:1:0::\n"


class DbText(unittest.TestCase):
    def setUp(self):
        self.uas = self.enterContext(lab.SiplabUas(ports=2))
        self.caller = lab.Caller()
        self.addCleanup(self.caller.close)
        self.tables = self.enterContext(lab.Folder())

    def start(self, text, **options):
        self.tables.write("dispatcher", text)
        return self.enterContext(lab.Daemon("", source=f"text://{self.tables.path}", **options))

    def place(self, daemon):
        """Where a new call goes; a transaction would answer an old one by itself."""
        self.calls = getattr(self, "calls", 0) + 1
        return self.caller.destination(daemon.listener, f"call-{self.calls}")

    def test_calls_are_dispatched_from_a_table(self):
        daemon = self.start(HEADER + row(1, self.uas.uris[0]))
        self.assertEqual(self.place(daemon), self.uas.uris[0])
        self.assertEqual(list(daemon.rows()), [self.uas.uris[0]])

    def test_a_bad_row_costs_itself_alone_and_is_told(self):
        daemon = self.start(HEADER + "x:1:sip\\:a::0:1:0::\n" + row(2, self.uas.uris[0])
                            + "3:1:sip\\:\\:5060:null:0:1:1:'carrier':'load balancer for OB'\n"
                            + row(4, "sip:", setid=7))
        self.assertEqual(self.place(daemon), self.uas.uris[0])
        for told in (r"/dispatcher:2:1: warning: 'x' in column 'id' is not a number; the row is "
                     r"left out",
                     r"/dispatcher:4:\d+: warning: URI has no host.*; the row is left out",
                     r"/dispatcher:4:\d+: note: 'null' in column 'socket' is taken for NULL",
                     r"/dispatcher:1:1: warning: set 7 has no destination of use"):
            self.assertRegex(daemon.output(), told)

    def test_a_request_to_a_set_that_lost_all_rows_is_refused_and_the_others_go_on(self):
        daemon = self.start(HEADER + row(1, self.uas.uris[0]) + row(2, "sip:", setid=7),
                            more='[[route]]\nmatch = { ruri_user = "7*" }\nset = 7\n'
                                 '[[route]]\nset = 1\n')
        self.assertEqual(self.caller.status(daemon.listener, "x", uri="sip:700@example.com"), 503)
        self.assertEqual(self.place(daemon), self.uas.uris[0])

    def test_strictly_one_bad_row_refuses_the_table(self):
        daemon = self.start(HEADER + row(1, self.uas.uris[0]), destinations="strict = true")
        self.tables.write("dispatcher", HEADER + row(1, self.uas.uris[1]) + "x\n")
        done = daemon.ctl("reload")
        self.assertEqual(done.returncode, 1)
        self.assertIn("dispatcher:3:1: error: 'x' in column 'id' is not a number", done.stderr)
        self.assertEqual(self.place(daemon), self.uas.uris[0])

    def test_a_table_emptied_or_half_written_leaves_the_old_one(self):
        daemon = self.start(HEADER + row(1, self.uas.uris[0]))
        for text in ("", HEADER, HEADER[:40], "\n" + HEADER):
            self.tables.write("dispatcher", text)
            self.assertEqual(daemon.ctl("reload").returncode, 1, text)
            self.assertEqual(self.place(daemon), self.uas.uris[0])

    def test_a_changed_table_is_noticed(self):
        daemon = self.start(HEADER + row(1, self.uas.uris[0]), destinations="watch = true")
        self.tables.write("new", HEADER + row(1, self.uas.uris[1]))
        os.rename(self.tables / "new", self.tables / "dispatcher")
        lab.wait_until(lambda: self.place(daemon) == self.uas.uris[1], "the new table")
        self.assertEqual(daemon.generation(), 2)
        self.tables.write("dispatcher", HEADER + "x\n")
        daemon.await_output("reload refused, generation 2 keeps serving")
        self.assertEqual(self.place(daemon), self.uas.uris[1])

    def test_a_changed_list_is_noticed(self):
        daemon = self.enterContext(lab.Daemon(f"1 {self.uas.uris[0]}\n",
                                              destinations="watch = true"))
        daemon.write_list(f"1 {self.uas.uris[1]}\n")
        lab.wait_until(lambda: self.place(daemon) == self.uas.uris[1], "the new list")

    def test_watching_begins_and_ends_with_a_reload(self):
        daemon = self.start(HEADER + row(1, self.uas.uris[0]))
        daemon.write_toml(destinations="watch = true")
        daemon.send(signal.SIGHUP)
        lab.wait_until(lambda: daemon.generation() == 2, "the reload")
        self.tables.write("dispatcher", HEADER + row(1, self.uas.uris[1]))
        lab.wait_until(lambda: self.place(daemon) == self.uas.uris[1], "the new table")


if __name__ == "__main__":
    lab.main()
