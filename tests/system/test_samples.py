"""zones/: every sample is imported, asked for with dig, exported, and goes
round through another registrar."""

import os
import unittest

import bed

SAMPLES = os.path.join(bed.Options.top, "zones")
PROTOTYPE = "12015926696"
CERTIFICATE = "https://certs.example.net/12015926696.pem"


def owner(number):
    return ".".join(reversed(number)) + "." + bed.ZONE


def sample(name):
    return os.path.join(SAMPLES, name)


def records(path):
    """Lines of an exported zone without SOA and host records."""
    with open(path) as text:
        return {line for line in text if " SOA " not in line}


class Samples(unittest.TestCase):
    def setUp(self):
        self.registrar = self.running()

    def tearDown(self):
        self.registrar.stop()

    def running(self):
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        return registrar.start()

    def dig(self, name, qtype):
        """Sorted lines of the answer's data."""
        done = bed.run([bed.tool("dig"), "@127.0.0.1", "-p",
                        str(self.registrar.port), "+short", name, qtype])
        return sorted(done.stdout.splitlines())

    def path(self, name):
        return os.path.join(self.registrar.directory, name)

    def goes_round(self, form):
        """What is exported makes the same records in another registrar."""
        first = self.registrar.export(form, self.path("first." + form))
        other = self.running()
        other.ctl("import", first)
        second = other.export(form, self.path("second." + form))
        self.assertEqual(records(first), records(second))
        other.stop()

    def test_every_file_has_a_test(self):
        self.assertEqual(set(os.listdir(SAMPLES)),
                         {"README.md", "numbers.csv", "2015926696.csv",
                          "2015926696.zone", "plan.zone"})

    def test_numbers_csv(self):
        self.registrar.ctl("import", sample("numbers.csv"))
        self.assertEqual(
            self.dig(owner("12015550123"), "NAPTR"),
            ['100 10 "u" "E2U+sip" "!^.*$!sip:alice@example.com!" .'])
        self.assertIn('"ocn=1510"', self.dig(owner("12015559999"), "TXT"))
        self.assertIn('"ocn=5678"', self.dig(owner("12015550200"), "TXT"))
        self.assertEqual(len(self.dig(owner("12015550124"), "NAPTR")), 2)
        exported = self.registrar.export("csv", self.path("out.csv"))
        with open(sample("numbers.csv")) as given, open(exported) as got:
            wanted = given.read().replace(r"!^(.*)$!sip:\1@sbc",
                                          r"sip:\1@sbc").replace(
                                              "other.example!,", "other.example,")
            self.assertEqual(got.read(), wanted)
        self.goes_round("csv")
        self.goes_round("zone")

    def prototype_is_there(self):
        texts = self.dig(owner(PROTOTYPE), "TXT")
        for text in ("ocn=1510", "cnam=Henning Schulzrinne", "otc=1234"):
            self.assertIn(f'"{text}"', texts)
        self.assertEqual(
            self.dig(owner(PROTOTYPE), "NAPTR"),
            ['100 10 "u" "E2U+sip" '
             '"!^.*$!sip:+12015926696@sip.columbia.example!" .'])
        shown = self.registrar.ctl("show", PROTOTYPE).stdout
        for text in ("assignee=Columbia University", "zip=07605",
                     "location=Leonia, NJ 07605, USA"):
            self.assertIn(text, shown)
            self.assertNotIn(text, " ".join(texts))

    def test_prototype_csv(self):
        done = self.registrar.ctl("import", sample("2015926696.csv"))
        self.assertIn("telephones show 15 characters", done.stderr)
        self.prototype_is_there()
        exported = self.registrar.export("csv", self.path("out.csv"))
        with open(sample("2015926696.csv")) as given, open(exported) as got:
            self.assertEqual(got.read(), given.read())

    def test_prototype_zone(self):
        self.registrar.ctl("import", sample("2015926696.zone"))
        self.prototype_is_there()
        self.assertEqual(self.dig(owner(PROTOTYPE), "URI"),
                         [f'10 1 "{CERTIFICATE}"'])
        certificate = self.dig(owner(PROTOTYPE), "CERT")
        self.assertEqual(len(certificate), 1)
        self.assertTrue(certificate[0].startswith("IPKIX 0 0 aHR0cHM6"))
        self.assertIn('"name=Example Telephone Company"',
                      self.dig("1510._ocn." + bed.ZONE, "TXT"))
        self.goes_round("zone")

    def test_plan_zone(self):
        self.registrar.ctl("import", sample("plan.zone"))
        for number, ocn in (("99929", "NAT1"), ("9992390", "CIT1"),
                            ("9992345000", "BIZ1"), ("9992345679", "BIZ1"),
                            ("9992345678", "MOB1"), ("99923459", "BIZ1"),
                            ("99923", "NAT1"), ("999234", "CIT1"),
                            ("9992345", "CIT1")):
            with self.subTest(number):
                self.assertIn(f'"ocn={ocn}"', self.dig(owner(number), "TXT"))
        self.assertEqual(self.dig(owner("9998"), "TXT"), [])
        self.assertEqual(self.registrar.ctl("pool", "list").stdout, "9998\n")
        self.assertIn("National Telephone",
                      self.registrar.ctl("show", "99929").stdout)
        self.goes_round("zone")
