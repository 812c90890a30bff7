"""kill -9 during and after an import loses nothing that was answered and
leaves nothing that was not asked for."""

import csv
import os
import random
import subprocess
import unittest

import bed
import numbers_bed as numbers

SHORT, LONG = 100_000, 1_000_000  # numbers
KILLS = 3                         # during the import


def rows_of(path):
    """{number: the other fields} of an export."""
    with open(path, newline="", encoding="utf-8") as text:
        reader = csv.reader(text)
        next(reader)
        return {row[0]: tuple(row[1:]) for row in reader}


class Crash(unittest.TestCase):
    def import_killed(self, registrar, path, rng):
        """Start an import, kill the registrar in the middle of it."""
        before = registrar.status()["slot_applied"]
        client = subprocess.Popen(
            [bed.program("e164ctl"), "--config", registrar.config, "import",
             path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            bed.until("the import begins",
                      lambda: client.poll() is not None or
                      registrar.status()["slot_applied"] > before, 60)
            # up to half a second into it
            try:
                client.wait(rng.random() / 2)
            except subprocess.TimeoutExpired:
                pass
            registrar.kill()
            _, errors = client.communicate(timeout=60)
        finally:
            if client.poll() is None:
                client.kill()
                client.wait()
        return client.returncode, errors.decode()

    def test_killed_during_and_after_import(self):
        count = LONG if bed.Options.is_long else SHORT
        rng = random.Random(count)
        rows = numbers.generate(count, 7)
        registrar = bed.Registrar()
        path = os.path.join(registrar.directory, "numbers.csv")
        export = os.path.join(registrar.directory, "export.csv")
        with open(path, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.writelines(rows)
        wanted = rows_of(path)
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        interrupted = 0
        for _ in range(KILLS):
            code, errors = self.import_killed(registrar, path, rng)
            if code != 0:
                interrupted += 1
                self.assertIn(code, (1, 3), errors)
                self.assertNotEqual(errors.strip(), "")
            registrar.start()
            found = rows_of(registrar.export("csv", export))
            if code == 0:
                self.assertEqual(found, wanted)
            for number, fields in found.items():
                self.assertEqual(fields, wanted.get(number), number)
        self.assertGreater(interrupted, 0, "no import was interrupted")
        registrar.ctl("import", path, timeout=600)
        registrar.kill()
        registrar.start()
        found = rows_of(registrar.export("csv", export))
        self.assertEqual(len(found), count)
        self.assertEqual(found, wanted)
        registrar.stop()
        registrar.start()
        self.assertEqual(rows_of(registrar.export("csv", export)), wanted)
        registrar.stop()

    def test_killed_while_idle_and_while_starting(self):
        """kill -9 at any moment of a start leaves a state that starts."""
        rng = random.Random(3)
        registrar = bed.Registrar()
        path = os.path.join(registrar.directory, "numbers.csv")
        with open(path, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.writelines(numbers.generate(2000, 1))
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        registrar.ctl("import", path)
        serial = registrar.status()["serial"]
        registrar.kill()
        for _ in range(20):
            registrar.launch()
            try:
                registrar.child.wait(rng.random() / 5)
            except subprocess.TimeoutExpired:
                pass
            registrar.kill()
        registrar.start()
        self.assertEqual(registrar.status()["serial"], serial)
        self.assertEqual(len(rows_of(registrar.export(
            "csv", os.path.join(registrar.directory, "out.csv")))), 2000)
        registrar.stop()
