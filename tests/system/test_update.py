"""RFC 2136 as stock clients see it: prerequisites, updates, refusals, over UDP
and TCP, with the authority's key."""

import itertools
import os
import random
import re
import socket
import struct
import subprocess
import time
import unittest

import dns.message
import dns.rdatatype

import bed
import stock
import update_bed as ub
import wire


def setUpModule():
    global registrar, key
    registrar = bed.Registrar()
    registrar.init("--ns", "ns1=127.0.0.1", "--serial", "100")
    registrar.start()
    key = ub.authority(registrar)


def tearDownModule():
    registrar.stop()


class Case(unittest.TestCase):
    fresh = itertools.count(1)

    def name(self):
        """A name that nobody has used."""
        return f"host{next(self.fresh)}"

    def send(self, message, transport="udp"):
        return ub.send(registrar.address, message, transport)

    def change(self, *steps, expect="NOERROR", transport="udp", zone=bed.ZONE):
        """Steps are (method of UpdateMessage, arguments...)."""
        message = ub.message(key, zone)
        for method, *arguments in steps:
            getattr(message, method)(*arguments)
        answer = self.send(message, transport)
        self.assertEqual(answer.rcode, expect, answer)
        self.assertTrue(answer.is_signed)
        return answer

    def at(self, name, rrtype="ANY"):
        return ub.records(registrar.address, name, rrtype)

    def serial(self):
        return int(self.at("@", "SOA")[0].split()[4])


class Prerequisites(Case):
    """RFC 2136 3.2"""

    def setUp(self):
        self.there = self.name()
        self.change(("add", self.there, 300, "A", "192.0.2.1"),
                    ("add", self.there, 300, "A", "192.0.2.2"),
                    ("add", self.there, 300, "TXT", "x"))
        self.missing = self.name()

    def judged(self, *prereqs, expect="NOERROR"):
        """The update is done exactly when the answer is NOERROR."""
        mark = self.name()
        self.change(*prereqs, ("add", mark, 60, "TXT", "done"),
                    expect=expect)
        self.assertEqual(self.at(mark), ['60 TXT "done"']
                         if expect == "NOERROR" else [])

    def test_rrset_exists(self):
        """3.2.1: value independent"""
        self.judged(("present", self.there, "A"))
        self.judged(("present", self.there, "MX"), expect="NXRRSET")
        self.judged(("present", self.missing, "A"), expect="NXRRSET")

    def test_rrset_exists_value(self):
        """3.2.3: exactly these records, in any order, TTL does not count"""
        self.judged(("present", self.there, "A", "192.0.2.2", "192.0.2.1"))
        self.judged(("present", self.there, "A", "192.0.2.1"),
                    expect="NXRRSET")
        self.judged(("present", self.there, "A", "192.0.2.1", "192.0.2.2",
                     "192.0.2.3"), expect="NXRRSET")
        self.judged(("present", self.missing, "A", "192.0.2.1"),
                    expect="NXRRSET")

    def test_rrset_does_not_exist(self):
        """3.2.2"""
        self.judged(("absent", self.there, "MX"))
        self.judged(("absent", self.missing, "A"))
        self.judged(("absent", self.there, "A"), expect="YXRRSET")

    def test_name_in_use(self):
        """3.2.4; an empty non-terminal is not in use"""
        self.judged(("present", self.there))
        self.judged(("present", self.missing), expect="NXDOMAIN")
        below = f"deep.{self.missing}"
        self.change(("add", below, 60, "TXT", "x"))
        self.judged(("present", self.missing), expect="NXDOMAIN")

    def test_name_not_in_use(self):
        """3.2.5"""
        self.judged(("absent", self.missing))
        self.judged(("absent", self.there), expect="YXDOMAIN")

    def test_wildcard_is_a_name_like_others(self):
        """3.2: a name that only a wildcard answers for is not in use"""
        top = self.name()
        self.change(("add", f"*.{top}", 60, "TXT", "x"))
        self.assertEqual(self.at(f"a.{top}", "TXT"), ['60 TXT "x"'])
        self.judged(("absent", f"a.{top}"))
        self.judged(("present", f"a.{top}"), expect="NXDOMAIN")
        self.judged(("present", f"*.{top}"))

    def test_case_does_not_count(self):
        self.judged(("present", self.there.upper(), "A"))
        self.judged(("absent", self.there.upper()), expect="YXDOMAIN")

    def test_first_that_fails_decides(self):
        self.judged(("present", self.there), ("absent", self.there),
                    ("present", self.missing), expect="YXDOMAIN")

    def test_prerequisites_alone(self):
        """No update section: judged, nothing changes."""
        before = self.serial()
        self.change(("present", self.there))
        self.change(("absent", self.there), expect="YXDOMAIN")
        self.assertEqual(self.serial(), before)


