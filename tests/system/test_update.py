"""RFC 2136 as stock clients see it: prerequisites, updates, refusals, over UDP
and TCP, with the authority's key."""

import itertools
import os
import random
import struct
import time
import unittest

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
