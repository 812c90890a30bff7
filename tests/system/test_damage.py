"""State that is damaged, incomplete, or from another time: a table of what was
done to it and what the registrar does then. Either everything that was
acknowledged is served, or it does not start, says what is wrong, where, and
what to do, and has changed nothing."""

import os
import shutil
import subprocess
import unittest

import bed
import numbers_bed as numbers

SEGMENT = "journal/00000001.seg"
BLOCK = 4096  # bytes in front of a segment's records
NUMBERS = 2000
NOBODY = 65534


class Case:
    """A copy of a state that damage is done to."""

    def __init__(self, state):
        self.state = state

    def path(self, name):
        return os.path.join(self.state, name)

    def size(self, name):
        return os.path.getsize(self.path(name))

    def remove(self, name):
        path = self.path(name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)

    def put(self, name, offset, data):
        with open(self.path(name), "r+b") as out:
            out.seek(offset)
            out.write(data)

    def flip(self, name, offset):
        with open(self.path(name), "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 0x10]))

    def take(self, other, name):
        """A file or directory of another state instead of this one's."""
        if os.path.exists(self.path(name)):
            self.remove(name)
        copy(os.path.join(other, name), self.path(name))

    def end(self):
        """Where the journal's records end."""
        with open(self.path(SEGMENT), "rb") as data:
            return len(data.read().rstrip(b"\0"))

    def newer_sector(self):
        """Offset of the mark's sector that is in force."""
        with open(self.path("mark"), "rb") as data:
            text = data.read()
        first, second = (int.from_bytes(text[at + 24:at + 32], "big")
                         for at in (0, BLOCK))
        return 0 if first > second else BLOCK


def copy(source, target):
    subprocess.run(["cp", "-a", "--sparse=always", source, target],
                   check=True)


def cut(count):
    """The journal's last bytes are zero."""
    return lambda c: c.put(SEGMENT, c.end() - count, bytes(count))


def shorten(count):
    """The journal's file ends that much before its last record does."""
    return lambda c: os.truncate(c.path(SEGMENT), c.end() - count)


LOST = ("acknowledged state is lost",)
BROKEN = ("00000001.seg", "offset")
AGAIN = ("made again from the whole journal",)

# what was done -> what must be said; it serves everything if the words are
# for a log of one that serves
REFUSES = {
    **{f"journal: last {n} bytes zero": (cut(n), LOST)
       for n in (1, 7, 8, 512, 4096)},
    **{f"journal: cut by {n} bytes": (shorten(n), LOST)
       for n in (1, 4096)},
    "journal: flip in the last record":
        (lambda c: c.flip(SEGMENT, c.end() - 5), LOST),
    "journal: flip in the middle":
        (lambda c: c.flip(SEGMENT, (c.end() + BLOCK) // 2), BROKEN),
    "journal: page of zeroes in the middle":
        (lambda c: c.put(SEGMENT, c.end() // 2 // BLOCK * BLOCK,
                         bytes(BLOCK)), BROKEN),
    "journal: first block zero":
        (lambda c: c.put(SEGMENT, 0, bytes(BLOCK)), ("00000001.seg",)),
    "journal: flip in the first block":
        (lambda c: c.flip(SEGMENT, 40), ("00000001.seg",)),
    "journal: first segment deleted":
        (lambda c: c.remove(SEGMENT), ("journal",)),
    "journal: empty":
        (lambda c: [c.remove("journal/" + name)
                    for name in os.listdir(c.path("journal"))],
         ("journal has no segments",)),
    "journal: deleted":
        (lambda c: c.remove("journal"), ("journal",)),
    "journal: from an older time":
        (lambda c: c.take(c.older, "journal"), LOST),
    "journal and mark: from an older time, the store not":
        (lambda c: (c.take(c.older, "journal"), c.take(c.older, "mark")),
         LOST),
    "mark: deleted": (lambda c: c.remove("mark"), ("mark is missing",)),
    "mark: empty": (lambda c: os.truncate(c.path("mark"), 0), ("mark",)),
    "mark: both sectors damaged":
        (lambda c: (c.flip("mark", 100), c.flip("mark", BLOCK + 100)),
         ("both sectors",)),
    "mark: from an older time":
        (lambda c: c.take(c.older, "mark"), ("old mark",)),
    "mark: of another registrar":
        (lambda c: c.take(c.other, "mark"), ("mark",)),
    "journal and mark: of another registrar":
        (lambda c: (c.take(c.other, "mark"), c.take(c.other, "journal")),
         ("journal",)),
    "store and journal damaged":
        (lambda c: (c.remove("store/records.db"),
                    c.flip(SEGMENT, (c.end() + BLOCK) // 2)), BROKEN),
    "store: FORMAT deleted":
        (lambda c: c.remove("store/FORMAT"), ("FORMAT", "move")),
    "secrets: of mode 644":
        (lambda c: os.chmod(c.path("secrets"), 0o644), ("chmod 600",)),
    "secrets: deleted": (lambda c: c.remove("secrets"),
                         ("secrets", "backup")),
    "secrets: damaged": (lambda c: c.flip("secrets", 30),
                         ("secrets", "backup")),
    "secrets: empty": (lambda c: os.truncate(c.path("secrets"), 0),
                       ("secrets", "backup")),
    "identity: deleted": (lambda c: c.remove("identity"), ("identity",)),
    "identity: damaged": (lambda c: c.flip("identity", 40),
                          ("identity", "backup")),
    "identity: empty": (lambda c: os.truncate(c.path("identity"), 0),
                        ("identity",)),
    "all deleted": (lambda c: [c.remove(name)
                               for name in os.listdir(c.state)],
                    ("init",)),
}

SERVES = {
    "nothing": (lambda c: None, ()),
    "journal: something behind the last record":
        (lambda c: c.put(SEGMENT, (c.end() + 7) // 8 * 8, b"\x5a" * 100), ()),
    "journal: spare deleted":
        (lambda c: c.remove("journal/00000002.seg"), ()),
    "journal: spare of another length":
        (lambda c: os.truncate(c.path("journal/00000002.seg"), 5000), ()),
    "mark: newer sector damaged":
        (lambda c: c.flip("mark", c.newer_sector() + 200), ()),
    "mark: older sector damaged":
        (lambda c: c.flip("mark", BLOCK - c.newer_sector() + 200), ()),
    "store: deleted": (lambda c: c.remove("store"), ()),
    **{f"store: {name} deleted":
       (lambda c, name=name: c.remove("store/" + name), AGAIN)
       for name in ("records.db", "meta.db", "time.db", "serial.db")},
    "store: log deleted":
        (lambda c: [c.remove("store/" + name)
                    for name in os.listdir(c.path("store"))
                    if name.startswith("log.")], ()),
    "store: log empty":
        (lambda c: [os.truncate(c.path("store/" + name), 0)
                    for name in os.listdir(c.path("store"))
                    if name.startswith("log.")], ()),
    **{f"store: {name} damaged":
       (lambda c, name=name: c.put("store/" + name,
                                   c.size("store/" + name) // 2, b"x" * 600),
        AGAIN) for name in ("records.db", "meta.db")},
    "store: first page of records.db zero":
        (lambda c: c.put("store/records.db", 0, bytes(8192)), AGAIN),
    "store: records.db cut":
        (lambda c: os.truncate(c.path("store/records.db"), 3 * 8192), AGAIN),
    "store: records.db empty":
        (lambda c: os.truncate(c.path("store/records.db"), 0), AGAIN),
    "store: from an older time": (lambda c: c.take(c.older, "store"), ()),
    "store: records.db from an older time":
        (lambda c: c.take(c.older, "store/records.db"), AGAIN),
    "store: meta.db from an older time":
        (lambda c: c.take(c.older, "store/meta.db"), AGAIN),
    "lock: deleted": (lambda c: c.remove("lock"), ()),
    "ballast: deleted": (lambda c: c.remove("ballast"), ()),
    "authority.key: deleted": (lambda c: c.remove("authority.key"), ()),
}


class Damage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = bed.Registrar(extra="ballast: 1M\n")
        cls.home.init("--ns", "ns1=127.0.0.1")
        cls.home.start()
        rows = numbers.generate(NUMBERS, 7)
        path = os.path.join(cls.home.directory, "numbers.csv")
        for part in (rows[:NUMBERS // 2], rows[NUMBERS // 2:]):
            with open(path, "w") as out:
                out.write(numbers.CSV_HEADER)
                out.writelines(part)
            cls.home.stop()
            cls.older = os.path.join(bed.scratch(), "state")
            copy(cls.home.state, cls.older)
            cls.home.start()
            cls.home.ctl("import", path)
        bed.until("the next segment", lambda: os.path.exists(os.path.join(
            cls.home.state, "journal/00000002.seg")))
        cls.home.ctl("key", "add", "k1", "--role", "transfer")
        cls.serial = cls.home.status()["serial"]
        with open(cls.home.export("zone", path)) as text:
            cls.wanted = text.read()
        cls.home.stop()
        other = bed.Registrar()
        other.init("--ns", "ns1=127.0.0.1")
        cls.other = other.state

    def case(self, damage):
        registrar = bed.Registrar(extra="ballast: 1M\n")
        copy(self.home.state, registrar.state)
        case = Case(registrar.state)
        case.older, case.other = self.older, self.other
        damage(case)
        return registrar

    @staticmethod
    def clear(registrar):
        shutil.rmtree(registrar.directory)

    @staticmethod
    def fingerprint(registrar):
        """Of everything but the store, which Berkeley DB changes by being
        opened: what it has is in the journal."""
        return {name: value for name, value
                in bed.fingerprint(registrar.state).items()
                if not name.startswith("store")}

    def serve(self, registrar):
        """Start; once more if it ended by itself and said so."""
        registrar.launch()
        done = registrar.ctl("wait", "--timeout", "20", expect=None)
        if done.returncode == 0 and registrar.is_alive():
            return
        registrar.child.wait(10)
        self.assertIn("start", registrar.log_text())
        registrar.start()

    def test_serves(self):
        """Everything is there: the journal has it."""
        for what, (damage, words) in SERVES.items():
            with self.subTest(what):
                registrar = self.case(damage)
                self.serve(registrar)
                path = os.path.join(registrar.directory, "export")
                with open(registrar.export("zone", path)) as text:
                    self.assertEqual(text.read(), self.wanted)
                self.assertEqual(registrar.status()["serial"], self.serial)
                self.assertIn("k1", registrar.ctl("key", "list").stdout)
                for word in words:
                    self.assertIn(word, registrar.log_text())
                registrar.stop()
                self.clear(registrar)

    def test_refuses(self):
        """It does not start, says why, and has changed nothing."""
        for what, (damage, words) in REFUSES.items():
            with self.subTest(what):
                registrar = self.case(damage)
                before = self.fingerprint(registrar)
                registrar.launch()
                self.assertEqual(registrar.child.wait(30), 1)
                for word in words:
                    self.assertIn(word, registrar.log_text())
                self.assertEqual(self.fingerprint(registrar), before)
                self.clear(registrar)

    def test_no_rights(self):
        """Files that its user may not read or write: which, and why."""
        if os.getuid() != 0:
            self.skipTest("needs root, to give rights away")
        for name, mode, words in (
                ("", 0o000, ("denied",)),
                ("identity", 0o000, ("identity", "denied")),
                ("secrets", 0o000, ("secrets", "denied")),
                ("mark", 0o000, ("mark", "denied")),
                ("mark", 0o400, ("mark", "denied")),
                (SEGMENT, 0o000, (SEGMENT, "denied")),
                (SEGMENT, 0o400, (SEGMENT, "denied")),
                ("store", 0o000, ("store", "denied"))):
            with self.subTest(f"{name} {mode:o}"):
                registrar = self.case(lambda c: None)
                subprocess.run(["chown", "-R", str(NOBODY),
                                registrar.directory], check=True)
                os.chmod(os.path.join(registrar.state, name), mode)
                registrar.child = bed.spawn(
                    ["setpriv", f"--reuid={NOBODY}", "--clear-groups",
                     bed.program("e164d"), "--config", registrar.config],
                    registrar.log)
                self.assertNotEqual(registrar.child.wait(30), 0)
                for word in words:
                    self.assertIn(word, registrar.log_text())
                self.clear(registrar)
