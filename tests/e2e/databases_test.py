"""Destinations from real database engines: read, watched, and served on while they are down."""

import unittest

import engines
import lab

OPENSIPS = """CREATE TABLE dispatcher (id INTEGER PRIMARY KEY, setid INTEGER NOT NULL,
destination VARCHAR(192) NOT NULL, socket VARCHAR(128), state INTEGER NOT NULL DEFAULT 0,
probe_mode INTEGER NOT NULL DEFAULT 0, weight VARCHAR(64) NOT NULL DEFAULT '1',
priority INTEGER NOT NULL DEFAULT 0, attrs VARCHAR(128), description VARCHAR(64));
CREATE TABLE version (table_name VARCHAR(32), table_version INTEGER);
INSERT INTO version VALUES ('dispatcher', 9);
"""
KAMAILIO = """CREATE TABLE ds (id INTEGER PRIMARY KEY, setid INTEGER NOT NULL,
destination VARCHAR(192) NOT NULL, flags INTEGER NOT NULL DEFAULT 0,
priority INTEGER NOT NULL DEFAULT 0, attrs VARCHAR(128) NOT NULL DEFAULT '',
description VARCHAR(64) NOT NULL DEFAULT '');
"""


def insert(number, uri, table="dispatcher", setid=1):
    return f"INSERT INTO {table} (id, setid, destination) VALUES ({number}, {setid}, '{uri}');\n"


class Databases:
    """What every engine must do."""

    @classmethod
    def setUpClass(cls):
        if cls.engine_class.missing():
            raise unittest.SkipTest(cls.engine_class.missing())
        text = lab.run([lab.program("sipsteer"), "--version"]).stdout
        if f"{cls.engine_class.name.split()[0]} not built in" in text:
            raise unittest.SkipTest(f"sipsteer is built without {cls.engine_class.name}")
        cls.engine = cls.enterClassContext(cls.engine_class())
        cls.uas = cls.enterClassContext(lab.SiplabUas(ports=2))

    def setUp(self):
        self.caller = lab.Caller()
        self.addCleanup(self.caller.close)
        self.engine.sip("DROP TABLE IF EXISTS dispatcher; DROP TABLE IF EXISTS version; "
                        "DROP TABLE IF EXISTS ds;")

    def start(self, tables, destinations="", **options):
        self.engine.sip(tables)
        daemon = self.enterContext(lab.Daemon("", source=self.engine.url,
                                              destinations=destinations, **options))
        self.daemon = daemon
        return daemon

    def place(self):
        """Where a new call goes; a transaction would answer an old one by itself."""
        self.calls = getattr(self, "calls", 0) + 1
        return self.caller.destination(self.daemon.listener, f"call-{self.calls}")

    def no_password_in(self, text):
        self.assertNotIn("geh", text)

    def test_an_opensips_table(self):
        daemon = self.start(OPENSIPS + insert(1, self.uas.uris[0])
                            + insert(2, "sip:") + insert(3, "sip:192.0.2.1:5060", setid=2))
        self.assertEqual(self.place(), self.uas.uris[0])
        self.assertRegex(daemon.output(), r"#dispatcher:2:5: warning: URI has no host.*; the row is "
                                          r"left out")
        self.no_password_in(daemon.output())
        self.no_password_in(lab.run([*daemon.command, "--print-config"]).stdout)
        with open(f"/proc/{daemon.pid}/cmdline", encoding="utf-8") as line:
            self.no_password_in(line.read())

    def test_a_kamailio_table_by_another_name(self):
        self.start(KAMAILIO + insert(1, self.uas.uris[1], "ds"), 'table = "ds"')
        self.assertEqual(self.place(), self.uas.uris[1])

    def test_a_change_is_live_within_a_second_and_a_burst_is_few_reloads(self):
        daemon = self.start(OPENSIPS + insert(1, self.uas.uris[0]), "watch = true")
        self.engine.sip(f"UPDATE dispatcher SET destination = '{self.uas.uris[1]}' WHERE id = 1;")
        lab.wait_until(lambda: self.place() == self.uas.uris[1], "the change", 5)
        before = daemon.generation()
        self.engine.sip("".join(insert(10 + i, f"sip:192.0.2.{i}:5060", setid=2)
                                for i in range(1, 50)))
        lab.wait_until(lambda: len(daemon.rows()) == 50, "all rows")
        self.assertLessEqual(daemon.generation() - before, 4)

    def test_a_table_emptied_by_mistake_is_refused(self):
        daemon = self.start(OPENSIPS + insert(1, self.uas.uris[0]), "watch = true")
        self.engine.sip("DELETE FROM dispatcher;")
        daemon.await_output("the table has no rows: the old destinations keep serving")
        self.assertEqual(self.place(), self.uas.uris[0])

    def test_a_missing_table_is_told(self):
        self.engine.sip(OPENSIPS + insert(1, self.uas.uris[0]))
        done = lab.run([lab.program("sipsteer"), "-c", "--list", self.engine.url])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.engine.sip("DROP TABLE dispatcher;")
        done = lab.run([lab.program("sipsteer"), "-c", "--list", self.engine.url])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, f"{self.engine.name} at .* says: .*dispatcher")
        self.no_password_in(done.stderr)

    def test_while_it_is_down_the_last_table_serves_also_after_a_restart(self):
        port = lab.free_ports(1)[0]
        daemon = self.start(OPENSIPS + insert(1, self.uas.uris[0]), "watch = true",
                            admin=f'http = "127.0.0.1:{port}"\n')
        self.assertIn("sipsteer_source_up 1\n", self.get(port, "/metrics"))
        self.engine.stop()
        try:
            daemon.await_output("keeps serving, the database is asked again", 20)
            self.assertEqual(self.place(), self.uas.uris[0])
            self.assertIn("sipsteer_source_up 0\n", self.get(port, "/metrics"))
            self.assertIn("ready\nolder destinations serve", self.get(port, "/readyz"))
            self.assertEqual(daemon.ctl("reload").returncode, 1)
            self.assertEqual(self.place(), self.uas.uris[0])
            daemon.end()
            daemon.start_again()
            self.assertRegex(daemon.output(), r"destinations\.cache serves")
            self.assertEqual(self.place(), self.uas.uris[0])
            self.no_password_in(daemon.output())
        finally:
            self.engine.start()
        daemon.await_output("the database answers again", 60)
        self.engine.sip(f"UPDATE dispatcher SET destination = '{self.uas.uris[1]}' WHERE id = 1;")
        lab.wait_until(lambda: self.place() == self.uas.uris[1], "the change")

    def get(self, port, path):
        import urllib.request
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.read().decode()