class Updates(Case):
    """RFC 2136 3.4.2"""

    def test_add(self):
        """3.4.2.2: duplicates are ignored, the TTL of the set is the last"""
        name = self.name()
        self.change(("add", name, 300, "A", "192.0.2.1"))
        self.change(("add", name, 60, "A", "192.0.2.2"))
        self.assertEqual(self.at(name), ["60 A 192.0.2.1", "60 A 192.0.2.2"])
        self.change(("add", name, 60, "A", "192.0.2.1"))
        self.assertEqual(self.at(name), ["60 A 192.0.2.1", "60 A 192.0.2.2"])

    def test_delete_record(self):
        """3.4.2.4"""
        name = self.name()
        self.change(("add", name, 300, "A", "192.0.2.1"),
                    ("add", name, 300, "A", "192.0.2.2"))
        self.change(("delete", name, "A", "192.0.2.1"))
        self.assertEqual(self.at(name), ["300 A 192.0.2.2"])
        self.change(("delete", name, "A", "192.0.2.9"))
        self.change(("delete", name, "A", "192.0.2.2"))
        self.assertEqual(self.at(name), [])

    def test_delete_rrset_and_name(self):
        """3.4.2.3"""
        name = self.name()
        self.change(("add", name, 300, "A", "192.0.2.1"),
                    ("add", name, 300, "TXT", "x"))
        self.change(("delete", name, "A"))
        self.assertEqual(self.at(name), ['300 TXT "x"'])
        self.change(("add", name, 300, "A", "192.0.2.1"))
        self.change(("delete", name))
        self.assertEqual(self.at(name), [])
        self.change(("delete", name))

    def test_soa(self):
        """3.4.2.2: only a newer serial; 3.4.2.3, 4: it is not deleted"""
        old = self.serial()
        soa = "update.e164.example. hostmaster.e164.example. {} 7200 900 " \
              "604800 300"
        self.change(("add", "@", 300, "SOA", soa.format(old - 1)))
        self.assertEqual(self.serial(), old)
        self.change(("add", "@", 300, "SOA", soa.format(old + 1000)))
        self.assertEqual(self.serial(), old + 1000)
        self.assertIn(" 604800 300", self.at("@", "SOA")[0])
        self.change(("delete", "@", "SOA"))
        self.change(("delete", "@", "SOA", soa.format(old + 1000)))
        self.assertEqual(len(self.at("@", "SOA")), 1)
        other = self.name()
        self.change(("add", other, 300, "SOA", soa.format(1)))
        self.assertEqual(self.at(other), [])

    def test_apex_ns(self):
        """3.4.2.3, 3.4.2.4: the NS RRset of the apex never goes"""
        before = self.at("@", "NS")
        self.assertEqual(len(before), 1)
        self.change(("delete", "@", "NS"))
        self.change(("delete", "@"))
        target = before[0].split()[2]
        self.change(("delete", "@", "NS", target))
        self.assertEqual(self.at("@", "NS"), before)
        self.change(("add", "@", 3600, "NS", "ns2.e164.example."))
        self.change(("delete", "@", "NS", target))
        self.assertEqual([line.split()[2] for line in self.at("@", "NS")],
                         ["ns2.e164.example."])
        self.change(("add", "@", 3600, "NS", target),
                    ("delete", "@", "NS", "ns2.e164.example."))
        self.assertEqual(len(self.at("@", "NS")), 1)

    def test_delete_apex_keeps_soa_and_ns(self):
        self.change(("add", "@", 60, "TXT", "apex"))
        self.assertEqual(self.at("@", "TXT"), ['60 TXT "apex"'])
        self.change(("delete", "@"))
        self.assertEqual(self.at("@", "TXT"), [])
        self.assertEqual(len(self.at("@", "SOA") + self.at("@", "NS")), 2)

    def test_cname(self):
        """3.4.2.2: neither beside the other; a new one replaces the old"""
        name = self.name()
        self.change(("add", name, 60, "CNAME", "a.example."))
        self.change(("add", name, 60, "A", "192.0.2.1"))
        self.assertEqual(self.at(name, "CNAME"), ["60 CNAME a.example."])
        self.change(("add", name, 60, "CNAME", "b.example."))
        self.assertEqual(self.at(name, "CNAME"), ["60 CNAME b.example."])
        other = self.name()
        self.change(("add", other, 60, "A", "192.0.2.1"))
        self.change(("add", other, 60, "CNAME", "a.example."))
        self.assertEqual(self.at(other), ["60 A 192.0.2.1"])
        self.change(("delete", other, "A"),
                    ("add", other, 60, "CNAME", "a.example."))
        self.assertEqual(self.at(other, "CNAME"), ["60 CNAME a.example."])

    def test_order_counts(self):
        name = self.name()
        self.change(("add", name, 60, "TXT", "first"), ("delete", name),
                    ("add", name, 60, "TXT", "second"))
        self.assertEqual(self.at(name), ['60 TXT "second"'])

    def test_atomic(self):
        """3.4.2.5: a change that is refused takes the others with it"""
        name = self.name()
        answer = self.change(("add", name, 60, "TXT", "x"),
                             ("add", self.name(), 60, "DNAME", "a.example."),
                             expect="REFUSED")
        self.assertIn("DNAME", answer.reason)
        self.assertEqual(answer.ede, 18)
        self.assertEqual(self.at(name), [])

    def test_serial(self):
        """3.6: a step exactly when public records change"""
        name = self.name()
        before = self.serial()
        self.change(("add", name, 60, "TXT", "x"))
        self.assertEqual(self.serial(), before + 1)
        self.change(("add", name, 60, "TXT", "x"))
        self.change(("delete", name, "A"))
        self.change(("add", name, 60, "TXT", "y"),
                    ("delete", name, "TXT", '"y"'))
        self.assertEqual(self.serial(), before + 1)
        self.change(("delete", name))
        self.assertEqual(self.serial(), before + 2)

    def test_compressed_names_in_rdata(self):
        """RFC 3597 4: expanded when they come, equal when they are deleted"""
        name = self.name()
        zone = wire.name_wire(bed.ZONE)
        head = struct.pack("!6H", 7, 0x2800, 1, 0, 1, 0) + zone + \
            struct.pack("!HH", 6, 1)
        owner = bytes([len(name)]) + name.encode() + b"\xc0\x0c"
        rdata = b"\0\12\4mail\xc0\x0c"
        data = head + owner + struct.pack("!HHIH", 15, 1, 60, len(rdata)) + \
            rdata
        answer = ub.send_bytes(registrar.address, ub.sign(data, key))
        self.assertEqual(answer.rcode, "NOERROR")
        self.assertEqual(self.at(name), ["60 MX 10 mail.e164.example."])
        self.change(("delete", name, "MX", "10 MAIL.e164.example."))
        self.assertEqual(self.at(name), [])

    def test_tcp(self):
        name = self.name()
        self.change(("add", name, 60, "TXT", "tcp"), transport="tcp")
        self.assertEqual(self.at(name), ['60 TXT "tcp"'])

    def test_large(self):
        """As long as a message can be, over TCP and UDP: all or nothing"""
        for transport, most in (("tcp", 65000), ("udp", 60000)):
            with self.subTest(transport):
                top = self.name()
                message = ub.message(key)
                count = 0
                size = 500
                while size < most:
                    message.add(f"n{count}.{top}", 60, "TXT", "x" * 100)
                    size += 120 + len(f"n{count}.")
                    count += 1
                answer = self.send(message, transport)
                self.assertEqual(answer.rcode, "NOERROR", answer)
                self.assertEqual(self.at(f"n{count - 1}.{top}"),
                                 [f'60 TXT "{"x" * 100}"'])
                message = ub.message(key)
                message.add(f"m.{top}", 60, "TXT", "x")
                message.present(f"n{count}.{top}")
                for i in range(count):
                    message.delete(f"n{i}.{top}")
                answer = self.send(message, transport)
                self.assertEqual(answer.rcode, "NXDOMAIN")
                self.assertEqual(self.at(f"m.{top}"), [])
                self.assertNotEqual(self.at(f"n0.{top}"), [])


