"""Stock clients read what the registrar serves."""

import os
import unittest

import dns.message
import dns.query
import dns.rdatatype
import dns.resolver

import bed
import numbers_bed as numbers
import stock
import wire

NUMBER = "12015550123"
NAME = wire.owner_of(NUMBER, bed.ZONE)
BLOCK_NAME = wire.owner_of("12015559999", bed.ZONE)
URI = f"sip:+{NUMBER}@carrier.example"


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registrar = bed.Registrar()
        cls.registrar.init("--ns", "ns1=127.0.0.1")
        cls.registrar.start()
        path = os.path.join(cls.registrar.directory, "numbers.csv")
        with open(path, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.write(numbers.csv_row("1201555*", "1510"))
            out.write(numbers.csv_row(NUMBER, "1510", URI, cnam="ALICE"))
        cls.registrar.ctl("import", path)
        cls.port = str(cls.registrar.port)

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    def dig_like(self, name, server, port):
        """dig and kdig have the same options for this."""
        for transport in ("+notcp", "+tcp"):
            base = [bed.tool(name), f"@{server}", "-p", port, transport]
            text = bed.run(base + ["+short", NAME, "NAPTR"]).stdout
            self.assertIn(URI, text)
            text = bed.run(base + ["+short", BLOCK_NAME, "TXT"]).stdout
            self.assertEqual(text.strip(), '"ocn=1510"')
            text = bed.run(base + [wire.owner_of("4930", bed.ZONE),
                                   "NAPTR"]).stdout
            self.assertIn("NXDOMAIN", text)
            self.assertIn("SOA", text)

    def test_dig(self):
        self.dig_like("dig", bed.LOOPBACK, self.port)

    def test_dig_without_warnings(self):
        """dig finds nothing malformed, and EDNS and cookies do not disturb."""
        for name, qtype in ((NAME, "NAPTR"), (NAME, "TXT"), (NAME, "ANY"),
                            (bed.ZONE, "SOA"), (bed.ZONE, "NS"),
                            (BLOCK_NAME, "A"), ("x." + NAME, "TXT")):
            text = bed.run([bed.tool("dig"), "@" + bed.LOOPBACK, "-p",
                            self.port, name, qtype]).stdout
            self.assertNotIn("WARNING", text.replace(
                "WARNING: recursion requested but not available", ""))
            self.assertNotIn("malformed", text.lower())

    def test_kdig(self):
        self.dig_like("kdig", bed.LOOPBACK, self.port)

    def test_drill(self):
        for option in ("-u", "-t"):
            text = bed.run([bed.tool("drill"), option, "-p", self.port,
                            "@" + bed.LOOPBACK, NAME, "NAPTR"]).stdout
            self.assertIn(URI, text)
            self.assertIn("rcode: NOERROR", text)

    def test_dnspython(self):
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = [bed.LOOPBACK]
        resolver.port = self.registrar.port
        for tcp in (False, True):
            answer = resolver.resolve(NAME, "NAPTR", tcp=tcp)
            self.assertEqual(len(answer), 1)
            self.assertIn(URI.encode(), answer[0].regexp)
        with self.assertRaises(dns.resolver.NXDOMAIN):
            resolver.resolve(wire.owner_of("4930", bed.ZONE), "NAPTR")
        with self.assertRaises(dns.resolver.NoAnswer):
            resolver.resolve(NAME, "AAAA")
        message = dns.message.make_query(bed.ZONE, "SOA")
        message.use_edns(payload=4096)
        answer = dns.query.udp(message, bed.LOOPBACK,
                               port=self.registrar.port, timeout=5)
        self.assertEqual(answer.edns, 0)
        serial = answer.answer[0][0].serial
        self.assertEqual(serial, self.registrar.status()["serial"])

    def test_case_is_preserved(self):
        """RFC 4343: the question comes back as it was written, and matches."""
        mixed = NAME.replace("e164.example", "E164.eXaMpLe")
        answer = wire.ask_udp(self.registrar.address,
                              wire.query(mixed, "TXT"))
        self.assertIn(b"\x04E164\x07eXaMpLe", answer)
        self.assertEqual(wire.gist(answer)[0], wire.NOERROR)
        self.assertEqual(len(wire.gist(answer)[2]), 2)

    def test_unbound_in_front(self):
        resolver = stock.Unbound(self.registrar.address).start()
        try:
            self.dig_like("dig", bed.LOOPBACK, str(resolver.port))
        finally:
            resolver.stop()
