"""An import that was cut off goes on where it was, without believing anything
but the registry itself."""

import os
import re
import signal
import subprocess
import unittest

import bed
import numbers_bed as numbers
import wire

ROWS = 30000
BUNDLE = 1000  # rows of one request at most


def reverse(number):
    return ".".join(reversed(number))


def csv_lines():
    """Header and ROWS numbers with public and whois data."""
    lines = [numbers.CSV_HEADER]
    for i in range(ROWS):
        number = f"1201{i:07d}"
        lines.append(numbers.csv_row(
            number, "1510", f"sip:+{number}@sip.example", "12012000000",
            f"CALLER {i}", "1510", f"Person {i}", f"{i:05d}", "Leonia NJ"))
    return lines


def psv_lines():
    return [f"88{i:05d}|Carrier {i % 300}\n" for i in range(ROWS)]


def zone_lines():
    lines = ["$TTL 300\n"]
    for i in range(ROWS // 2):
        name = reverse(f"1202{i:07d}")
        lines.append(f'{name} TXT "ocn=1510"\n')
        lines.append(f'{name} NAPTR 100 10 "u" "E2U+sip" '
                     f'"!^.*$!sip:{i}@sip.example!" .\n')
    return lines


FORMS = {"csv": csv_lines, "psv": psv_lines, "zone": zone_lines}


def rows_there(done):
    """(rows in all, rows that were there already) of an import's last line."""
    found = re.search(r"(\d+) rows? with \d+ records? durable(?: \(slot \d+\))?"
                      r"(?:, (\d+) of them there already)?", done.stderr)
    if found is None:
        raise bed.Failure(done.stderr)
    return int(found.group(1)), int(found.group(2) or 0)


class Resume(unittest.TestCase):
    def setUp(self):
        self.registrar = bed.Registrar()
        self.registrar.init("--ns", "ns1=127.0.0.1")
        self.registrar.start()

    def tearDown(self):
        self.registrar.stop()

    def write(self, lines, form, name="file"):
        path = os.path.join(self.registrar.directory, f"{name}.{form}")
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(lines)
        return path

    def names(self):
        return self.registrar.status()["names"]

    def begin(self, lines, form):
        """An import that has got half of the file, all but the last bundles
        of it durable, and waits for more."""
        before = self.names()
        half = len(lines) // 2
        child = subprocess.Popen(
            [bed.program("e164ctl"), "--config", self.registrar.config,
             "import", "-", "--format", form], stdin=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        child.stdin.writelines(lines[:half])
        child.stdin.flush()
        per_row = 0.5 if form == "zone" else 1
        wanted = before + int((half - 3 * BUNDLE) * per_row)
        bed.until("half of the import", lambda: self.names() >= wanted,
                  timeout=120)
        return child

    def check_second(self, path, form, slots_of_all):
        """The second run does less than 60 % of what a whole one does."""
        before = self.registrar.status()["slot_applied"]
        rows, there = rows_there(self.registrar.ctl("import", path))
        slots = self.registrar.status()["slot_applied"] - before
        self.assertEqual(rows, ROWS)
        self.assertGreaterEqual(there, 0.4 * ROWS, form)
        self.assertLess(slots, 0.6 * slots_of_all + 3, form)
        # and a third one does nothing at all
        before = self.registrar.status()
        self.assertEqual(rows_there(self.registrar.ctl("import", path)),
                         (ROWS, ROWS))
        after = self.registrar.status()
        self.assertEqual(after["slot_applied"], before["slot_applied"])
        self.assertEqual(after["serial"], before["serial"])

    def same_as_uncut(self, form, path):
        """The state equals the one that a whole import makes."""
        other = bed.Registrar()
        other.init("--ns", "ns1=127.0.0.1")
        other.start()
        other.ctl("import", path)
        files = []
        for registrar in (self.registrar, other):
            out = registrar.export("csv", os.path.join(registrar.directory,
                                                       "out.csv"))
            with open(out, encoding="utf-8") as text:
                files.append(text.read())
        slots = other.status()["slot_applied"]
        other.stop()
        self.assertEqual(files[0], files[1])
        return slots

    def cut_tool(self, form):
        lines = FORMS[form]()
        path = self.write(lines, form)
        child = self.begin(lines, form)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        slots = self.registrar.status()["slot_applied"] * 2
        self.check_second(path, form, slots)
        self.same_as_uncut(form, path)

    def test_tool_killed_csv(self):
        self.cut_tool("csv")

    def test_tool_killed_psv(self):
        self.cut_tool("psv")

    def test_tool_killed_zone(self):
        self.cut_tool("zone")

    def test_daemon_killed(self):
        lines = FORMS["csv"]()
        path = self.write(lines, "csv")
        child = self.begin(lines, "csv")
        self.registrar.kill()
        try:
            child.stdin.writelines(lines[len(lines) // 2:])
        except BrokenPipeError:
            pass
        _, said = child.communicate()
        self.assertNotEqual(child.returncode, 0)
        self.assertIn("run it again to go on", said)
        self.registrar.start()
        self.check_second(path, "csv",
                          self.registrar.status()["slot_applied"] * 2)
        self.same_as_uncut("csv", path)

    def test_changed_file_is_not_passed_over(self):
        """Rows that differ are taken, wherever they stand; only they."""
        lines = FORMS["csv"]()
        self.registrar.ctl("import", self.write(lines, "csv"))
        changed = (1, 12345, ROWS)
        for i in changed:
            lines[i] = lines[i].replace("CALLER", "OTHER")
        path = self.write(lines, "csv")
        rows, there = rows_there(self.registrar.ctl("import", path))
        self.assertEqual(rows, ROWS)
        self.assertGreaterEqual(there, ROWS - 12 * BUNDLE)
        self.assertLess(there, ROWS)
        for i in changed:
            number = lines[i].split(",")[0]
            self.assertIn(f"cnam=OTHER {i - 1}",
                          self.registrar.ctl("show", number).stdout)
        self.assertEqual(rows_there(self.registrar.ctl("import", path)),
                         (ROWS, ROWS))

    def test_what_others_took_away_comes_back(self):
        """The registry is asked, not a record of what was done once."""
        lines = FORMS["csv"]()
        path = self.write(lines, "csv")
        self.registrar.ctl("import", path)
        gone = "12010020000"
        self.registrar.ctl("import", self.write(
            [f'$TTL 300\n{reverse(gone)} TXT "status=released"\n'], "zone",
            "gone"))
        self.registrar.ctl("show", gone, expect=1)
        rows, there = rows_there(self.registrar.ctl("import", path))
        self.assertLess(there, rows)
        self.assertGreaterEqual(there, ROWS - 8 * BUNDLE)
        self.assertIn("CALLER 20000", self.registrar.ctl("show", gone).stdout)

    def test_last_row_of_a_number_counts(self):
        """A number that stands twice in a file ends as its last row says, in
        every run."""
        lines = FORMS["csv"]()[:5001]
        last = lines[1].replace("CALLER 0", "LAST")
        path = self.write(lines + [last], "csv")
        number = last.split(",")[0]
        for _ in range(3):
            self.registrar.ctl("import", path)
            self.assertIn("cnam=LAST",
                          self.registrar.ctl("show", number).stdout)

    def test_served_after_the_second_run(self):
        lines = FORMS["psv"]()
        path = self.write(lines, "psv")
        child = self.begin(lines, "psv")
        child.send_signal(signal.SIGKILL)
        child.communicate()
        self.registrar.ctl("import", path)
        query = wire.query(f"5.{reverse('8829999')}.{bed.ZONE}", "TXT")
        answer = wire.gist(wire.ask_udp(self.registrar.address, query))
        self.assertEqual(answer[0], wire.NOERROR)
        self.assertEqual(len(answer[2]), 1)


WHOIS = 50000      # numbers with whois data
LONG_WHOIS = 1000000


class Whois(unittest.TestCase):
    """Numbers with assignee, zip and location, there and back."""

    @classmethod
    def setUpClass(cls):
        cls.registrar = bed.Registrar()
        cls.registrar.init("--ns", "ns1=127.0.0.1")
        cls.registrar.start()
        cls.count = LONG_WHOIS if bed.Options.is_long else WHOIS
        cls.path = os.path.join(cls.registrar.directory, "whois.csv")
        with open(cls.path, "w", encoding="utf-8") as out:
            out.write(numbers.CSV_HEADER)
            for i in range(cls.count):
                number = f"1301{i:07d}"
                out.write(numbers.csv_row(
                    number, f"{1000 + i // 1000}",
                    f"sip:+{number}@sip.example", cnam=f"CALLER {i}",
                    assignee=f'"Müller, ""{i}"""', postcode=f"{i % 100000:05d}",
                    location=f'"Town {i % 5000}, NJ"'))
        cls.done = cls.registrar.ctl("import", cls.path, timeout=3600)

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    def test_all_taken(self):
        self.assertEqual(rows_there(self.done), (self.count, 0))
        self.assertEqual(self.registrar.status()["numbers"], self.count)

    def test_show(self):
        i = self.count // 3
        shown = self.registrar.ctl("show", f"1301{i:07d}").stdout
        for text in (f"cnam=CALLER {i}", f'assignee=Müller, "{i}"',
                     f"zip={i % 100000:05d}", f"location=Town {i % 5000}, NJ"):
            self.assertIn(text, shown)

    def test_export_gives_the_file_back(self):
        out = self.registrar.export(
            "csv", os.path.join(self.registrar.directory, "out.csv"))
        with open(self.path, encoding="utf-8") as wanted, \
                open(out, encoding="utf-8") as found:
            self.assertTrue(wanted.read() == found.read(), "not the same")

    def test_not_public(self):
        """DESIGN 3: below w everything is refused without the right to it."""
        name = f"{reverse('13010000001')}.w.{bed.ZONE}"
        answer = wire.gist(wire.ask_udp(self.registrar.address,
                                        wire.query(name, "TXT")))
        self.assertEqual(answer[0], wire.REFUSED)
        path = self.registrar.export(
            "zone", os.path.join(self.registrar.directory, "out.zone"))
        with open(path, encoding="utf-8") as text:
            self.assertNotIn("assignee", text.read())

    def test_second_run_finds_all(self):
        done = self.registrar.ctl("import", self.path, timeout=3600)
        self.assertEqual(rows_there(done), (self.count, self.count))


class Carriers(unittest.TestCase):
    """PSV: names of carriers as they come."""

    NAMES = ("Plain", "plain", "PLAIN ", "Ünïcödé", "日本通信", "Ооо Скай",
             'Quo"ted', "Back\\slash", "Semi;colon", "Comma, Inc.", "a" * 200,
             "ocn=1510", "name=x", "$ORIGIN", "@", "*", "'", "(x)", "1&1",
             "e\u0301", "\u00e9")

    def setUp(self):
        self.registrar = bed.Registrar()
        self.registrar.init("--ns", "ns1=127.0.0.1")
        self.registrar.start()

    def tearDown(self):
        self.registrar.stop()

    def write(self, name, lines):
        path = os.path.join(self.registrar.directory, name)
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.writelines(lines)
        return path

    def carriers(self):
        """{name: OCN} as served below _ocn, and the OCN of each block."""
        found = {}
        path = self.registrar.export(
            "zone", os.path.join(self.registrar.directory, "out.zone"))
        import test_blocks
        with open(path, encoding="utf-8", errors="surrogateescape") as text:
            for line in text:
                if "._ocn" in line and '"name=' in line:
                    name = test_blocks.unescape(
                        line.split('"name=', 1)[1].rsplit('"', 1)[0])
                    self.assertNotIn(name, found)
                    found[name] = line.split(".")[0].upper()
        return found

    def test_odd_names(self):
        """Each name is a carrier of its own, comes back as it was, and its
        block has its OCN; zone text and a second import keep all that."""
        lines = [f"77{i:02d}|{name}\n" for i, name in enumerate(self.NAMES)]
        path = self.write("odd.psv", lines)
        self.registrar.ctl("import", path)
        found = self.carriers()
        self.assertEqual(set(found), set(self.NAMES))
        self.assertEqual(len(set(found.values())), len(self.NAMES))
        for i, name in enumerate(self.NAMES):
            shown = self.registrar.ctl("show", f"77{i:02d}5").stdout
            self.assertIn(f"ocn={found[name]}", shown)
            self.assertIn(f"holder {found[name]}, {name}", shown)
        before = self.registrar.status()
        self.registrar.ctl("import", path)
        self.assertEqual(self.registrar.status()["slot_applied"],
                         before["slot_applied"])

    def test_same_ocns_in_another_registry(self):
        """The OCNs follow from the names and the order of the file."""
        lines = [f"88{i:04d}|Carrier {i}\n" for i in range(3000)]
        self.registrar.ctl("import", self.write("a.psv", lines))
        mine = self.carriers()
        other = bed.Registrar()
        other.init("--ns", "ns1=127.0.0.1")
        other.start()
        other.ctl("import", self.write("a.psv", lines))
        self.registrar, kept = other, self.registrar
        try:
            self.assertEqual(self.carriers(), mine)
        finally:
            self.registrar = kept
            other.stop()

    def test_an_ocn_that_is_taken_is_not_given(self):
        """BaTelCo would be V5OD: not when somebody else is."""
        self.registrar.ctl("import", self.write("taken.zone", [
            '$TTL 3600\nV5OD._ocn TXT "name=Somebody"\n'
            '1510._ocn TXT "name=Known Carrier"\n']))
        self.registrar.ctl("import", self.write("b.psv", [
            "771|BaTelCo\n", "772|Known Carrier\n", "773|Somebody\n"]))
        self.assertEqual(self.carriers(), {
            "Somebody": "V5OD", "BaTelCo": "V5OE", "Known Carrier": "1510"})
        self.assertIn("ocn=1510", self.registrar.ctl("show", "772*").stdout)
        self.assertIn("ocn=V5OD", self.registrar.ctl("show", "773*").stdout)

    def test_a_prefix_twice_has_its_last_carrier(self):
        self.registrar.ctl("import", self.write("c.psv", [
            "771|First\n", "771|Second\n"]))
        found = self.carriers()
        shown = self.registrar.ctl("show", "771*").stdout
        self.assertIn(f"ocn={found['Second']}", shown)
        self.assertNotIn(f"ocn={found['First']}", shown)