class Refusals(Case):
    """What the message alone decides: RFC 2136 3.1, 3.2, 3.4.1"""

    def raw(self, zone=bed.ZONE, ztype=6, zclass=1, counts=None, prereqs=b"",
            updates=b"", signed=True, additional=b"", transport="udp"):
        counts = counts or (1, prereqs.count(b"\xc0\x0c"),
                            updates.count(b"\xc0\x0c"), 0)
        data = struct.pack("!6H", 77, 0x2800, *counts) + \
            wire.name_wire(zone) + struct.pack("!HH", ztype, zclass) + \
            prereqs + updates + additional
        if signed:
            data = ub.sign(data, key)
        answer = ub.send_bytes(registrar.address, data, transport)
        self.assertEqual(answer.head["id"], 77)
        self.assertEqual(answer.head["opcode"], 5)
        return answer

    def record(self, rrtype, rrclass, ttl=0, rdata=b"", owner=b"\1r\xc0\x0c"):
        return owner + struct.pack("!HHIH", rrtype, rrclass, ttl,
                                   len(rdata)) + rdata

    def test_zone_section(self):
        """3.1.1, 3.1.2; class first (CVE-2026-5946)"""
        self.assertEqual(self.raw().rcode, "NOERROR")
        for rrtype in (1, 2, 252, 255, 0):
            self.assertEqual(self.raw(ztype=rrtype).rcode, "FORMERR")
        for zclass in (0, 3, 4, 254, 255, 65535):
            self.assertEqual(self.raw(zclass=zclass).rcode, "NOTAUTH")
        for zone in ("example", "other.example", "1.e164.example", "",
                     "xe164.example", "w.w.e164.example"):
            self.assertEqual(self.raw(zone=zone).rcode, "NOTAUTH", zone)
        for zone in ("E164.EXAMPLE", "w.e164.example", "W.e164.Example"):
            self.assertEqual(self.raw(zone=zone).rcode, "NOERROR", zone)
        for count in (0, 2):
            self.assertEqual(self.raw(counts=(count, 0, 0, 0),
                                      signed=False).rcode, "FORMERR")

    def test_unsigned(self):
        """3.3: nobody is known to ask"""
        answer = self.raw(signed=False)
        self.assertEqual((answer.rcode, answer.is_signed), ("REFUSED", False))
        self.assertEqual(self.raw(signed=False, zone="other.example").rcode,
                         "NOTAUTH")
        self.assertEqual(self.raw(signed=False, ztype=1).rcode, "FORMERR")
        message = ub.message()
        message.add("x", 60, "TXT", "x")
        answer = self.send(message)
        self.assertEqual((answer.rcode, answer.ede), ("REFUSED", 18))
        self.assertIn("signed", answer.reason)

    def test_names_outside(self):
        """NOTZONE, in both sections"""
        outside = b"\1r\7example\0"
        for section in ("prereqs", "updates"):
            line = self.record(16, 255, owner=outside)
            counts = (1, 1, 0, 0) if section == "prereqs" else (1, 0, 1, 0)
            answer = self.raw(**{section: line}, counts=counts)
            self.assertEqual(answer.rcode, "NOTZONE", section)
        # the whois zone is smaller than the zone
        line = self.record(16, 255, owner=b"\1r" + wire.name_wire(bed.ZONE))
        self.assertEqual(self.raw(zone="w." + bed.ZONE, updates=line,
                                  counts=(1, 0, 1, 0)).rcode, "NOTZONE")

    def test_prerequisite_form(self):
        """3.2: TTL, data, class"""
        good = [(16, 255), (255, 255), (16, 254), (255, 254)]
        for rrtype, rrclass in good:
            self.assertIn(self.raw(prereqs=self.record(
                rrtype, rrclass)).rcode, ("NOERROR", "NXRRSET", "NXDOMAIN"))
            for bad in (self.record(rrtype, rrclass, ttl=1),
                        self.record(rrtype, rrclass, rdata=b"\1x")):
                self.assertEqual(self.raw(prereqs=bad).rcode, "FORMERR")
        for bad in (self.record(16, 3), self.record(16, 0),
                    self.record(16, 1, ttl=5, rdata=b"\1x"),
                    self.record(16, 1), self.record(1, 1, rdata=b"\1\2\3"),
                    self.record(255, 1, rdata=b"x")):
            self.assertEqual(self.raw(prereqs=bad).rcode, "FORMERR")

    def test_update_form(self):
        """3.4.1.2"""
        meta = (0, 41, 249, 251, 252, 253, 254)
        bad = [self.record(16, rrclass, rdata=b"\1x")
               for rrclass in (0, 2, 3, 4, 100, 65535)]
        bad += [self.record(rrtype, rrclass, rdata=rdata)
                for rrtype in meta for rrclass, rdata in
                ((1, b"\1x"), (255, b""), (254, b"\1x"))]
        bad += [self.record(255, 1), self.record(255, 254),
                self.record(16, 255, ttl=1), self.record(255, 255, ttl=1),
                self.record(16, 255, rdata=b"\1x"),
                self.record(255, 255, rdata=b"\1x"),
                self.record(16, 254, ttl=1, rdata=b"\1x"),
                self.record(16, 1), self.record(16, 254),
                self.record(1, 1, rdata=b"\1\2\3"),
                self.record(2, 1, rdata=b"\3abc"),
                self.record(16, 1, rdata=b"\5abc")]
        before = self.serial()
        for line in bad:
            self.assertEqual(self.raw(updates=line, counts=(1, 0, 1, 0)).rcode,
                             "FORMERR", line)
        self.assertEqual(self.serial(), before)

    def test_counts(self):
        """Bytes that no record accounts for, records that are not there"""
        line = self.record(16, 1, 60, b"\1x")
        for counts in ((1, 0, 0, 0), (1, 0, 2, 0), (1, 1, 1, 0),
                       (1, 65535, 65535, 65535)):
            self.assertEqual(self.raw(updates=line, counts=counts,
                                      signed=False).rcode, "FORMERR")

    def test_pseudo_names_hold_text_only(self):
        """What the registry makes of a PIN cannot be written by hand"""
        for name in ("_pin", "_has", "_code"):
            message = ub.message(key)
            message.add(f"{name}.3.2.1.0.5.5.5.1.0.2.1", 0,
                        dns.rdatatype.RdataType.make(65282), "\\# 1 00")
            self.assertEqual(self.send(message).rcode, "REFUSED")

    def test_responses_and_short_messages_get_silence(self):
        """CVE-2020-8617: a response is never taken for a request"""
        message = ub.message(key)
        message.add("x", 60, "TXT", "x")
        answer = self.send(message)
        for data in (answer.data, message.to_wire()[:2] + b"\xa8\0" +
                     message.to_wire()[4:], message.to_wire()[:11], b"(" * 3):
            self.assertIsNone(wire.ask_udp(registrar.address, data, 0.3))
        # and the server is there
        self.assertEqual(self.raw().rcode, "NOERROR")

    def test_edns_version(self):
        message = ub.message(key)
        message.use_edns(1)
        self.assertEqual(self.send(message).rcode, "BADVERS")

    def test_no_edns_no_opt(self):
        message = ub.message(key, edns=False)
        message.add("x", 60, "DNAME", "a.example.")
        answer = self.send(message)
        self.assertEqual((answer.rcode, answer.message.edns),
                         ("REFUSED", -1))

    def test_tsig_must_be_last_and_one(self):
        """CVE-2016-7074"""
        data = struct.pack("!6H", 77, 0x2800, 1, 0, 0, 0) + \
            wire.name_wire(bed.ZONE) + struct.pack("!HH", 6, 1)
        signed = ub.sign(data, key)
        self.assertEqual(ub.Answer(ub.exchange(
            registrar.address, ub.sign(signed, key))).rcode, "FORMERR")
        trailing = signed[:10] + b"\0\2" + signed[12:] + wire.EDNS
        self.assertEqual(ub.Answer(ub.exchange(
            registrar.address, trailing)).rcode, "FORMERR")

    def test_errors_are_never_signed_for_strangers(self):
        """CVE-2017-3142, 3143; RFC 8945 5.3.2"""
        good = ub.message(key)
        good.add("never", 60, "TXT", "x")
        data = bytearray(good.to_wire())
        data[-20] ^= 1  # inside the MAC
        answer = wire.ask_udp(registrar.address, bytes(data))
        head, (_, _, additional) = wire.sections(answer)
        self.assertEqual(head["rcode"], 9)
        tsig = [rr for rr in additional if rr[1] == 250][0][3]
        after = wire._name(tsig, 0)[1]
        _, fudge, mac_len = struct.unpack("!6sHH", tsig[after:after + 10])
        self.assertEqual(mac_len, 0)
        error = struct.unpack("!H", tsig[after + 12:after + 14])[0]
        self.assertEqual(error, 16)  # BADSIG
        self.assertEqual(self.at("never"), [])

    def test_time(self):
        """CVE-2017-11104, 2016-7073: MAC first, then time; other data"""
        data = struct.pack("!6H", 77, 0x2800, 1, 0, 0, 0) + \
            wire.name_wire(bed.ZONE) + struct.pack("!HH", 6, 1)
        for shift in (-400, 400, -100000):
            signed = ub.sign(data, key, int(time.time()) + shift, 65535)
            answer = wire.ask_udp(registrar.address, signed)
            head, (_, _, additional) = wire.sections(answer)
            self.assertEqual(head["rcode"], 9)
            tsig = [rr for rr in additional if rr[1] == 250][0][3]
            after = wire._name(tsig, 0)[1]
            mac_len = struct.unpack("!H", tsig[after + 8:after + 10])[0]
            self.assertEqual(mac_len, 32)  # signed
            rest = tsig[after + 10 + mac_len:]
            _, error, other = struct.unpack("!HHH", rest[:6])
            self.assertEqual((error, other), (18, 6))
            now = int.from_bytes(rest[6:], "big")
            self.assertLess(abs(now - time.time()), 60)


