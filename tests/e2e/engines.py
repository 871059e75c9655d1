"""Real database engines on Unix sockets, each with a data folder of its own: started, asked, ended."""

import glob
import os
import pwd
import shutil
import subprocess
import time

import lab

STARTING = 60.0  # Seconds for a new data folder on a busy machine.


def _demoted():
    """Engines refuse to run as root; they get the user that their package made."""
    return os.geteuid() == 0


def _own(path, user):
    entry = pwd.getpwnam(user)
    for folder, _, files in os.walk(path):
        for each in [folder, *(os.path.join(folder, name) for name in files)]:
            os.chown(each, entry.pw_uid, entry.pw_gid)


class Engine:
    """A server in a folder of its own. `url` is a source for sipsteer."""

    user = ""
    password = "geh%eim/x"
    url_password = "geh%25eim%2Fx"

    def __init__(self):
        self.folder = lab.Folder()
        self.process = None
        try:
            os.chmod(self.folder.path, 0o755)
            self.make()
            self.start()
            self.prepare()
        except BaseException:
            self.__exit__()
            raise

    def as_user(self, arguments):
        if not _demoted():
            return arguments
        return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups",
                *arguments]

    def run(self, arguments, **options):
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=STARTING,
                              check=False, **options)
        if done.returncode != 0:
            raise AssertionError(f"{arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.as_user(self.command()), stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, cwd=self.folder.path)
        lab.wait_until(self.answers, f"{self.name} to answer", STARTING)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(self.end_signal)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def answers(self):
        if self.process.poll() is not None:
            with open(self.folder / "log", encoding="utf-8", errors="replace") as log:
                raise AssertionError(f"{self.name} has ended: {log.read()[-2000:]}")
        try:
            self.ask("SELECT 1")
        except (AssertionError, subprocess.TimeoutExpired):
            time.sleep(0.2)
            return False
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.__exit__()


class Mariadb(Engine):
    name = "MariaDB"
    user = "mysql"
    end_signal = 15

    @staticmethod
    def missing():
        return "" if shutil.which("mariadbd") or os.path.exists("/usr/sbin/mariadbd") else \
            "mariadb-server is not installed"

    def make(self):
        self.data = self.folder / "data"
        self.socket = self.folder / "s"
        os.mkdir(self.data)
        if _demoted():
            _own(self.folder.path, self.user)
        self.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.data}",
                  "--auth-root-authentication-method=normal", "--skip-test-db",
                  *([f"--user={self.user}"] if _demoted() else [])])

    def command(self):
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.data}",
                f"--socket={self.socket}", "--skip-networking", f"--pid-file={self.folder / 'pid'}",
                "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=32M"]

    def prepare(self):
        self.ask("CREATE DATABASE IF NOT EXISTS sip; "
                 f"CREATE USER IF NOT EXISTS 'op'@'localhost' IDENTIFIED BY '{self.password}'; "
                 "GRANT ALL ON sip.* TO 'op'@'localhost'")
        self.url = f"mysql://op:{self.url_password}@localhost/sip?socket={self.socket}"

    def ask(self, statement):
        return self.run(["mariadb", "--no-defaults", "-uroot", f"--socket={self.socket}", "-N"],
                        input=statement)

    def sip(self, statement):
        return self.ask("USE sip; " + statement)


class Postgres(Engine):
    name = "PostgreSQL"
    user = "postgres"
    end_signal = 2  # "Fast": ends what is under way.

    @staticmethod
    def bin_dir():
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        return found[-1] if found else ""

    @classmethod
    def missing(cls):
        return "" if os.path.exists(os.path.join(cls.bin_dir(), "initdb")) else \
            "postgresql is not installed"

    def make(self):
        self.data = self.folder / "data"
        self.folder.write("pw", self.password)
        if _demoted():
            _own(self.folder.path, self.user)
        self.run(self.as_user([os.path.join(self.bin_dir(), "initdb"), "-D", self.data, "-U", "op",
                               "--pwfile", self.folder / "pw", "-A", "scram-sha-256",
                               "-E", "UTF8", "--no-sync"]), cwd=self.folder.path)

    def command(self):
        return [os.path.join(self.bin_dir(), "postgres"), "-D", self.data, "-k", self.folder.path,
                "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB"]

    def prepare(self):
        self.url = f"postgres://op:{self.url_password}@/postgres?socket={self.folder.path}"

    def ask(self, statement):
        return self.run(["psql", "-h", self.folder.path, "-U", "op", "-d", "postgres", "-tAq",
                         "-v", "ON_ERROR_STOP=1"], input=statement,
                        env={**os.environ, "PGPASSWORD": self.password})

    sip = ask


class Sqlite:
    """A file, asked by Python's own library."""

    name = "SQLite"

    def __init__(self):
        self.folder = lab.Folder()
        self.path = self.folder / "d.sqlite"
        self.url = f"sqlite://{self.path}"

    @staticmethod
    def missing():
        return ""

    def sip(self, statement):
        import sqlite3
        with sqlite3.connect(self.path) as connection:
            connection.executescript(statement)
        connection.close()

    def stop(self):
        os.rename(self.path, self.path + ".away")

    def start(self):
        os.rename(self.path + ".away", self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.__exit__()
