"""The registry's rules (DESIGN "UPDATE") as carriers meet them with stock
clients: each row of the table, PINs, receipts, races."""

import concurrent.futures
import socket
import unittest

import dns.message

import bed
import update_bed


class Carriers(unittest.TestCase):
    """One registrar, a pool, and keys of two carriers."""

    @classmethod
    def setUpClass(cls):
        cls.registrar = bed.Registrar()
        cls.registrar.init("--ns", "ns1=127.0.0.1")
        cls.registrar.start()
        cls.registrar.ctl("pool", "open", "+1201")
        cls.files = {ocn: cls.add_key(f"admin.{ocn}", ocn)
                     for ocn in ("1510", "5678")}
        cls.keys = {ocn: update_bed.Key.of_file(path)
                    for ocn, path in cls.files.items()}

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    @classmethod
    def add_key(cls, name, ocn):
        text = cls.registrar.ctl("key", "add", name, "--role", "carrier",
                                 "--ocn", ocn).stdout
        path = f"{cls.registrar.directory}/{name}.key"
        with open(path, "w") as out:
            out.write(text)
        return path

    def run_as(self, ocn, *lines, program="nsupdate"):
        """RCODE of these lines, sent with the carrier's key."""
        done = update_bed.nsupdate(self.registrar, lines, self.files.get(ocn),
                                   program)
        return update_bed.rcode_of(done)

    def texts(self, name):
        """Strings of the TXT records at a name."""
        return {line.split(" ", 2)[2].strip('"') for line in
                update_bed.records(self.registrar.address, name, "TXT")}


def number(digits):
    return ".".join(reversed(str(digits)))