class Connections(Case):
    """Answers that come later, over TCP and UDP"""

    def test_pipelined(self):
        """A connection has many on their way; each answered once"""
        messages = []
        for i in range(600):  # more than may wait at a time
            message = ub.message(key)
            message.id = i
            message.add(f"pipe{i}", 60, "TXT", "x")
            messages.append(message.to_wire())
        with wire.Tcp(registrar.address, 30) as connection:
            connection.send(*messages)
            seen = set()
            for _ in messages:
                head, _ = wire.sections(connection.recv())
                self.assertEqual(head["rcode"], 0)
                seen.add(head["id"])
        self.assertEqual(len(seen), len(messages))
        self.assertEqual(self.at("pipe599"), ['60 TXT "x"'])

    def test_queries_do_not_wait(self):
        """RFC 7766 6.2.1.1: a query behind an update is answered first or
        after it, but both are"""
        message = ub.message(key)
        message.id = 1
        message.add(self.name(), 60, "TXT", "x")
        with wire.Tcp(registrar.address, 10) as connection:
            connection.send(message.to_wire(), wire.query(bed.ZONE, "SOA", 2))
            seen = {wire.sections(connection.recv())[0]["id"]
                    for _ in range(2)}
        self.assertEqual(seen, {1, 2})

    def test_half_closed(self):
        """The client's end of sending is not the end of the answers"""
        names = [self.name() for _ in range(20)]
        with wire.Tcp(registrar.address, 10) as connection:
            for name in names:
                message = ub.message(key)
                message.add(name, 60, "TXT", "x")
                connection.send(message.to_wire())
            connection.sock.shutdown(1)
            for _ in names:
                self.assertEqual(wire.sections(connection.recv())[0]["rcode"],
                                 0)
            self.assertIsNone(connection.recv())

    def test_gone_meanwhile(self):
        """A client that does not wait: the change is made, descriptors come
        back (CVE-2022-0396)"""
        def open_files():
            return len(os.listdir(f"/proc/{registrar.child.pid}/fd"))
        before = open_files()
        names = [self.name() for _ in range(100)]
        for name in names:
            message = ub.message(key)
            message.add(name, 60, "TXT", "x")
            with wire.Tcp(registrar.address) as connection:
                connection.send(message.to_wire())
                connection.sock.setsockopt(1, 13, struct.pack("ii", 1, 0))
        for name in names:
            bed.until("the change is made",
                      lambda: self.at(name, "TXT") == ['60 TXT "x"'], 10)
        bed.until("the descriptors are back",
                  lambda: open_files() <= before + 2, 10)

    def test_stopping_answers_what_is_in_hand(self):
        """SIGTERM: what was taken in is decided and answered"""
        other = bed.Registrar()
        other.init("--ns", "ns1=127.0.0.1")
        other.start()
        by = ub.authority(other)
        with wire.Tcp(other.address, 20) as connection:
            for i in range(200):
                message = ub.message(by)
                message.add(f"stop{i}", 60, "TXT", "x")
                connection.send(message.to_wire())
            first = connection.recv()
            self.assertIsNotNone(first)
            other.child.terminate()
            answers = 1
            while connection.recv() is not None:
                answers += 1
        self.assertEqual(other.child.wait(30), 0)
        other.start()
        found = sum(ub.records(other.address, f"stop{i}", "TXT") != []
                    for i in range(200))
        self.assertGreaterEqual(found, answers)
        other.stop()