class InSqlite(Databases, unittest.TestCase):
    engine_class = engines.Sqlite


class InMariadb(Databases, unittest.TestCase):
    engine_class = engines.Mariadb

    def test_a_wrong_password_is_told_without_it(self):
        wrong = self.engine.url.replace("geh%25eim", "geheimer")
        done = lab.run([lab.program("sipsteer"), "-c", "--list", wrong])
        self.assertEqual(done.returncode, 1)
        self.assertIn("Access denied", done.stderr)
        self.no_password_in(done.stderr)


class InPostgres(Databases, unittest.TestCase):
    engine_class = engines.Postgres

    def test_a_wrong_password_is_told_without_it(self):
        wrong = self.engine.url.replace("geh%25eim", "geheimer")
        done = lab.run([lab.program("sipsteer"), "-c", "--list", wrong])
        self.assertEqual(done.returncode, 1)
        self.assertIn("authentication failed", done.stderr)
        self.no_password_in(done.stderr)


V7 = "id(int,auto) setid(int) destination(string) socket(string,null) state(int) weight(int) " \
     "priority(int) attrs(string,null) description(string,null)\n"


class Moves(unittest.TestCase):
    """The table of an old OpenSIPS through every engine that is there, and back."""

    def test_it_comes_back_octet_for_octet_and_serves_at_every_stop(self):
        uas = self.enterContext(lab.SiplabUas(ports=2))
        caller = lab.Caller()
        self.addCleanup(caller.close)
        folder = self.enterContext(lab.Folder())
        table = V7 + "".join(
            f"{i}:{1 + i % 2}:{uas.uris[i % 2].replace(':', chr(92) + ':')}{';x=' + str(i)}::0:{i}:1:"
            f"carrier:load balancer for {chr(92)}: OB\n" for i in range(1, 3))
        folder.write("dispatcher", table)
        stops = [f"text://{folder.path}"]
        for engine in (engines.Mariadb, engines.Postgres, engines.Sqlite):
            if engine.missing():
                print(f"SKIP {engine.name}: {engine.missing()}")
                continue
            stops.append(self.enterContext(engine()).url)
        back = self.enterContext(lab.Folder())
        stops.append(f"text://{back.path}")
        where = []
        for i, stop in enumerate(stops):
            if i != 0:
                done = lab.run([lab.program("sipsteerctl"), "convert", stops[i - 1], stop])
                self.assertEqual((done.returncode, done.stderr), (0, ""), stop)
                self.assertNotIn("geh", done.stdout)
            with lab.Daemon("", source=stop, more="[[route]]\nset = 2\n") as daemon:
                where.append([caller.destination(daemon.listener, f"{i}-{call}")
                              for call in range(3)])
        self.assertEqual({uri for each in where for uri in each}, {uas.uris[1]})
        with open(back / "dispatcher", encoding="utf-8") as text:
            self.assertEqual(text.read(), table)

    def test_rows_that_are_there_are_not_lost_without_force(self):
        folder = self.enterContext(lab.Folder())
        folder.write("dispatcher", V7 + "1:1:sip\\:192.0.2.1::0:1:0::\n")
        url = f"sqlite://{folder.path}/d.sqlite"
        convert = [lab.program("sipsteerctl"), "convert", f"text://{folder.path}", url]
        self.assertEqual(lab.run(convert).returncode, 0)
        done = lab.run(convert)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has 1 rows already; --force", done.stderr)
        self.assertEqual(lab.run([*convert, "--force"]).returncode, 0)

    def test_what_a_list_cannot_say_is_told_row_by_row(self):
        folder = self.enterContext(lab.Folder())
        folder.write("dispatcher", V7 + "1:1:sip\\:192.0.2.1::0:5:3:free text:gateway\n")
        target = folder / "d.list"
        convert = [lab.program("sipsteerctl"), "convert", f"text://{folder.path}", target]
        strict = lab.run([*convert, "--strict"])
        self.assertEqual(strict.returncode, 1)
        done = lab.run(convert)
        self.assertEqual(done.returncode, 0, done.stderr)
        for lost in ("'gateway' is dropped", "hold blanks", "have no priority; 3 is dropped"):
            self.assertIn(lost, done.stderr)
        with open(target, encoding="utf-8") as text:
            self.assertEqual(text.read(), "1 sip:192.0.2.1 0 5\n")

    def test_lint_reads_every_source(self):
        folder = self.enterContext(lab.Folder())
        folder.write("dispatcher", V7 + "1:1:sip\\:192.0.2.1::0:5:3:a:b\nx\n2:1:sip\\:::0:1:0::\n")
        done = lab.run([lab.program("sipsteerctl"), "lint", f"text://{folder.path}"])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"dispatcher:3:1: warning: 'x' in column 'id'")
        self.assertRegex(done.stdout, r"dispatcher:4:\d+: error: URI has no host")


if __name__ == "__main__":
    lab.main()
