"""TSIG against stock clients: every algorithm with dig, kdig, nsupdate,
knsupdate and dnspython; errors as RFC 8945 5 has them; keys that are rotated
and revoked; whois data by key; the client side of e164ctl."""

import json
import os
import re
import socket
import time
import unittest

import dns.message
import dns.query
import dns.rcode
import dns.rdata
import dns.tsig
import dns.wire

import bed

ALGORITHMS = ("hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384",
              "hmac-sha512")
NUMBER = "12015926696"
OTHER = "12015926697"


def name_of(number, top=""):
    return ".".join(reversed(number)) + "." + top + bed.ZONE


def key_of(text):
    """A dnspython key of a key file."""
    found = re.search(r'key "([^"]+)" \{\s*algorithm ([a-z0-9-]+);\s*'
                      r'secret "([^"]+)"', text)
    return dns.tsig.Key(found[1], found[3], found[2])


class Signed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registrar = bed.Registrar(extra="tsig:\n  sha1: yes\n")
        cls.registrar.init()
        cls.registrar.start()
        cls.directory = cls.registrar.directory
        cls.keys = {}
        for algorithm in ALGORITHMS:
            cls.add_key(algorithm.replace("hmac-", "") + ".Acme", "carrier",
                        "--ocn", "1510", "--algorithm", algorithm)
        cls.add_key("other.key", "carrier", "--ocn", "5678")
        cls.add_key("transfer.key", "transfer")
        cls.registrar.ctl("pool", "open", "1201592")
        path = os.path.join(cls.directory, "numbers.csv")
        with open(path, "w") as out:
            out.write("number,ocn,assignee,zip\n"
                      f"{NUMBER},1510,Columbia University,07605\n"
                      "1201555*,5678,A block,\n")
        cls.registrar.ctl("import", path)

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    @classmethod
    def add_key(cls, name, role, *words):
        text = cls.registrar.ctl("key", "add", name, "--role", role,
                                 *words).stdout
        path = os.path.join(cls.directory, name)
        with open(path, "w") as out:
            out.write(text)
        cls.keys[name] = text
        return path

    def path(self, key):
        return os.path.join(self.directory, key)

    def algorithm_keys(self):
        return [name for name in self.keys if name.endswith(".Acme")]

    def ask(self, key, name=None, rdtype="TXT", tcp=False, **options):
        """With dnspython, which checks the answer's signature."""
        query = dns.message.make_query(name or name_of(NUMBER), rdtype)
        if key is not None:
            query.use_tsig(key_of(self.keys[key]), **options)
        send = dns.query.tcp if tcp else dns.query.udp
        return send(query, bed.LOOPBACK, port=self.registrar.port, timeout=5)

    # --- every algorithm

    def test_dnspython(self):
        for key in self.algorithm_keys():
            for tcp in (False, True):
                with self.subTest(key, tcp=tcp):
                    answer = self.ask(key, tcp=tcp)
                    self.assertTrue(answer.had_tsig)
                    self.assertEqual(answer.rcode(), dns.rcode.NOERROR)

    def option_of(self, program, key):
        """Knot's tools have key files of their own: the key in words."""
        if program in ("dig", "nsupdate"):
            return ["-k", self.path(key)]
        name, algorithm, secret = re.search(
            r'key "([^"]+)" \{\s*algorithm ([a-z0-9-]+);\s*'
            r'secret "([^"]+)"', self.keys[key]).groups()
        return ["-y", f"{algorithm}:{name}:{secret}"]

    def dig(self, program, key, *words):
        done = bed.run([bed.tool(program), f"@{bed.LOOPBACK}", "-p",
                        str(self.registrar.port),
                        *self.option_of(program, key), *words], expect=None)
        return done.stdout + done.stderr

    def test_dig(self):
        for key in self.algorithm_keys():
            with self.subTest(key):
                said = self.dig("dig", key, name_of(NUMBER), "TXT",
                                "+tries=1")
                self.assertIn("ocn=1510", said)
                self.assertIn("TSIG", said)
                self.assertNotIn("verify", said)

    def test_kdig(self):
        for key in self.algorithm_keys():
            with self.subTest(key):
                said = self.dig("kdig", key, name_of(NUMBER), "TXT",
                                "+retry=0")
                self.assertIn("ocn=1510", said)
                self.assertNotIn("WARNING: TSIG", said)
                self.assertNotIn(";; ERROR", said)

    def update(self, program, key, number):
        script = (f"server {bed.LOOPBACK} {self.registrar.port}\n"
                  f"zone {bed.ZONE}.\n"
                  f"prereq nxdomain {name_of(number)}.\n"
                  f'update add {name_of(number)}. 300 TXT "ocn=1510"\n'
                  "send\n")
        return bed.run([bed.tool(program), *self.option_of(program, key)],
                       input=script, expect=None)

    def test_nsupdate_and_knsupdate(self):
        last = 700
        for program in ("nsupdate", "knsupdate"):
            for key in self.algorithm_keys():
                last += 1
                with self.subTest(program, key=key):
                    number = f"12015920{last}"
                    done = self.update(program, key, number)
                    self.assertEqual(done.returncode, 0,
                                     done.stdout + done.stderr)
                    self.assertIn("ocn=1510", str(self.ask(
                        key, name_of(number)).answer))
                    done = self.update(program, key, number)
                    self.assertIn("YXDOMAIN", done.stdout + done.stderr)

    # --- RFC 8945 5.2, 5.3

    def test_badkey(self):
        unknown = dns.tsig.Key("unknown.key", "AAECAwQFBgcICQoLDA0ODw==")
        query = dns.message.make_query(name_of(NUMBER), "TXT")
        query.use_tsig(unknown)
        with self.assertRaises(dns.tsig.PeerBadKey):
            dns.query.udp(query, bed.LOOPBACK, port=self.registrar.port,
                          timeout=5)

    def test_badkey_other_algorithm(self):
        key = key_of(self.keys["sha256.Acme"])
        key.algorithm = dns.tsig.HMAC_SHA512
        query = dns.message.make_query(name_of(NUMBER), "TXT")
        query.use_tsig(key)
        with self.assertRaises(dns.tsig.PeerBadKey):
            dns.query.udp(query, bed.LOOPBACK, port=self.registrar.port,
                          timeout=5)

    def test_badsig(self):
        key = key_of(self.keys["sha256.Acme"])
        key.secret = b"x" * 32
        query = dns.message.make_query(name_of(NUMBER), "TXT")
        query.use_tsig(key)
        with self.assertRaises(dns.tsig.PeerBadSignature):
            dns.query.udp(query, bed.LOOPBACK, port=self.registrar.port,
                          timeout=5)

    def ask_at(self, query, at):
        """Sign for another time; the answer, unchecked."""
        real = time.time
        time.time = lambda: at
        try:
            wire = query.to_wire()
        finally:
            time.time = real
        return self.send(wire)

    def send(self, wire):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.sendto(wire, self.registrar.address)
            return sock.recv(65535)

    def test_badtime(self):
        """Signed, with our time as other data."""
        for late in (-400, 400):
            with self.subTest(late):
                key = key_of(self.keys["sha256.Acme"])
                query = dns.message.make_query(name_of(NUMBER), "TXT")
                query.use_tsig(key)
                now = int(time.time())
                tsig = self.tsig_of(self.ask_at(query, now + late))
                self.assertEqual(tsig.error, 18)
                self.assertEqual(tsig.time_signed, now + late)
                self.assertEqual(len(tsig.mac), 32)
                there = int.from_bytes(tsig.other, "big")
                self.assertLess(abs(there - now), 5)

    @staticmethod
    def tsig_of(wire):
        """The record, without checking it: it is the last one."""
        parser = dns.wire.Parser(wire)
        _, _, qd, an, ns, ar = parser.get_struct("!HHHHHH")
        for _ in range(qd):
            parser.get_name()
            parser.get_struct("!HH")
        for _ in range(an + ns + ar):
            parser.get_name()
            rdtype, rdclass, _, rdlen = parser.get_struct("!HHIH")
            with parser.restrict_to(rdlen):
                rdata = dns.rdata.from_wire_parser(rdclass, rdtype, parser)
        return rdata

    def cut(self, wire, length):
        """The same message with its MAC cut."""
        tsig = self.tsig_of(wire)
        at = wire.rindex(tsig.mac)
        rdlen_at = wire.rindex(tsig.algorithm.to_wire()) - 2
        lost = len(tsig.mac) - length
        rdlen = int.from_bytes(wire[rdlen_at:rdlen_at + 2], "big") - lost
        return (wire[:rdlen_at] + rdlen.to_bytes(2, "big") +
                wire[rdlen_at + 2:at - 2] + length.to_bytes(2, "big") +
                tsig.mac[:length] + wire[at + len(tsig.mac):])

    def test_truncated_mac(self):
        """5.2.2.1, 5.2.4; tsig.mac-min is 16."""
        for key, length, rcode, error in (
                ("sha256.Acme", 16, 0, 0), ("sha256.Acme", 31, 0, 0),
                ("sha256.Acme", 15, 1, None), ("sha512.Acme", 32, 0, 0),
                ("sha1.Acme", 12, 9, 22), ("sha1.Acme", 16, 0, 0),
                ("sha1.Acme", 9, 1, None), ("sha256.Acme", 0, 1, None)):
            with self.subTest(key, length=length):
                query = dns.message.make_query(name_of(NUMBER), "TXT")
                query.use_tsig(key_of(self.keys[key]))
                answer = self.send(self.cut(query.to_wire(), length))
                self.assertEqual(answer[3] & 15, rcode)
                if error is not None:
                    tsig = self.tsig_of(answer)
                    self.assertEqual(tsig.error, error)
                    self.assertGreater(len(tsig.mac), 0)

    def test_unsigned_answer_to_unsigned(self):
        self.assertFalse(self.ask(None).had_tsig)

    # --- keys

    def test_revoked_at_once(self):
        self.add_key("gone.key", "carrier", "--ocn", "1510")
        self.ask("gone.key")
        self.registrar.ctl("key", "revoke", "gone.key")
        with self.assertRaises(dns.tsig.PeerBadKey):
            self.ask("gone.key")

    def test_rotated_at_once(self):
        self.add_key("turning.key", "carrier", "--ocn", "1510")
        self.ask("turning.key")
        text = self.registrar.ctl("key", "rotate", "turning.key",
                                  "--algorithm", "hmac-sha384").stdout
        with self.assertRaises(dns.tsig.PeerBadKey):
            self.ask("turning.key")
        self.keys["turning.key"] = text
        self.ask("turning.key")
        listed = json.loads(self.registrar.ctl("key", "list",
                                               "--json").stdout)["keys"]
        mine = [key for key in listed if key["name"] == "turning.key."]
        self.assertEqual([(key["version"], key["ocn"], key["algorithm"])
                          for key in mine], [(2, "1510", "hmac-sha384")])

    # --- whois data

    def test_whois_by_key(self):
        name = name_of(NUMBER, "w.")
        self.keys["authority"] = open(os.path.join(
            self.registrar.state, "authority.key")).read()
        for key, rcode in (("sha256.Acme", dns.rcode.NOERROR),
                           ("authority", dns.rcode.NOERROR),
                           ("other.key", dns.rcode.REFUSED),
                           ("transfer.key", dns.rcode.REFUSED),
                           (None, dns.rcode.REFUSED)):
            for tcp in (False, True):
                with self.subTest(key, tcp=tcp):
                    answer = self.ask(key, name, tcp=tcp)
                    self.assertEqual(answer.rcode(), rcode)
                    self.assertEqual("07605" in str(answer.answer),
                                     rcode == dns.rcode.NOERROR)

    def test_whois_of_a_block_answers_for_its_numbers(self):
        answer = self.ask("other.key", name_of("12015550001", "w."))
        self.assertIn("A block", str(answer.answer))
        answer = self.ask("sha256.Acme", name_of("12015550001", "w."))
        self.assertEqual(answer.rcode(), dns.rcode.REFUSED)

    # --- e164ctl --server

    def remote(self, key, *words, expect=0, **options):
        return bed.run([bed.program("e164ctl"), "--server",
                        f"{bed.LOOPBACK}@{self.registrar.port}", "--key",
                        self.path(key), *words], expect=expect, **options)

    def test_client_side(self):
        """A number's whole life through e164ctl --server."""
        mine, number = "sha512.Acme", "12015920801"
        done = self.remote(mine, "allocate", number, "--dry-run", "--json")
        self.assertEqual(json.loads(done.stdout)["done"], False)
        self.remote(mine, "show", number, expect=1)
        self.remote(mine, "allocate", number, "cnam=ACME")
        done = self.remote("other.key", "allocate", number, expect=1)
        self.assertIn("YXDOMAIN", done.stderr)
        self.remote(mine, "set", number, "cnam=B", "zip=07605",
                    'naptr=100 10 "u" "E2U+sip" '
                    '"!^.*$!sip:a@b.example!" .')
        said = self.remote(mine, "show", number).stdout
        for text in ("cnam=B", "zip=07605", "sip:a@b.example", "ocn=1510"):
            self.assertIn(text, said)
        self.assertNotIn("ACME", said)
        self.remote(mine, "unset", number, "cnam", "zip", "naptr")
        said = self.remote(mine, "show", number).stdout
        for text in ("cnam", "zip", "NAPTR"):
            self.assertNotIn(text, said)
        self.remote(mine, "set", number, "--new-pin-file", "-",
                    input="493821\n")
        done = self.remote("other.key", "port", number, "--pin-file", "-",
                           input="493822\n", expect=1)
        self.assertIn("NXRRSET", done.stderr)
        self.remote("other.key", "port", number, "--pin-file", "-",
                    input="493821\n")
        self.assertIn("ocn=5678", self.remote("other.key", "show",
                                              number).stdout)
        done = self.remote(mine, "release", number, "--json", expect=1)
        said = json.loads(done.stdout)
        self.assertEqual(said["rcode"], "REFUSED")
        self.assertIn("5678", said["reason"])
        self.remote("other.key", "release", number)
        self.remote("other.key", "show", number, expect=1)

    def test_client_side_is_told_what_is_wrong(self):
        bad = self.path("bad.key")
        with open(bad, "w") as out:
            out.write('key "nobody" { algorithm hmac-sha256; '
                      'secret "AAECAwQFBgcICQ=="; };\n')
        done = self.remote("bad.key", "show", NUMBER, expect=1)
        self.assertIn("BADKEY", done.stderr)
        with open(bad, "w") as out:
            out.write('key "other.key" { algorithm hmac-sha256; '
                      'secret "AAECAwQFBgcICQ=="; };\n')
        done = self.remote("bad.key", "show", NUMBER, expect=1)
        self.assertIn("BADSIG", done.stderr)
        with open(bad, "w") as out:
            out.write("nothing\n")
        done = self.remote("bad.key", "show", NUMBER, expect=1)
        self.assertIn("tsig-keygen", done.stderr)
        self.remote("other.key", "set", NUMBER, expect=2)
        self.remote("other.key", "set", NUMBER, "novalue", expect=2)
        self.remote("other.key", "status", expect=2)
        bed.run([bed.program("e164ctl"), "--server", f"{bed.LOOPBACK}@1",
                 "--key", self.path("other.key"), "show", NUMBER], expect=3)


class Sha1(unittest.TestCase):
    def test_only_by_setting(self):
        """Not made without the setting; one made with it is not used."""
        registrar = bed.Registrar(extra="tsig:\n  sha1: yes\n")
        registrar.init()
        registrar.start()
        text = registrar.ctl("key", "add", "old", "--role", "transfer",
                             "--algorithm", "hmac-sha1").stdout
        query = dns.message.make_query(bed.ZONE, "SOA")
        query.use_tsig(key_of(text))
        dns.query.udp(query, bed.LOOPBACK, port=registrar.port, timeout=5)
        registrar.stop()
        registrar.write_config()
        registrar.start()
        done = registrar.ctl("key", "add", "older", "--role", "transfer",
                             "--algorithm", "hmac-sha1", expect=1)
        self.assertIn("tsig.sha1", done.stderr)
        with self.assertRaises(dns.tsig.PeerBadKey):
            dns.query.udp(query, bed.LOOPBACK, port=registrar.port,
                          timeout=5)
        self.assertIn("key-unusable", registrar.log_text())
        registrar.stop()