class Clients(Case):
    """nsupdate and knsupdate"""

    def test_both(self):
        for program in ("nsupdate", "knsupdate"):
            for words in ((), ("-v",)):
                with self.subTest(f"{program} {words}"):
                    name = f"{self.name()}.{bed.ZONE}."
                    short = name.split(".", maxsplit=1)[0]
                    done = ub.nsupdate(
                        registrar, [f"prereq nxdomain {name}",
                                    f"update add {name} 300 TXT \"one\"",
                                    f"update add {name} 300 A 192.0.2.7"],
                        program=program, words=words)
                    self.assertEqual(done.returncode, 0, done)
                    self.assertEqual(ub.rcode_of(done), "NOERROR", done)
                    self.assertEqual(len(self.at(short)), 2)
                    done = ub.nsupdate(
                        registrar, [f"prereq nxdomain {name}",
                                    f"update add {name} 300 TXT \"two\""],
                        program=program, words=words)
                    self.assertIn("YXDOMAIN", done.stdout + done.stderr)
                    done = ub.nsupdate(
                        registrar, [f"prereq yxrrset {name} TXT \"one\"",
                                    f"update delete {name}"],
                        program=program, words=words)
                    self.assertEqual(done.returncode, 0, done)
                    self.assertEqual(self.at(short), [])


