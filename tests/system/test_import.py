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
