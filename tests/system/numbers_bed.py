"""Made-up numbers and real blocks, and what DNS must say about them."""

import os
import random
import subprocess

import bed
import wire

CSV_HEADER = "number,ocn,naptr_sip,lrn,cnam,otc,assignee,zip,location\n"


def real_blocks():
    """[(prefix, carrier name)] of Debian's python3-phonenumbers."""
    script = os.path.join(bed.Options.top, "contrib", "real-blocks")
    text = subprocess.run([script], check=True, capture_output=True).stdout
    return [tuple(line.split("|", 1))
            for line in text.decode("utf-8").splitlines()]


def csv_row(number, ocn, sip="", lrn="", cnam="", otc="", assignee="",
            postcode="", location=""):
    return ",".join((number, ocn, sip, lrn, cnam, otc, assignee, postcode,
                     location)) + "\n"


def generate(count, seed):
    """count different numbers, as CSV rows, in random order; blocks of a
    thousand of few carriers, as numbers are given out."""
    rng = random.Random(seed)
    rows = []
    seen = set()
    while len(rows) < count:
        block = f"1{rng.randrange(200, 1000)}{rng.randrange(200, 1000)}" \
                f"{rng.randrange(10)}"
        if block in seen:
            continue
        seen.add(block)
        ocn = f"{1000 + int(3000 * rng.random() ** 3)}"
        for suffix in rng.sample(range(1000), min(count - len(rows),
                                                  rng.randrange(200, 1000))):
            number = f"{block}{suffix:03d}"
            rows.append(csv_row(
                number, ocn, f"sip:+{number}@sip.carrier{ocn}.example",
                f"1{200 + int(ocn) % 800}555{ocn}",
                f"CALLER {rng.randrange(20000)}", ocn))
    rng.shuffle(rows)
    return rows


class Model:
    """Longest prefix, by hand and on purpose in another way than the program
    does it: which records does a name have? Names are tuples of labels below
    the zone, from the top; records are what the caller put in."""

    def __init__(self):
        self.blocks = {}
        self.owned = {}
        self.inner = {()}  # names that exist because something is below them

    def add_block(self, prefix, records):
        labels = tuple(prefix)
        self.blocks[labels] = records
        for i in range(len(labels) + 1):
            self.inner.add(labels[:i])

    def add_number(self, number, records):
        labels = tuple(number)
        self.owned[labels] = records
        for i in range(len(labels)):
            self.inner.add(labels[:i])

    def _block_above(self, labels):
        """Records of the innermost block strictly above a name."""
        for i in range(len(labels) - 1, -1, -1):
            if labels[:i] in self.blocks:
                return self.blocks[labels[:i]]
        return None

    def expect(self, labels):
        """(rcode, records or {})"""
        labels = tuple(labels)
        if labels in self.owned:
            return wire.NOERROR, self.owned[labels]
        if labels in self.inner:
            return wire.NOERROR, self._block_above(labels) or {}
        # RFC 4592: only the closest encloser's wildcard can match.
        encloser = labels
        while encloser not in self.inner and encloser not in self.owned:
            encloser = encloser[:-1]
        if encloser not in self.inner:
            return wire.NXDOMAIN, {}  # a number with nothing below it
        if encloser in self.blocks:
            return wire.NOERROR, self.blocks[encloser]
        records = self._block_above(encloser)
        if records is None:
            return wire.NXDOMAIN, {}
        return wire.NOERROR, records