class Limits(Case):
    """What a message may cost (CVE-2016-6170, 2024-1737, 2016-2776, ...)"""

    def test_records_of_a_type(self):
        """100 records an RRset, 100 types a name; one more: REFUSED"""
        name = self.name()
        self.change(*[("add", name, 60, "A", f"192.0.2.{i}")
                      for i in range(100)])
        answer = self.change(("add", name, 60, "A", "192.0.2.200"),
                             expect="REFUSED")
        self.assertIn("100", answer.reason)
        self.assertEqual(len(self.at(name, "A")), 100)
        name = self.name()
        types = [dns.rdatatype.RdataType.make(1000 + i) for i in range(101)]
        self.change(*[("add", name, 60, one, "\\# 1 00")
                      for one in types[:100]])
        self.change(("add", name, 60, types[100], "\\# 1 00"),
                    expect="REFUSED")

    def padded(self, length):
        """A signed message of exactly so many bytes: many TXT records."""
        name = self.name()
        tsig = len(ub.sign(self.head(0), key)) - len(self.head(0))
        body = b""
        left = length - len(self.head(0)) - tsig
        owner = bytes([len(name)]) + name.encode() + b"\xc0\x0c"
        count = 0
        while left > 0:
            fixed = len(owner) + 10
            most = left - fixed
            text = min(most - 1, 255)
            if 0 < most - 1 - text < fixed + 12:
                text -= fixed + 12  # leave room for a last one
            data = bytes([text]) + (b"%08d" % count).ljust(text, b"x")[:text]
            body += owner + struct.pack("!HHIH", 16, 1, 60, len(data)) + data
            left = length - len(self.head(0)) - tsig - len(body)
            count += 1
            if count % 100 == 0:
                name = self.name()
                owner = bytes([len(name)]) + name.encode() + b"\xc0\x0c"
        return ub.sign(self.head(count) + body, key), name

    @staticmethod
    def head(count):
        return struct.pack("!6H", 7, 0x2800, 1, 0, count, 0) + \
            wire.name_wire(bed.ZONE) + struct.pack("!HH", 6, 1)

    def test_sizes(self):
        """Around the limits of pointers, of our buffers, of messages"""
        for length in (511, 512, 513, 1232, 4095, 4096, 4097, 16383, 16384,
                       16385, 65507, 65534, 65535):
            for transport in ("udp", "tcp"):
                if transport == "udp" and length > 65507:
                    continue
                with self.subTest(f"{length} {transport}"):
                    data, name = self.padded(length)
                    self.assertEqual(len(data), length)
                    answer = ub.send_bytes(registrar.address, data, transport)
                    self.assertEqual((answer.rcode, answer.is_signed),
                                     ("NOERROR", True))
                    self.assertNotEqual(self.at(name, "TXT"), [])

    def test_compression_traps(self):
        """CVE-2015-1868 and kin: pointers go strictly backwards"""
        head = self.head(1)
        for owner in (b"\xc0" + bytes([len(head)]), b"\xc0\xff", b"\xff\xff",
                      b"\1a\xc0" + bytes([len(head)]),
                      b"\x40a\0", b"\x80a\0", b"\xc0\0"):
            data = ub.sign(head + owner + struct.pack(
                "!HHIH", 16, 1, 60, 2) + b"\1x", key)
            answer = ub.send_bytes(registrar.address, data)
            self.assertEqual(answer.rcode, "FORMERR", owner)
        for rdata in (b"\xc0\xff", b"\1a\xc0\xff", b"\xc0\x0c\xc0\x0c", b""):
            data = ub.sign(head + b"\1x\xc0\x0c" + struct.pack(
                "!HHIH", 2, 1, 60, len(rdata)) + rdata, key)
            self.assertEqual(ub.send_bytes(registrar.address, data).rcode,
                             "FORMERR", rdata)

    def test_names_by_the_thousand(self):
        """No work that goes with the square of the number of names"""
        message = ub.message(key)
        for i in range(2500):
            message.absent(f"{i}.many", "A")
        began = time.monotonic()
        answer = self.send(message, "tcp")
        self.assertEqual(answer.rcode, "NOERROR", answer)
        self.assertLess(time.monotonic() - began, 2)

    def test_dnssec_types(self):
        """CVE-2023-50868: what the signer makes is not taken by UPDATE"""
        for rrtype, text in (("NSEC3PARAM", "1 0 100 ab"),
                             ("NSEC", "a.example. A"),
                             ("RRSIG", "A 13 2 60 20300101000000 "
                              "20200101000000 1 e164.example. AAAA")):
            self.change(("add", "@" if rrtype == "NSEC3PARAM" else
                         self.name(), 60, rrtype, text), expect="REFUSED")

    def test_sig0_is_not_looked_at(self):
        """A SIG(0) record signs nothing here: REFUSED as unsigned"""
        rdata = struct.pack("!HBBIIIHH", 0, 13, 0, 0, 2**31 - 1, 0, 1, 0) + \
            b"\0" * 32
        sig = b"\0" + struct.pack("!HHIH", 24, 255, 0, len(rdata)) + rdata
        data = bytearray(self.head(0) + sig)
        data[11] = 1
        answer = ub.send_bytes(registrar.address, bytes(data))
        self.assertEqual(answer.rcode, "REFUSED")

    def test_strangers_take_no_place(self):
        """CVE-2022-3094: unsigned messages wait for nobody"""
        message = ub.message().to_wire()
        with wire.Tcp(registrar.address, 20) as connection:
            connection.send(*[message] * 5000)
            for _ in range(5000):
                self.assertEqual(wire.sections(connection.recv())[0]["rcode"],
                                 wire.REFUSED)

    def test_sender_that_does_not_read(self):
        """CVE-2024-0760: its answers wait in its own buffers; others go on"""
        hog = wire.Tcp(registrar.address, 1, rcvbuf=4096)
        block = b""
        for i in range(400):
            message = ub.message(key)
            message.id = i
            message.present("@")
            data = message.to_wire()
            block += struct.pack("!H", len(data)) + data
        try:
            for _ in range(40):
                hog.sock.sendall(block)
        except (TimeoutError, ConnectionError):
            pass
        name = self.name()
        began = time.monotonic()
        self.change(("add", name, 60, "TXT", "x"))
        self.assertLess(time.monotonic() - began, 2)
        hog.close()

    def test_mutated_messages(self):
        """Bytes changed under the signature, or without one: an answer that
        is a message, or none; nothing changes"""
        rng = random.Random(5)
        seeds = []
        for signed in (True, False):
            message = ub.message(key if signed else None)
            message.absent("mutant")
            message.add("mutant", 60, "TXT", "x")
            message.add("mutant", 60, "NS", "ns1.e164.example.")
            message.delete("mutant", "A")
            seeds.append(message.to_wire())
        # done once: what keeps the MAC (the case of the key's name) repeats it
        mac = dns.message.from_wire(seeds[0], key.ring).mac
        self.assertEqual(ub.Answer(wire.ask_udp(
            registrar.address, seeds[0]), key.ring, mac).rcode, "NOERROR")
        there = self.at("mutant")
        before = registrar.status()
        count = 100000 if bed.Options.is_long else 4000
        batch = []
        for _ in range(count):
            data = bytearray(rng.choice(seeds))
            for _ in range(rng.choice((1, 1, 2, 8))):
                form = rng.randrange(4)
                at = rng.randrange(2, len(data))
                if form == 0:
                    data[at] ^= 1 << rng.randrange(8)
                elif form == 1:
                    data[at] = rng.randrange(256)
                elif form == 2:
                    del data[at:]
                    data += bytes(max(0, 12 - len(data)))
                else:
                    data[at:at] = rng.randbytes(rng.randrange(1, 9))
            if data[2:] != rng.choice(seeds)[2:]:
                batch.append(bytes(data))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(registrar.address)
            sock.settimeout(0.2)
            answers = 0
            for start in range(0, len(batch), 50):
                for data in batch[start:start + 50]:
                    sock.send(data)
                try:
                    while True:
                        wire.sections(sock.recv(65535))
                        answers += 1
                        if answers >= start + 50:
                            break
                except socket.timeout:
                    answers = start + 50
        after = registrar.status()
        self.assertTrue(registrar.is_alive())
        self.assertEqual(after["serial"], before["serial"])
        self.assertEqual(self.at("mutant"), there)

    def test_mutated_then_signed(self):
        """The same with a good signature: whatever they mean, an answer"""
        rng = random.Random(6)
        message = ub.message()
        message.absent("mutant2")
        message.add("mutant2", 60, "TXT", "x")
        message.add("mutant2", 60, "MX", "1 ns1.e164.example.")
        message.delete("mutant2", "A")
        seed = message.to_wire()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(registrar.address)
            sock.settimeout(5)
            for _ in range(20000 if bed.Options.is_long else 1000):
                data = bytearray(seed)
                for _ in range(rng.choice((1, 2, 3))):
                    data[rng.randrange(12, len(data))] = rng.randrange(256)
                sock.send(ub.sign(bytes(data), key))
                wire.sections(sock.recv(65535))
        self.assertTrue(registrar.is_alive())