class Table(Carriers):
    """Every row, with nsupdate and with knsupdate."""

    def check_row(self, program, base):
        n = f"{number(base)}.{bed.ZONE}."
        block = f"*.{number(base + 1)}.{bed.ZONE}."
        inside = f"7.{number(base + 1)}.{bed.ZONE}."
        pin = f"_pin.{n}"

        def absent(name):
            return f"prereq nxdomain {name}"

        def go(ocn, *lines):
            return self.run_as(ocn, *lines, program=program)

        # allocate
        self.assertEqual(go("1510", absent(n),
                            f'update add {n} 300 TXT "ocn=1510"'), "NOERROR")
        self.assertEqual(go("5678", absent(n),
                            f'update add {n} 300 TXT "ocn=5678"'), "YXDOMAIN")
        outside = f"{number(99000)}.{bed.ZONE}."
        self.assertEqual(go("1510", absent(outside), f"update add {outside} "
                            '300 TXT "ocn=1510"'), "REFUSED")
        # allocate a block, number inside
        self.assertEqual(go("1510", absent(block), f"update add {block} 300 "
                            'TXT "ocn=1510"'), "NOERROR")
        self.assertEqual(go("5678", absent(inside), f"update add {inside} 300"
                            ' TXT "ocn=5678"'), "REFUSED")
        self.assertEqual(go("5678", f"update add *.{number(base // 100)}."
                            f'{bed.ZONE}. 300 TXT "ocn=5678"'), "REFUSED")
        self.assertEqual(go("1510", f'update add {inside} 300 NAPTR 100 10 '
                            f'"u" "E2U+sip" "!^.*$!sip:7@example.net!" .'),
                         "NOERROR")
        self.assertIn("ocn=1510", self.texts(inside))
        # properties
        self.assertEqual(go("1510", f'update add {n} 300 TXT "cnam=ACME"'),
                         "NOERROR")
        self.assertEqual(go("1510", f'update add {n} 300 TXT "cnam=ACME 2"'),
                         "NOERROR")
        self.assertEqual(self.texts(n), {"ocn=1510", "cnam=ACME 2"})
        self.assertEqual(go("5678", f'update add {n} 300 TXT "cnam=X"'),
                         "REFUSED")
        self.assertEqual(go("1510", f"update delete {n}"), "NOERROR")
        self.assertEqual(self.texts(n), {"ocn=1510"})
        # only if I still hold it
        has = f'prereq yxrrset _has.{n} TXT "ocn=%s"'
        add = f'update add {n} 300 TXT "cnam=ACME"'
        self.assertEqual(go("1510", has % "1510", add), "NOERROR")
        self.assertEqual(go("1510", has % "5678", add), "NXRRSET")
        # PIN, port
        self.assertEqual(go("1510", f'update add {pin} 0 TXT "493821"'),
                         "NOERROR")
        self.assertEqual(go("5678", f'update add {pin} 0 TXT "111111"'),
                         "REFUSED")
        port = f'update add {n} 300 TXT "ocn=5678"'
        self.assertEqual(go("5678", port), "REFUSED")
        self.assertEqual(go("5678", f'prereq yxrrset {pin} TXT "493822"',
                            port), "NXRRSET")
        self.assertEqual(go("5678", f'prereq yxrrset {pin} TXT "493821"',
                            port, f'update add {pin} 0 TXT "abc-defg"'),
                         "NOERROR")
        self.assertEqual(self.texts(n), {"ocn=5678", "cnam=ACME"})
        self.assertEqual(go("1510", f'prereq yxrrset {pin} TXT "493821"',
                            f'update add {n} 300 TXT "ocn=1510"'), "NXRRSET")
        # whois data, OCN information, pools
        self.assertEqual(go("5678", f"update add {number(base)}.w.{bed.ZONE}."
                            ' 300 TXT "assignee=Columbia University"'),
                         "NOERROR")
        self.assertEqual(go("1510", f"update add {number(base)}.w.{bed.ZONE}."
                            ' 300 TXT "assignee=X"'), "REFUSED")
        self.assertEqual(go("1510", f"update add 1510._ocn.{bed.ZONE}. 3600 "
                            'TXT "name=First Telephone"'), "NOERROR")
        self.assertEqual(go("5678", f"update add 1510._ocn.{bed.ZONE}. 3600 "
                            'TXT "name=X"'), "REFUSED")
        pool = f'update add 1{base % 1000}._pool.{bed.ZONE}. 3600 TXT ' \
            '"pool=open"'
        self.assertEqual(go("1510", pool), "REFUSED")
        self.assertEqual(go("authority", pool), "NOERROR")
        # release
        release = f'update add {n} 300 TXT "status=released"'
        self.assertEqual(go("1510", release), "REFUSED")
        self.assertEqual(go("5678", release), "NOERROR")
        self.assertEqual(self.texts(n), set())
        self.assertEqual(go("1510", absent(n),
                            f'update add {n} 300 TXT "ocn=1510"'), "NOERROR")
        # bulk: all or nothing
        names = [f"{number(base * 1000 + i)}.{bed.ZONE}." for i in range(200)]
        lines = [f'update add {name} 300 TXT "ocn=1510"' for name in names]
        self.assertEqual(go("1510", *lines,
                            f'update add {outside} 300 TXT "ocn=1510"'),
                         "REFUSED")
        self.assertEqual(self.texts(names[0]), set())
        self.assertEqual(go("1510", *lines), "NOERROR")
        self.assertEqual(self.texts(names[-1]), {"ocn=1510"})

    def test_nsupdate(self):
        self.check_row("nsupdate", 12010001000)

    def test_knsupdate(self):
        self.check_row("knsupdate", 12010002000)

    def test_delete_then_add_in_two_messages(self):
        """external-dns edits so: nothing is lost."""
        n = f"{number(12010003000)}.{bed.ZONE}."
        self.run_as("1510", f'update add {n} 300 TXT "ocn=1510"')
        self.assertEqual(self.run_as(
            "1510", f'update delete {n} TXT "ocn=1510"',
            f'update delete {n} TXT "cnam=A"'), "NOERROR")
        self.assertEqual(self.texts(n), {"ocn=1510"})
        self.assertEqual(self.run_as(
            "1510", f'update add {n} 300 TXT "ocn=1510"',
            f'update add {n} 300 TXT "cnam=B"'), "NOERROR")
        self.assertEqual(self.texts(n), {"ocn=1510", "cnam=B"})

    def test_dry_run(self):
        n = f"{number(12010004000)}.{bed.ZONE}."
        dry = f'prereq yxrrset _dryrun.{bed.ZONE}. TXT "1"'
        serial = self.registrar.status()["serial"]
        self.assertEqual(self.run_as(
            "1510", dry, f'update add {n} 300 TXT "ocn=1510"'), "NOERROR")
        self.assertEqual(self.run_as(
            "1510", dry, f'update add {n} 300 TXT "ocn=5678"'), "REFUSED")
        self.assertEqual(self.texts(n), set())
        self.assertEqual(self.registrar.status()["serial"], serial)


