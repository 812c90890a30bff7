"""Real locations as blocks without a holder, beside and inside real carrier
blocks: the order of the imports does not matter, and DNS says of each number
what the longest prefix says."""

import json
import os
import random
import subprocess
import unittest

import bed
import numbers_bed as numbers
import wire

NAMES = 4000  # numbers asked
LOCATIONS = 285014


def script(name):
    path = os.path.join(bed.Options.top, "contrib", name)
    return subprocess.run([path], check=True, capture_output=True).stdout


def texts(answer):
    """The strings of the TXT records of a gist."""
    return {b"".join(wire.txt_strings(rdata)).decode()
            for _, _, _, rdata in answer[2]}


class Locations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = bed.scratch()
        cls.files = {}
        for name, form in (("real-blocks", "psv"), ("real-locations", "csv")):
            cls.files[form] = os.path.join(cls.directory, f"{name}.{form}")
            with open(cls.files[form], "wb") as out:
                out.write(script(name))
        cls.registrar = cls.import_in_order("psv", "csv")

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    @classmethod
    def import_in_order(cls, *forms):
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        for form in forms:
            registrar.ctl("import", cls.files[form], timeout=600)
        return registrar

    @staticmethod
    def zone_text(registrar):
        """The export without its SOA: the serial counts slots."""
        path = registrar.export(
            "zone", os.path.join(registrar.directory, "out.zone"))
        with open(path, encoding="utf-8", errors="surrogateescape") as text:
            return [line for line in text if " SOA " not in line]

    def ask(self, number):
        name = ".".join(reversed(number)) + "." + bed.ZONE
        return wire.gist(wire.ask_udp(self.registrar.address,
                                      wire.query(name, "TXT")))

    def test_all_are_there(self):
        path = self.registrar.export(
            "csv", os.path.join(self.directory, "out.csv"))
        with open(path, encoding="utf-8") as text:
            lines = text.readlines()
        self.assertEqual(sum(not line.endswith(",\n") for line in lines[1:]),
                         LOCATIONS)
        # what export wrote is what is there: nothing to do for import
        before = self.registrar.status()["slot_applied"]
        self.registrar.ctl("import", path, timeout=600)
        self.assertEqual(self.registrar.status()["slot_applied"], before)

    def test_other_order_same_state(self):
        other = self.import_in_order("csv", "psv")
        mine, theirs = self.zone_text(self.registrar), self.zone_text(other)
        other.stop()
        self.assertEqual(len(mine), len(theirs))
        self.assertTrue(mine == theirs, "the exports differ")
        self.assertGreater(sum(line.endswith("; derived\n") for line in mine),
                           100000)

    def test_show(self):
        shown = self.registrar.ctl("show", "1201200*").stdout
        self.assertIn("location=Jersey City, NJ", shown)
        shown = self.registrar.ctl("show", "12012005555").stdout
        self.assertIn("in block +1201200*", shown)
        self.assertIn("location=Jersey City, NJ", shown)
        self.assertNotIn("in block +1201*", shown)
        self.assertIn("location=Barrière, BC",
                      self.registrar.ctl("show", "1250672*").stdout)

    def test_show_holder_is_of_the_block_further_out(self):
        """A location inside a carrier's block: the answer is the location's,
        the holder is the carrier."""
        shown = self.registrar.ctl("show", "8613012345678").stdout
        self.assertIn("in block +86130123*", shown)
        self.assertIn("location=Chongqing", shown)
        self.assertIn("in block +86130*", shown)
        self.assertRegex(shown, r"holder +[A-Z][0-9A-Z]{3}, China Unicom")
        found = json.loads(self.registrar.ctl(
            "show", "8613012345678", "--json").stdout)
        self.assertEqual([block["name"].split(".")[1]
                          for block in found["block"]], ["3", "0"])
        self.assertRegex(found["holder"], r"^[A-Z][0-9A-Z]{3}$")
        self.assertEqual(texts(self.ask("8613012345678")),
                         {"location=Chongqing"})

    def test_answers_equal_model(self):
        """RCODE and records of numbers all over the world equal longest
        prefix; where a carrier and a location have the same prefix, the block
        has both."""
        carriers = {}
        for line in self.zone_text(self.registrar):
            owner, _, rest = line.partition(" ")
            if "._ocn" in owner and '"name=' in line:
                carriers[self.unescape(line)] = owner.split(".")[0].upper()
        blocks = {}
        for prefix, name in numbers.real_blocks():
            blocks.setdefault(prefix, set()).add(f"ocn={carriers[name]}")
        with open(self.files["csv"], encoding="utf-8") as text:
            for line in text.readlines()[1:]:
                prefix, _, place = line.rstrip("\n").split(",", 2)
                place = place.strip('"').replace('""', '"')
                blocks.setdefault(prefix[:-1], set()).add(f"location={place}")
        model = numbers.Model()
        for prefix, records in blocks.items():
            model.add_block(prefix, records)
        rng = random.Random(24)
        prefixes = sorted(blocks)
        asked = []
        for _ in range(NAMES):
            number = rng.choice(prefixes)
            number += "".join(rng.choice("0123456789") for _ in range(
                rng.randrange(0, 16 - len(number))))
            asked.append(number[:rng.randrange(max(1, len(number) - 4),
                                               len(number) + 1)])
        answers = wire.ask_many(self.registrar.address, [
            wire.query(".".join(reversed(n)) + "." + bed.ZONE, "TXT")
            for n in asked])
        wrong = []
        for number, answer in zip(asked, answers):
            answer = wire.gist(answer)
            rcode, records = model.expect(number)
            if (answer[0], texts(answer)) != (rcode, set(records)):
                wrong.append(f"{number}: {answer[0]} {texts(answer)}, model "
                             f"{rcode} {records}")
        self.assertEqual(wrong, [], f"{len(wrong)} of {NAMES}")

    @staticmethod
    def unescape(line):
        import test_blocks
        return test_blocks.unescape(
            line.split('"name=', 1)[1].rsplit('"', 1)[0])