class Disk(unittest.TestCase):
    def test_low(self):
        """Below the watermark: SERVFAIL with the reason, queries go on"""
        other = bed.Registrar(extra="low-disk: 60T\n")
        other.init("--ns", "ns1=127.0.0.1")
        other.start()
        by = ub.authority(other)
        message = ub.message(by)
        message.add("x", 60, "TXT", "x")
        answer = ub.send(other.address, message)
        self.assertEqual((answer.rcode, answer.is_signed),
                         ("SERVFAIL", True))
        self.assertIn("space", answer.reason)
        self.assertNotIn("/", answer.reason)
        self.assertIn("not-decided", other.log_text())
        self.assertEqual(len(ub.records(other.address, "@", "SOA")), 1)
        other.stop()


class Reasons(Case):
    def test_log_and_explain(self):
        """A refusal is in the log with an id that explain knows"""
        name = self.name()
        self.change(("present", name), expect="NXDOMAIN")
        lines = [line for line in registrar.log_text().splitlines()
                 if "update-refused" in line and name in line]
        self.assertEqual(len(lines), 1)
        self.assertIn("name-missing", lines[0])
        self.assertIn("127.0.0.1@", lines[0])
        self.assertIn("authority", lines[0])
        text = registrar.ctl("explain", "name-missing").stdout
        self.assertIn("NXDOMAIN", text)

    def test_counters(self):
        before = registrar.status()
        self.change(("present", "@"))
        self.change(("absent", "@"), expect="YXDOMAIN")
        self.send(ub.message())
        after = registrar.status()
        for counter, step in (("received", 3), ("done", 1), ("refused", 1),
                              ("unverified", 1)):
            name = f"update_{counter}"
            self.assertEqual(after[name] - before[name], step, name)


