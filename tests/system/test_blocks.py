"""Blocks stay whole: real carrier blocks with single numbers in them answer
the same in e164d, in stock servers that load its export, and in a model."""

import os
import random
import unittest

import bed
import numbers_bed as numbers
import stock
import wire

OWN = 5000      # numbers with records of their own
NAMES = 20000   # names asked
TYPES = ("NAPTR", "TXT", "A", "CERT", "URI")


def inside(rng, prefix):
    """A number of up to 15 digits below a prefix."""
    length = max(len(prefix) + 1, rng.randrange(9, 16))
    return prefix + "".join(rng.choice("0123456789")
                            for _ in range(length - len(prefix)))


class Blocks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rng = random.Random(20250)
        cls.blocks = numbers.real_blocks()
        cls.registrar = bed.Registrar()
        directory = cls.registrar.directory
        cls.registrar.init("--ns", "ns1=127.0.0.1")
        cls.registrar.start()
        psv = os.path.join(directory, "blocks.psv")
        with open(psv, "w", encoding="utf-8") as out:
            out.writelines(f"{p}|{name}\n" for p, name in cls.blocks)
        cls.registrar.ctl("import", psv, timeout=300)
        cls.own = {}
        while len(cls.own) < OWN:
            prefix, _ = cls.rng.choice(cls.blocks)
            number = inside(cls.rng, prefix)
            cls.own[number] = f"sip:+{number}@own.example"
        csv = os.path.join(directory, "own.csv")
        with open(csv, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.writelines(numbers.csv_row(n, "9999", uri, cnam=f"OWN {n}")
                           for n, uri in cls.own.items())
        cls.registrar.ctl("import", csv, timeout=300)
        cls.zone_file = cls.registrar.export(
            "zone", os.path.join(directory, "export.zone"))
        cls.names = cls.make_names()
        cls.queries = [wire.query(name, qtype) for name, qtype in cls.names]
        cls.ours = [wire.gist(a) for a in
                    wire.ask_many(cls.registrar.address, cls.queries)]

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    @classmethod
    def make_names(cls):
        """(labels from the left, type): inside and outside of blocks, exactly
        at them, shorter and deeper, numbers of their own and around them."""
        rng = cls.rng
        owned = list(cls.own)
        found = []
        while len(found) < NAMES:
            prefix = rng.choice(cls.blocks)[0]
            kind = rng.randrange(10)
            if kind < 3:
                labels = tuple(inside(rng, prefix))
            elif kind == 3:
                labels = tuple(prefix)
            elif kind == 4:
                labels = tuple(prefix[:rng.randrange(1, len(prefix))])
            elif kind == 5:
                labels = tuple(rng.choice(owned))
            elif kind == 6:
                number = rng.choice(owned)
                labels = tuple(number[:-1] + rng.choice("0123456789"))
            elif kind == 7:
                number = rng.choice(owned)
                labels = tuple(number) + (rng.choice(
                    ("0", "7", "x", "12", "sip")),)
            elif kind == 8:
                number = rng.choice(owned)
                labels = tuple(number[:rng.randrange(1, len(number))]) + \
                    (rng.choice(("x", "77", "a-b")),)
            else:
                labels = tuple(str(rng.randrange(10 ** 8, 10 ** 12)))
            qtype = rng.choice(TYPES[:2] * 4 + TYPES[2:])
            found.append((tuple(reversed(labels)) + (bed.ZONE,), qtype))
        return [(".".join(labels), qtype) for labels, qtype in found]

    def same_as(self, server_class):
        server = server_class(self.zone_file).start()
        try:
            theirs = wire.ask_many(server.address, self.queries)
        finally:
            server.stop()
        wrong = []
        for (name, qtype), ours, answer in zip(self.names, self.ours, theirs):
            their = wire.gist(answer)
            if their != ours:
                wrong.append(f"{name} {qtype}: ours {ours}, theirs {their}")
        self.assertEqual(wrong, [], f"{len(wrong)} of {NAMES} differ: "
                         f"{wrong[:3]}")

    def test_answers_equal_nsd(self):
        self.same_as(stock.Nsd)

    def test_answers_equal_knot(self):
        self.same_as(stock.Knot)

    def test_answers_equal_bind(self):
        self.same_as(stock.Bind)

    def carriers(self):
        """OCN of each carrier name, as registered below _ocn."""
        found = {}
        with open(self.zone_file, encoding="utf-8",
                  errors="surrogateescape") as text:
            for line in text:
                owner, _, rest = line.partition(" ")
                owner = owner.split("\t")[0]
                if "._ocn" not in owner or '"name=' not in line:
                    continue
                name = unescape(line.split('"name=', 1)[1].rsplit('"', 1)[0])
                found[name] = owner.split(".")[0].upper()
        return found

    def test_carriers_are_registered(self):
        """Every carrier name has one OCN, and no two share one."""
        found = self.carriers()
        wanted = {name for _, name in self.blocks}
        self.assertEqual(wanted - set(found), set())
        self.assertEqual(len(set(found.values())), len(found))

    def test_answers_equal_model(self):
        """RCODE, AA and answer equal longest prefix."""
        ocn = self.carriers()
        model = numbers.Model()
        for prefix, name in self.blocks:
            model.add_block(prefix, {"TXT": {f"ocn={ocn[name]}"}})
        for number, uri in self.own.items():
            model.add_number(number, {
                "TXT": {"ocn=9999", f"cnam=OWN {number}"}, "NAPTR": {uri}})
        wrong = []
        for (name, qtype), (rcode, aa, answer) in zip(self.names, self.ours):
            labels = tuple(reversed(
                name[:-len(bed.ZONE) - 1].split(".")))
            want_rcode, records = model.expect(labels)
            got = set()
            for owner, rrtype, _, rdata in answer:
                if owner != wire.name_wire(name.lower()) or \
                        rrtype != wire.TYPES[qtype]:
                    got.add(f"other record {rrtype}")
                elif rrtype == wire.TYPES["TXT"]:
                    got.add(b"".join(wire.txt_strings(rdata)).decode())
                else:
                    got.add(naptr_uri(rdata))
            want = records.get(qtype, set())
            if (rcode, aa, got) != (want_rcode, True, set(want)):
                wrong.append(f"{name} {qtype}: {rcode} aa={aa} {got}, model "
                             f"{want_rcode} {want}")
        self.assertEqual(wrong, [], f"{len(wrong)} of {NAMES}: {wrong[:3]}")


def naptr_uri(rdata):
    """The URI in "!^.*$!URI!" of NAPTR rdata."""
    at = 4
    fields = []
    for _ in range(3):
        fields.append(rdata[at + 1:at + 1 + rdata[at]].decode())
        at += 1 + rdata[at]
    return fields[2].split("!")[2]


def unescape(text):
    """Presentation text to what it stands for: \\DDD and \\X."""
    out = bytearray()
    at = 0
    data = text.encode("utf-8", "surrogateescape")
    while at < len(data):
        if data[at] != 0x5C:
            out.append(data[at])
            at += 1
        elif data[at + 1:at + 4].isdigit():
            out.append(int(data[at + 1:at + 4]))
            at += 4
        else:
            out.append(data[at + 1])
            at += 2
    return out.decode("utf-8", "replace")
