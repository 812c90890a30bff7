"""A disk that fills: queries go on, changes are refused in words, nothing that
was answered is lost, and with room again it goes on. A small tmpfs stands for
the disk; mounting it needs root."""

import csv
import os
import subprocess
import unittest

import bed
import numbers_bed as numbers
import wire


@unittest.skipUnless(os.getuid() == 0, "needs root, to mount a tmpfs")
class Full(unittest.TestCase):
    def setUp(self):
        self.directory = bed.scratch()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=230m",
                               "tmpfs", self.directory], capture_output=True)
        if done.returncode != 0:
            self.skipTest("a tmpfs cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.directory])
        self.big = os.path.join(self.directory, "big")

    def begin(self, low_disk, cache="8M"):
        self.registrar = bed.Registrar(
            extra=f"low-disk: {low_disk}\nballast: 8M\ncache: {cache}\n",
            directory=self.directory)
        self.registrar.init("--ns", "ns1=127.0.0.1")
        self.registrar.start()
        self.path = os.path.join(bed.scratch(), "numbers.csv")
        with open(self.path, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.writelines(numbers.generate(1000, 3))
        self.registrar.ctl("import", self.path)

    def fill(self, left):
        """Somebody else's file takes all but left bytes."""
        info = os.statvfs(self.directory)
        free = info.f_bavail * info.f_frsize
        with open(self.big, "ab") as out:
            os.posix_fallocate(out.fileno(), 0,
                               os.path.getsize(self.big) + free - left)

    def answers(self):
        return wire.gist(wire.ask_udp(self.registrar.address, wire.query(
            bed.ZONE, "SOA")))[0] == wire.NOERROR

    def numbers(self):
        path = self.registrar.export("csv", os.path.join(bed.scratch(), "x"))
        with open(path, newline="") as text:
            return {row["number"] for row in csv.DictReader(text)}

    def test_watermark(self):
        """Below low-disk changes are refused and queries answered; with
        room again changes are taken, without a restart."""
        self.begin("32M")
        before = self.numbers()
        self.fill(20 << 20)
        bed.until("low", lambda: "disk-low" in self.registrar.log_text() or
                  "nearly full" in self.registrar.log_text() or
                  "too little" in self.registrar.log_text())
        done = self.registrar.ctl("pool", "open", "1201", expect=1)
        self.assertIn("full", done.stderr)
        self.assertTrue(self.answers())
        self.assertEqual(self.numbers(), before)
        os.remove(self.big)
        bed.until("room", lambda: self.registrar.ctl(
            "pool", "open", "1201", expect=None).returncode == 0)
        self.registrar.kill()
        self.registrar.start()
        self.assertEqual(self.numbers(), before)
        self.registrar.stop()

    def test_low_disk_below_the_cache(self):
        """What the cache holds has room too, whatever low-disk says: changes
        are refused before the disk is full."""
        self.begin("1M", cache="40M")
        with open(self.path, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.writelines(numbers.generate(60000, 9))
        self.fill(48 << 20)
        done = self.registrar.ctl("import", self.path, expect=1)
        self.assertIn("full", done.stderr)
        self.assertTrue(self.registrar.is_alive())
        self.assertTrue(self.answers())
        os.remove(self.big)
        bed.until("room", lambda: self.registrar.ctl(
            "pool", "open", "1201", expect=None).returncode == 0)
        self.registrar.ctl("import", self.path)
        self.assertGreaterEqual(len(self.numbers()), 60000)
        self.registrar.stop()

    def test_no_room_at_all(self):
        """The disk fills to the last byte while an import runs, faster than
        any watermark: the registrar goes on or ends with a reason, and
        starts again when there is room, with all that was answered."""
        self.begin("1M")
        kept = self.numbers()
        for seed in (5, 6, 7):
            with open(self.path, "w") as out:
                out.write(numbers.CSV_HEADER)
                rows = numbers.generate(20000, seed)
                out.writelines(rows)
            self.fill(1 << 20)
            done = self.registrar.ctl("import", self.path, expect=None)
            if done.returncode == 0:
                kept |= {row.split(",")[0] for row in rows}
            else:
                self.assertNotEqual(done.stderr.strip(), "")
            if self.registrar.is_alive():
                self.assertTrue(self.answers())
                self.assertLessEqual(kept, self.numbers())
            else:
                self.assertIn("no space", self.registrar.log_text().lower())
            self.registrar.kill()
            os.remove(self.big)
            self.registrar.start()
            found = self.numbers()
            self.assertLessEqual(kept, found)
            kept = found
        self.registrar.stop()

    def test_read_only(self):
        """A file system that became read-only keeps it from starting."""
        self.begin("1M")
        self.registrar.stop()
        subprocess.run(["mount", "-o", "remount,ro", self.directory],
                       check=True)
        self.registrar.log = os.path.join(bed.scratch(), "log")
        self.registrar.launch()
        self.assertEqual(self.registrar.child.wait(30), 1)
        self.assertIn("Read-only file system", self.registrar.log_text())
        self.assertIn(self.registrar.state, self.registrar.log_text())
        subprocess.run(["mount", "-o", "remount,rw", self.directory],
                       check=True)
        self.registrar.start()
        self.assertEqual(len(self.numbers()), 1000)
        self.registrar.stop()