class Race(Carriers):
    """Two at once: one winner."""

    ROUNDS = 1000

    def run_rounds(self, make):
        """make(i) -> the two scripts; how often each combination came."""
        found = {}
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for pair in pool.map(lambda i: tuple(self.pair(*make(i))),
                                 range(self.ROUNDS)):
                found[pair] = found.get(pair, 0) + 1
        return found

    def pair(self, one, other):
        with concurrent.futures.ThreadPoolExecutor(2) as two:
            return [job.result() for job in
                    (two.submit(self.run_as, "1510", *one),
                     two.submit(self.run_as, "5678", *other))]

    def test_same_number(self):
        """Exactly one wins, the other hears YXDOMAIN."""
        def make(i):
            n = f"{number(12012000000 + i)}.{bed.ZONE}."
            return [[f"prereq nxdomain {n}",
                     f'update add {n} 300 TXT "ocn={ocn}"']
                    for ocn in ("1510", "5678")]
        found = self.run_rounds(make)
        self.assertEqual(set(found), {("NOERROR", "YXDOMAIN"),
                                      ("YXDOMAIN", "NOERROR")})
        self.assertEqual(sum(found.values()), self.ROUNDS)

    def test_block_against_number(self):
        """A block and a number inside it: never both."""
        def make(i):
            prefix = 12013000 + i
            n = f"{number(prefix * 10 + 5)}.{bed.ZONE}."
            block = f"*.{number(prefix)}.{bed.ZONE}."
            return [[f"prereq nxdomain {n}",
                     f'update add {n} 300 TXT "ocn=1510"'],
                    [f"prereq nxdomain {block}",
                     f'update add {block} 300 TXT "ocn=5678"']]
        found = self.run_rounds(make)
        self.assertEqual(set(found), {("NOERROR", "REFUSED"),
                                      ("REFUSED", "NOERROR")})


class Receipts(Carriers):
    """A byte-identical repeat gets the first result."""

    def request(self, ocn, digits, *, truncate=None):
        made = update_bed.message(self.keys[ocn])
        n = f"{number(digits)}.{bed.ZONE}."
        made.absent(n)
        made.add(n, 300, "TXT", f'"ocn={ocn}"')
        return made, made.to_wire()

    def ask(self, made, data, transport="udp"):
        return update_bed.Answer(
            update_bed.exchange(self.registrar.address, data, transport),
            made.keyring, made.mac).rcode

    def test_repeats(self):
        """Same port, new port, TCP; done and refused ones; a restart."""
        done, data = self.request("1510", 12014000001)
        refused, no = self.request("1510", 1999)
        taken, late = self.request("5678", 12014000001)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(10)
            answers = []
            for _ in range(3):
                sock.sendto(data, self.registrar.address)
                answers.append(sock.recv(65535))
            for answer in answers:
                self.assertEqual(dns.message.from_wire(
                    answer, keyring=done.keyring,
                    request_mac=done.mac).rcode(), 0)
        before = self.registrar.status()["slot_applied"]
        for transport in ("udp", "tcp", "udp"):
            self.assertEqual(self.ask(done, data, transport), "NOERROR")
        self.assertEqual(self.registrar.status()["slot_applied"], before)
        self.assertEqual(self.ask(refused, no), "REFUSED")
        self.assertEqual(self.ask(taken, late), "YXDOMAIN")
        self.assertEqual(self.run_as(
            "1510", f"update add {number(12014000001)}.{bed.ZONE}. 300 TXT "
            '"status=released"'), "NOERROR")
        for how in (self.registrar.stop, self.registrar.kill):
            how()
            self.registrar.start()
            # each would have another result now
            self.assertEqual(self.ask(done, data), "NOERROR")
            self.assertEqual(self.ask(taken, late), "YXDOMAIN")
            self.assertEqual(self.ask(refused, no), "REFUSED")
            self.assertEqual(self.texts(number(12014000001)), set())

    def test_many_at_once(self):
        """Copies that meet in one batch: done once, answered all."""
        made, data = self.request("1510", 12014000002)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(10)
            for _ in range(50):
                sock.sendto(data, self.registrar.address)
            answers = [sock.recv(65535) for _ in range(50)]
        for answer in answers:
            self.assertEqual(dns.message.from_wire(
                answer, keyring=made.keyring,
                request_mac=made.mac).rcode(), 0)