class Races(unittest.TestCase):
    def test_two_nsupdates(self):
        """Two carriers after the same numbers: one winner each, the other
        YXDOMAIN"""
        other = bed.Registrar()
        other.init("--ns", "ns1=127.0.0.1")
        other.start()
        other.ctl("pool", "open", "1201555")
        count = 1000 if bed.Options.is_long else 200
        numbers = [f"1201555{i:04d}" for i in range(count)]
        children = {}
        for ocn in ("1510", "5678"):
            path = os.path.join(other.directory, ocn)
            with open(path, "w") as out:
                out.write(other.ctl("key", "add", f"k{ocn}", "--role",
                                    "carrier", "--ocn", ocn).stdout)
            script = os.path.join(other.directory, f"script{ocn}")
            with open(script, "w") as out:
                out.write(f"server {bed.LOOPBACK} {other.port}\n"
                          f"zone {bed.ZONE}.\n")
                for number in numbers:
                    name = wire.owner_of(number, bed.ZONE)
                    out.write(f"prereq nxdomain {name}.\n"
                              f"update add {name}. 300 TXT \"ocn={ocn}\"\n"
                              "send\nanswer\n")
            children[ocn] = subprocess.Popen(
                [bed.tool("nsupdate"), "-k", path, script],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        won = {}
        for ocn, child in children.items():
            text = child.communicate(timeout=300)[0]
            won[ocn] = [code == "NOERROR" for code in
                        re.findall(r"status: (\w+)", text)]
            self.assertEqual(set(re.findall(r"status: (\w+)", text)) -
                             {"NOERROR", "YXDOMAIN"}, set())
            self.assertEqual(len(won[ocn]), count)
        for i, number in enumerate(numbers):
            self.assertNotEqual(won["1510"][i], won["5678"][i], number)
            winner = "1510" if won["1510"][i] else "5678"
            name = wire.owner_of(number, bed.ZONE).removesuffix("." + bed.ZONE)
            self.assertEqual(ub.records(other.address, name, "TXT"),
                             [f'300 TXT "ocn={winner}"'])
        other.stop()

    def test_dnsperf(self):
        """dnsperf -u: all done, none lost"""
        other = bed.Registrar()
        other.init("--ns", "ns1=127.0.0.1")
        other.start()
        path = os.path.join(other.directory, "updates")
        with open(path, "w") as out:
            for i in range(3000):
                out.write(f"{bed.ZONE}\nprohibit p{i}\n"
                          f"add p{i} 300 TXT \"x\"\nsend\n")
        done = bed.run([bed.tool("dnsperf"), "-u", "-y",
                        ub.authority(other).for_dnsperf(), "-s",
                        bed.LOOPBACK, "-p", str(other.port), "-d", path,
                        "-n", "1", "-q", "64"])
        self.assertIn("NOERROR 3000 (100.00%)", done.stdout)
        self.assertRegex(done.stdout, r"Updates lost: +0 ")
        other.stop()


class BesideBind(Case):
    """The same messages to BIND and to us: the same RCODEs, the same records.
    Other names than numbers, where RFC 2136 alone rules."""

    NAMES = ["x1", "x2", "a.x1", "*.x2", "@"]
    DATA = {"A": ["192.0.2.1", "192.0.2.2"], "TXT": ['"a"', '"b" "c"'],
            "MX": ["10 mx.example."], "CNAME": ["x1", "c.example."],
            "NS": ["ns1", "ns2.example."], "AAAA": ["2001:db8::1"],
            "SRV": ["1 2 3 srv.example."]}

    def lines(self, rng):
        """One random message as steps."""
        steps = []
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            name = rng.choice(self.NAMES)
            rrtype = rng.choice(list(self.DATA))
            form = rng.randrange(5)
            if form < 2:
                steps.append((("present", "absent")[form], name))
            elif form < 4:
                steps.append((("present", "absent")[form - 2], name, rrtype))
            else:
                steps.append(("present", name, rrtype, *rng.sample(
                    self.DATA[rrtype], rng.randint(
                        1, len(self.DATA[rrtype])))))
        for _ in range(rng.randint(1, 3)):
            name = rng.choice(self.NAMES)
            rrtype = rng.choice(list(self.DATA))
            if rrtype == "NS" and name == "*.x2":
                continue  # BIND leaves such an add out, silently
            data = rng.choice(self.DATA[rrtype])
            form = rng.randrange(6)
            if form < 3:
                steps.append(("add", name, rng.choice((60, 300)), rrtype,
                              data))
            elif form == 3:
                steps.append(("delete", name, rrtype, data))
            elif form == 4:
                steps.append(("delete", name, rrtype))
            else:
                steps.append(("delete", name))
        return steps

    def test_random_messages(self):
        other = bed.Registrar()
        other.init("--ns", "ns1=127.0.0.1")
        other.start()
        by = ub.authority(other)
        zone_file = other.export("zone", os.path.join(other.directory, "z"))
        bind = BindWithKey(zone_file, by).start()
        count = 3000 if bed.Options.is_long else 400
        seed = int(os.environ.get("E164D_TEST_SEED", "1"))
        rng = random.Random(seed)
        for turn in range(count):
            steps = self.lines(rng)
            codes = []
            for address in (bind.address, other.address):
                message = ub.message(by)
                for method, *arguments in steps:
                    getattr(message, method)(*arguments)
                codes.append(ub.send(address, message).rcode)
            self.assertEqual(codes[0], codes[1], (seed, turn, steps))
            if turn % 10 == 9:
                for name in self.NAMES:
                    self.assertEqual(
                        self.public(bind.address, name),
                        self.public(other.address, name),
                        (seed, turn, name, steps))
        bind.stop()
        other.stop()

    @staticmethod
    def public(address, name):
        return [line for line in ub.records(address, name)
                if " SOA " not in line]


class BindWithKey(stock.Bind):
    """BIND as the primary of a copy of the zone, for updates by one key."""

    def __init__(self, zone_file, by):
        self.by = by
        super().__init__(zone_file)

    def settings(self):
        return super().settings().replace(
            f'file "{self.zone_file}";', f'file "{self.zone_file}"; '
            f'allow-update {{ key "{self.by.name}"; }};') + (
            f'key "{self.by.name}" {{ algorithm {self.by.algorithm}; '
            f'secret "{self.by.secret}"; }};\n')


if __name__ == "__main__":
    unittest.main()
