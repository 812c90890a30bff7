"""`e164ctl free`: what it prints can be allocated, what it leaves out cannot."""

import json
import os
import unittest

import bed
import numbers_bed as numbers

POOL = "1201592"
NUMBERS = 100000  # in the other pool
HOLES = ("13015000000", "13015031415", "13015099999")


class Free(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registrar = bed.Registrar()
        cls.registrar.init("--ns", "ns1=127.0.0.1")
        cls.registrar.start()
        cls.ctl = cls.registrar.ctl
        cls.ctl("pool", "open", POOL)
        cls.ctl("pool", "open", "130150")
        cls.ctl("pool", "open", "44")
        path = os.path.join(cls.registrar.directory, "numbers.csv")
        with open(path, "w") as out:
            out.write(numbers.CSV_HEADER)
            for i in range(NUMBERS):
                number = f"130150{i:05d}"
                if number not in HOLES:
                    out.write(numbers.csv_row(number, "1510"))
            out.write(numbers.csv_row("12015926696", "1510"))
            out.write(numbers.csv_row("12015920001", "1510"))
            out.write(numbers.csv_row("120159201*", "2020"))
        cls.ctl("import", path, timeout=300)

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    def free(self, *words, expect=0):
        return self.ctl("free", *words, expect=expect)

    def test_lowest_first(self):
        self.assertEqual(self.free(POOL, "--count", 3).stdout.split(),
                         ["+12015920000", "+12015920002", "+12015920003"])
        self.assertEqual(len(self.free(POOL).stdout.split()), 10)

    def test_inside_a_block_nothing_is_free(self):
        found = self.free(POOL, "--count", 150).stdout.split()
        self.assertIn("+12015920099", found)
        self.assertNotIn("+12015920100", found)
        self.assertNotIn("+12015920199", found)
        self.assertIn("+12015920200", found)
        self.assertIn("block", self.free("12015920155", expect=1).stderr)

    def test_nearly_full(self):
        self.assertEqual(self.free("130150").stdout.split(),
                         ["+" + number for number in HOLES])
        self.assertEqual(self.free("1301503", "--json").stdout,
                         '{\n  "numbers": [\n    "+13015031415"\n  ]\n}\n')
        self.assertIn("no number is free",
                      self.free("1301504", expect=1).stderr)

    def test_shorter_than_several_pools(self):
        found = self.free("1", "--count", 10000).stdout.split()
        self.assertIn("+13015031415", found)
        self.assertIn("+12015929999", found)
        self.assertEqual(found, sorted(set(found)))

    def test_length_has_to_be_said(self):
        self.assertIn("--digits", self.free("44", expect=1).stderr)
        self.assertEqual(
            self.free("44", "--digits", 12, "--count", 1).stdout.split(),
            ["+440000000000"])
        self.assertEqual(
            self.free("+44 20", "--digits", 12, "--count", 1).stdout.split(),
            ["+442000000000"])

    def test_no_pool(self):
        done = self.free("999", expect=1)
        self.assertIn("no pool is open at +999", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_usage(self):
        for words in ((), ("12", "13"), ("x",), (POOL, "--count", "0"),
                      (POOL, "--count", "ten"), (POOL, "--digits", "16"),
                      (POOL, "--count", "10001")):
            self.free(*words, expect=2)
        self.assertIn("have 7 to 15, not 5",
                      self.free(POOL, "--digits", 5, expect=1).stderr)

    def test_what_is_printed_can_be_allocated(self):
        """By a carrier, with stock nsupdate; and then it is free no more."""
        key = os.path.join(self.registrar.directory, "carrier.key")
        with open(key, "w") as out:
            out.write(self.ctl("key", "add", "carrier", "--role", "carrier",
                               "--ocn", "1510").stdout)
        part = POOL + "9"
        number = json.loads(self.free(
            part, "--count", 1, "--digits", 11, "--json").stdout)[
            "numbers"][0][1:]
        owner = ".".join(reversed(number)) + "." + bed.ZONE
        bed.run([bed.tool("nsupdate"), "-k", key], input=(
            f"server {bed.LOOPBACK} {self.registrar.port}\n"
            f"zone {bed.ZONE}\nprereq nxdomain {owner}\n"
            f'update add {owner} 300 TXT "ocn=1510"\nsend\n'))
        self.assertNotIn("+" + number,
                         self.free(part, "--digits", 11).stdout.split())
        self.assertIn("holder 1510", self.ctl("show", number).stdout)