class Pins(Carriers):
    """Guessing does not pay."""

    def guess(self, ocn, digits, pin):
        made = update_bed.message(self.keys[ocn])
        n = f"{number(digits)}.{bed.ZONE}."
        made.present(f"_pin.{n}", "TXT", f'"{pin}"')
        made.add(n, 300, "TXT", f'"ocn={ocn}"')
        return made

    def hold(self, digits, pin):
        n = f"{number(digits)}.{bed.ZONE}."
        self.assertEqual(self.run_as(
            "1510", f'update add {n} 300 TXT "ocn=1510"',
            f'update add _pin.{n} 0 TXT "{pin}"'), "NOERROR")

    def test_thousands_at_once(self):
        """Many guesses at once, the right one last: it is not honoured."""
        self.hold(12015000001, "900000")
        codes = {}
        for turn in range(20):
            # who hears SERVFAIL was not checked, and asks again
            requests = [self.guess("5678", 12015000001,
                                   100000 + turn * 500 + i)
                        for i in range(500)]
            wires = [request.to_wire() for request in requests]
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                for code in pool.map(self.code_of, requests, wires):
                    codes[code] = codes.get(code, 0) + 1
            if "REFUSED" in codes:
                break
        # five cost nothing, the sixth begins the pause
        self.assertEqual(set(codes) - {"SERVFAIL"}, {"NXRRSET", "REFUSED"})
        self.assertEqual(codes["NXRRSET"], 6)
        self.assertEqual(self.texts(number(12015000001)), {"ocn=1510"})
        last = update_bed.send(self.registrar.address,
                               self.guess("5678", 12015000001, "900000"))
        self.assertEqual(last.rcode, "REFUSED")
        self.assertIn("try again", last.reason)

    def code_of(self, request, data):
        return update_bed.Answer(
            update_bed.exchange(self.registrar.address, data),
            request.keyring, request.mac).rcode

    def test_no_pin_like_wrong(self):
        """A number without a PIN answers like a wrong PIN."""
        self.run_as("1510", f"update add {number(12015000002)}.{bed.ZONE}. "
                    '300 TXT "ocn=1510"')
        self.hold(12015000003, "900000")
        none, wrong = [update_bed.send(
            self.registrar.address, self.guess("5678", digits, "123456"))
            for digits in (12015000002, 12015000003)]
        self.assertEqual(none.rcode, "NXRRSET")
        self.assertEqual(wrong.rcode, "NXRRSET")
        self.assertEqual(none.reason.split(": ", 1)[1],
                         wrong.reason.split(": ", 1)[1])

    def test_seventeen(self):
        """At most 16 PINs a message."""
        made = update_bed.message(self.keys["5678"])
        for i in range(17):
            made.present(f"_pin.{number(12015000100 + i)}.{bed.ZONE}.", "TXT",
                         '"123456"')
        self.assertEqual(update_bed.send(self.registrar.address, made).rcode,
                         "REFUSED")

    def test_never_told(self):
        """Neither log nor journal nor an answer has the PIN."""
        self.hold(12015000004, "zq7Xk29vB")
        self.assertEqual(update_bed.send(
            self.registrar.address,
            self.guess("5678", 12015000004, "zq7Xk29vC")).rcode, "NXRRSET")
        found = bed.run(["grep", "-rlE", "zq7Xk29v", self.registrar.state,
                         self.registrar.log], expect=1)
        self.assertEqual(found.stdout, "")
        for name in ("_pin", "_has", "_code"):
            self.assertEqual(update_bed.records(
                self.registrar.address, f"{name}.{number(12015000004)}"), [])


class Keys(Carriers):
    """An OCN's administrators manage keys of their own OCN."""

    def test_add_use_revoke(self):
        own = f"second.1510._key.1510._ocn.{bed.ZONE}."
        secret = "c2VjcmV0IG9mIHNlY29uZCBhZG1pbg=="
        self.assertEqual(self.run_as(
            "1510", f'update add {own} 0 TXT "hmac-sha512:{secret}"'),
            "NOERROR")
        path = f"{self.registrar.directory}/second.key"
        with open(path, "w") as out:
            out.write('key "second.1510" {\n\talgorithm hmac-sha512;\n'
                      f'\tsecret "{secret}";\n}};\n')
        self.files["second"] = path
        n = f"{number(12016000001)}.{bed.ZONE}."
        self.assertEqual(self.run_as(
            "second", f'update add {n} 300 TXT "ocn=1510"'), "NOERROR")
        self.assertEqual(self.run_as(
            "second", f"update add second._key.5678._ocn.{bed.ZONE}. 0 TXT "
            f'"hmac-sha256:{secret}"'), "REFUSED")
        self.assertEqual(self.run_as(
            "1510", f'update add {own[1:]} 0 TXT "hmac-sha256:short"'),
            "REFUSED")
        self.assertEqual(self.run_as("5678", f"update delete {own}"),
                         "REFUSED")
        self.assertEqual(self.run_as("1510", f"update delete {own}"),
                         "NOERROR")
        self.assertEqual(self.run_as(
            "second", f'update add {n} 300 TXT "cnam=X"'), "NOTAUTH")
        found = bed.run(["grep", "-rlE", secret[:20], self.registrar.state,
                         self.registrar.log], expect=1)
        self.assertEqual(found.stdout, "")
