"""Random requests by random actors: a model of the rules and the server agree
on every answer, and on the whole state in between and at the end."""

import collections
import os
import random
import select
import socket
import unittest

import dns.rcode

import bed
import rules_model
import update_bed

OCNS = ["1510", "5678", "9ABC"]
PINS = ["111111", "222222"]
WINDOW = 64      # requests that are on their way
CHECK_EVERY = 5000


class Requests:
    """Random ones, close enough together to meet."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def digits(self):
        """Of a small tree below 12, now and then outside of the pool."""
        chance = self.random
        top = "12" if chance.random() < 0.95 else "99"
        return top + "".join(chance.choice("012")
                             for _ in range(chance.choice([1, 2, 2, 3, 3])))

    def name(self, blocks=0.3):
        digits = self.digits()
        if self.random.random() < blocks:
            return rules_model.block_name(digits[:self.random.randint(2, 4)])
        return rules_model.number_name(digits)

    def prereq(self, actor):
        chance = self.random
        which = chance.choice(["nx"] * 5 + ["has"] * 3 + [
            "yx", "yxrrset", "nxrrset", "value", "whois"])
        name = self.name()
        if which == "has":
            return "has", rules_model.number_name(self.digits()), \
                f"ocn={actor or '1510'}"
        if which in ("nx", "yx"):
            return which, name
        if which == "whois":
            return "nx", name + ".w"
        if which == "value":
            return "value", name, "TXT", f"ocn={chance.choice(OCNS)}"
        return which, name, chance.choice(["TXT", "NAPTR"])

    def change(self, actor):
        chance = self.random
        mine = actor or chance.choice(OCNS)
        which = chance.random()
        name = self.name()
        number = rules_model.number_name(self.digits())
        if which < 0.35:
            return "add", name, "TXT", f"ocn={mine}"
        if which < 0.38:
            return "add", name, "TXT", f"ocn={chance.choice(OCNS)}"
        if which < 0.50:
            return "add", name, "TXT", "cnam=" + chance.choice("ABC")
        if which < 0.60:
            at = chance.choice([10, 20])
            return "add", number, "NAPTR", f'100 {at} "u" "E2U+sip" ' \
                f'"!^.*$!sip:{at}@example.net!" .'
        if which < 0.72:
            return "add", name, "TXT", "status=released"
        if which < 0.76:
            return "delete", name, None, None
        if which < 0.79:
            return "delete", name, chance.choice(["TXT", "NAPTR"]), None
        if which < 0.81:
            return "delete", name, "TXT", f"ocn={mine}"
        if which < 0.90:
            return "add", name + ".w", "TXT", "zip=" + chance.choice("12")
        if which < 0.92:
            return "delete", name + ".w", None, None
        if which < 0.94:
            return "add", chance.choice(OCNS).lower() + "._ocn", "TXT", \
                chance.choice(["name=N", "contact=a", "contact=b"])
        if which < 0.96:
            return "add", name, "TXT", chance.choice(
                ["status=none", "x-own=1", "zip=1", "colour=red", "plain"])
        if which < 0.98 or actor is None:
            return "add", name, "TXT", "otc=1"
        return "add", chance.choice(["host", "120._pool", "x." + number]), \
            "TXT", "pool=open"

    def request(self):
        """actor, prereqs, changes"""
        chance = self.random
        actor = chance.choice(OCNS * 6 + [None])
        prereqs = [self.prereq(actor) for _ in
                   range(chance.choice([0, 0, 0, 1, 1, 2]))]
        changes = [self.change(actor) for _ in
                   range(chance.choice([1, 1, 1, 2, 2, 3, 5]))]
        if actor is None:
            # what the authority writes badly is only a warning, and is not
            # what this is about
            changes = [change for change in changes
                       if change[3:] not in (("status=none",), ("zip=1",),
                                             ("colour=red",), ("plain",))]
        if chance.random() < 0.02:
            prereqs.append(("dry",))
        return actor, prereqs, changes

    def pin_request(self):
        """The same with PINs, which cost the server time."""
        chance = self.random
        actor = chance.choice(OCNS * 6 + [None])
        name = rules_model.number_name(self.digits())
        which = chance.random()
        if which < 0.45:
            return actor, [], [("pin", name, chance.choice(PINS))]
        if which < 0.5:
            return actor, [], [("nopin", name)]
        prereqs = [("pin", name, chance.choice(PINS))]
        changes = [("add", name, "TXT", f"ocn={actor or '1510'}")]
        if chance.random() < 0.3:
            changes.append(("pin", name, chance.choice(PINS)))
        if chance.random() < 0.3:
            changes.append(self.change(actor))
        return actor, prereqs, changes


def full(name):
    return f"{name}.{bed.ZONE}." if name else f"{bed.ZONE}."


def quoted(rrtype, text):
    return f'"{text}"' if rrtype == "TXT" else text


def to_message(key, prereqs, changes):
    made = update_bed.message(key)
    for prereq in prereqs:
        which = prereq[0]
        if which == "nx":
            made.absent(full(prereq[1]))
        elif which == "yx":
            made.present(full(prereq[1]))
        elif which == "nxrrset":
            made.absent(full(prereq[1]), prereq[2])
        elif which == "yxrrset":
            made.present(full(prereq[1]), prereq[2])
        elif which == "value":
            made.present(full(prereq[1]), prereq[2], f'"{prereq[3]}"')
        elif which == "dry":
            made.present(full("_dryrun"), "TXT", '"1"')
        else:
            made.present(full(f"_{which}.{prereq[1]}"), "TXT",
                         f'"{prereq[2]}"')
    for change in changes:
        if change[0] == "pin":
            made.add(full(f"_pin.{change[1]}"), 0, "TXT", f'"{change[2]}"')
        elif change[0] == "nopin":
            made.delete(full(f"_pin.{change[1]}"), "TXT")
        elif change[0] == "add":
            made.add(full(change[1]), 300, change[2],
                     quoted(change[2], change[3]))
        elif change[3] is not None:
            made.delete(full(change[1]), change[2],
                        quoted(change[2], change[3]))
        elif change[2] is not None:
            made.delete(full(change[1]), change[2])
        else:
            made.delete(full(change[1]))
    return made


class Agreement(unittest.TestCase):
    def setUp(self):
        self.registrar = bed.Registrar()
        self.registrar.init("--ns", "ns1=127.0.0.1")
        self.registrar.start()
        self.registrar.ctl("pool", "open", "+12")
        self.keys = {None: update_bed.authority(self.registrar)}
        for ocn in OCNS:
            self.keys[ocn] = update_bed.Key(self.registrar.ctl(
                "key", "add", f"admin.{ocn}", "--role", "carrier", "--ocn",
                ocn).stdout)
        self.model = rules_model.Model()
        self.model.records["12._pool"] = {"TXT": {"pool=open"}}
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.connect(self.registrar.address)
        self.buffer = b""
        self.early = {}
        self.whois = set()

    def tearDown(self):
        self.sock.close()
        self.registrar.stop()

    def receive(self):
        while len(self.buffer) < 2 or len(self.buffer) < 2 + \
                int.from_bytes(self.buffer[:2], "big"):
            ready, _, _ = select.select([self.sock], [], [], 20)
            if not ready:
                raise bed.Failure("no answer within 20 s")
            got = self.sock.recv(65536)
            if not got:
                raise bed.Failure("the server closed the connection")
            self.buffer += got
        length = int.from_bytes(self.buffer[:2], "big")
        data = self.buffer[2:2 + length]
        self.buffer = self.buffer[2 + length:]
        return data

    def public_records(self):
        """The explicit ones and the derived ones, as the model has them."""
        path = self.registrar.export(
            "zone", f"{self.registrar.directory}/zone")
        found = {}, {}
        with open(path) as lines:
            for line in lines:
                if line.startswith("$"):
                    continue
                is_derived = line.endswith("; derived\n")
                name, _, _, rrtype, text = line.split(" ", 4)
                text = text.removesuffix("; derived\n").strip()
                if name in ("@", "w", "ns1", "update"):
                    continue
                if rrtype == "TXT":
                    text = text.strip('"')
                found[is_derived].setdefault(name, {}).setdefault(
                    rrtype, set()).add(text)
        return found

    def compare_whois(self, seed, n):
        """Prerequisites see what is there itself; a query would be answered
        by a block's wildcard, too."""
        records = self.model.all_records()
        for name in sorted(self.whois):
            made = update_bed.message(self.keys[None])
            texts = records.get(name, {}).get("TXT", ())
            for text in texts:
                made.present(full(name), "TXT", f'"{text}"')
            if not texts:
                made.absent(full(name))
            answer = update_bed.send(self.registrar.address, made)
            self.assertEqual(
                answer.rcode, "NOERROR",
                f"seed {seed}, after {n} requests, {name}: model {texts}")

    def compare_states(self, seed, n):
        explicit, derived = self.public_records()
        public = {name: types
                  for name, types in self.model.all_records().items()
                  if not name.endswith(".w")}
        for what, mine, theirs in (
                ("explicit", public, explicit),
                ("derived", self.model.derived(), derived)):
            lines = [f"{what} {name}: model {mine.get(name)}, server "
                     f"{theirs.get(name)}"
                     for name in sorted(set(mine) | set(theirs))
                     if mine.get(name) != theirs.get(name)]
            if lines:
                self.fail(f"seed {seed}, after {n} requests:\n" +
                          "\n".join(lines[:20]))
        self.compare_whois(seed, n)

    def drive(self, seed, count, make):
        """Requests one after the other, but many on their way: over one
        connection the server judges them in the order they were sent."""
        waiting = collections.deque()
        codes = collections.Counter()
        for n in range(count):
            actor, prereqs, changes = make()
            self.whois |= {change[1] for change in changes
                           if change[1].endswith(".w")}
            made = to_message(self.keys[actor], prereqs, changes)
            made.id = n & 0xffff
            data = made.to_wire(max_size=65535)
            self.last = data
            waiting.append((actor, prereqs, changes, made.id))
            self.sock.sendall(len(data).to_bytes(2, "big") + data)
            while len(waiting) >= self.window or \
                    (n + 1) % CHECK_EVERY == 0 and waiting:
                self.take(seed, n, waiting, codes)
            if (n + 1) % CHECK_EVERY == 0:
                self.compare_states(seed, n)
        while waiting:
            self.take(seed, count, waiting, codes)
        self.compare_states(seed, count)
        return codes

    def take(self, seed, n, waiting, codes):
        data = self.receive()
        number = int.from_bytes(data[:2], "big")
        if number != waiting[0][3]:
            self.early[number] = data
            return
        while True:
            got = dns.rcode.to_text(data[3] & 15)
            if got == "SERVFAIL" and self.window == 1:
                # not known in time: the same bytes again, as a client does
                self.sock.sendall(len(self.last).to_bytes(2, "big") +
                                  self.last)
                data = self.receive()
                continue
            actor, prereqs, changes, _ = waiting.popleft()
            wanted = self.model.judge(actor, prereqs, changes)
            codes[got] += 1
            if got != wanted:
                self.fail(f"seed {seed}, request {n}: server {got}, model "
                          f"{wanted}\n{actor} {prereqs} {changes}\n"
                          f"{self.registrar.log_text()[-600:]}")
            if not waiting or waiting[0][3] not in self.early:
                return
            data = self.early.pop(waiting[0][3])

    def test_random(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        count = 100000 if bed.Options.is_long else 10000
        self.window = WINDOW
        made = Requests(seed)
        codes = self.drive(seed, count, made.request)
        print(f"# seed {seed}: {dict(codes)}")
        # none of the answers is rare
        for code in ("NOERROR", "REFUSED", "YXDOMAIN", "NXRRSET"):
            self.assertGreater(codes[code], count // 100)

    def test_random_pins(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        count = 3000 if bed.Options.is_long else 300
        self.window = 1
        made = Requests(seed)

        def make():
            return made.pin_request() if made.random.random() < 0.5 else \
                made.request()
        codes = self.drive(seed, count, make)
        print(f"# seed {seed}: {dict(codes)}")
