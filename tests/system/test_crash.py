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

    def test_killed_while_the_store_is_made_again(self):
        """kill -9 while the store is rebuilt from the journal: the next start
        goes on, and in the end everything is there."""
        rng = random.Random(4)
        registrar = bed.Registrar()
        path = os.path.join(registrar.directory, "numbers.csv")
        with open(path, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.writelines(numbers.generate(4000, 2))
        wanted = rows_of(path)
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        registrar.ctl("import", path)
        registrar.kill()
        for turn in range(10):
            records = os.path.join(registrar.state, "store/records.db")
            if turn % 3 == 0 and os.path.exists(records):
                os.remove(records)
            registrar.launch()
            try:
                registrar.child.wait(rng.random() / 3)
            except subprocess.TimeoutExpired:
                pass
            registrar.kill()
        registrar.start()
        self.assertEqual(rows_of(registrar.export("csv", os.path.join(
            registrar.directory, "out.csv"))), wanted)
        registrar.stop()

    def test_init_killed(self):
        """kill -9 during init: what is left is no registrar that serves, or
        a whole one; init can be run again."""
        rng = random.Random(5)
        for _ in range(8):
            registrar = bed.Registrar()
            child = bed.spawn([bed.program("e164ctl"), "--config",
                               registrar.config, "init", "--zone", bed.ZONE],
                              registrar.log)
            try:
                child.wait(rng.random() / 4)
            except subprocess.TimeoutExpired:
                child.kill()
            if child.wait() != 0:
                again = registrar.init(expect=None)
                if again.returncode != 0:
                    self.assertIn("already", again.stderr)
            registrar.start()
            self.assertEqual(registrar.status()["slot_applied"], 1)
            registrar.stop()

    def test_killed_while_keys_are_made(self):
        """A key that was printed is in force after kill -9."""
        rng = random.Random(6)
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        printed = []
        for turn in range(8):
            registrar.start()
            for i in range(rng.randrange(3)):
                name = f"k{turn}-{i}"
                registrar.ctl("key", "add", name, "--role", "transfer")
                printed.append(name)
            last = bed.spawn([bed.program("e164ctl"), "--config",
                              registrar.config, "key", "add", f"l{turn}",
                              "--role", "transfer"], registrar.log)
            try:
                last.wait(rng.random() / 20)
            except subprocess.TimeoutExpired:
                pass
            registrar.kill()
            if last.wait(30) == 0:
                printed.append(f"l{turn}")
        registrar.start()
        there = registrar.ctl("key", "list").stdout
        for name in printed:
            self.assertIn(name, there)
        registrar.stop()
