"""RFC 7766 and hostile clients: everybody is answered or shown the door, and
nobody keeps others waiting."""

import os
import random
import struct
import time
import unittest

import bed
import numbers_bed as numbers
import wire

NUMBER = "12015550123"
NAME = wire.owner_of(NUMBER, bed.ZONE)


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registrar = bed.Registrar()
        cls.registrar.init("--ns", "ns1=127.0.0.1")
        cls.registrar.start()
        path = os.path.join(cls.registrar.directory, "numbers.csv")
        with open(path, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.write(numbers.csv_row("1201555*", "1510"))
            out.write(numbers.csv_row(NUMBER, "1510",
                                      f"sip:+{NUMBER}@carrier.example"))
        cls.registrar.ctl("import", path)
        cls.address = cls.registrar.address

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    def serves(self, within=1.0):
        """A stranger is answered quickly, over UDP and TCP."""
        began = time.monotonic()
        answer = wire.ask_udp(self.address, wire.query(NAME, "NAPTR"))
        self.assertIsNotNone(answer)
        self.assertEqual(wire.gist(answer)[0], wire.NOERROR)
        with wire.Tcp(self.address) as tcp:
            tcp.send(wire.query(NAME, "NAPTR"))
            self.assertEqual(wire.gist(tcp.recv())[0], wire.NOERROR)
        self.assertLess(time.monotonic() - began, within)
        self.assertTrue(self.registrar.is_alive())


class TcpClients(Base):
    def test_pipelining(self):
        """1,000 queries in one go are all answered; any order."""
        count = 1000
        with wire.Tcp(self.address, 10) as tcp:
            tcp.send(*(wire.query(NAME, "NAPTR", i) for i in range(count)))
            seen = set()
            for _ in range(count):
                head, found = wire.sections(tcp.recv())
                self.assertEqual(len(found[0]), 1)
                seen.add(head["id"])
            self.assertEqual(seen, set(range(count)))

    def test_one_byte_at_a_time(self):
        """A message in many segments is a message."""
        with wire.Tcp(self.address) as tcp:
            message = wire.query(NAME, "TXT", 7)
            for byte in struct.pack("!H", len(message)) + message:
                tcp.sock.sendall(bytes([byte]))
            self.assertEqual(wire.sections(tcp.recv())[0]["id"], 7)

    def test_half_closed_connection(self):
        """Who says that it is done still gets its answers."""
        with wire.Tcp(self.address) as tcp:
            tcp.send(*(wire.query(NAME, "TXT", i) for i in range(10)))
            tcp.sock.shutdown(1)
            self.assertEqual(
                {wire.sections(tcp.recv())[0]["id"] for _ in range(10)},
                set(range(10)))
            self.assertIsNone(tcp.recv())

    def test_many_connections(self):
        """500 connections at once, each asks three times."""
        clients = [wire.Tcp(self.address, 10) for _ in range(500)]
        try:
            for turn in range(3):
                for client in clients:
                    client.send(wire.query(NAME, "TXT", turn))
                for client in clients:
                    self.assertEqual(
                        wire.sections(client.recv())[0]["id"], turn)
            self.serves()
        finally:
            for client in clients:
                client.close()

    def test_more_connections_than_allowed(self):
        """Past the limit strangers still get in; memory stays bounded."""
        clients = []
        try:
            for _ in range(1300):
                clients.append(wire.Tcp(self.address, 10))
            time.sleep(0.2)
            answer = wire.ask_udp(self.address, wire.query(NAME, "NAPTR"))
            self.assertEqual(wire.gist(answer)[0], wire.NOERROR)
        finally:
            for client in clients:
                client.close()
        bed.until("TCP works again", self.tcp_works, 15)
        self.serves()

    def tcp_works(self, source=bed.LOOPBACK):
        try:
            with wire.Tcp(self.address, 2, source=source) as tcp:
                tcp.send(wire.query(NAME, "NAPTR"))
                return tcp.recv() is not None
        except OSError:
            return False

    def test_one_client_holds_all_connections(self):
        """Who holds every connection, each in the middle of a message, does
        not keep a client with another address out."""
        clients = []
        try:
            for _ in range(1100):
                clients.append(wire.Tcp(self.address, 10))
                clients[-1].sock.send(b"\0")
            time.sleep(0.2)
            for _ in range(10):
                self.assertTrue(self.tcp_works("127.0.0.77"))
        finally:
            for client in clients:
                client.close()
        bed.until("TCP works again", self.tcp_works, 15)

    def test_slow_reader(self):
        """Who asks and does not read is dropped; others do not notice, and
        what waits for it is bounded."""
        before = self.registrar.memory()
        clients = [wire.Tcp(self.address, 1, rcvbuf=4096) for _ in range(20)]
        message = wire.query(NAME, "NAPTR")
        chunk = (struct.pack("!H", len(message)) + message) * 1000
        try:
            for client in clients:
                client.sock.setblocking(False)
            end = time.monotonic() + 3
            while time.monotonic() < end:
                for client in clients:
                    try:
                        client.sock.send(chunk)
                    except (BlockingIOError, ConnectionError):
                        pass
                self.serves()
            self.assertLess(self.registrar.memory() - before, 64 << 20)
            time.sleep(5)  # the limit: output must move within 5 s
            closed = sum(c.closed_within(10) for c in clients)
            self.assertEqual(closed, len(clients))
        finally:
            for client in clients:
                client.close()
        self.serves()

    def test_drip_feed(self):
        """A message that does not become whole within 5 s is not waited
        for, however steadily its bytes come."""
        with wire.Tcp(self.address) as tcp:
            message = b"\0" + struct.pack("!B", 200) + wire.query(NAME, "TXT")
            began = time.monotonic()
            tcp.sock.setblocking(False)
            at = 0
            while time.monotonic() - began < 12:
                try:
                    if at < len(message):
                        tcp.sock.send(message[at:at + 1])
                        at += 1
                    if tcp.sock.recv(1) == b"":
                        break
                except BlockingIOError:
                    pass
                except ConnectionError:
                    break
                time.sleep(0.25)
            self.assertLess(time.monotonic() - began, 8)
        self.serves()

    def test_idle_connection(self):
        """An idle connection is closed, not at once."""
        with wire.Tcp(self.address) as tcp:
            tcp.send(wire.query(NAME, "TXT"))
            self.assertIsNotNone(tcp.recv())
            self.assertFalse(tcp.closed_within(3))
            self.assertTrue(tcp.closed_within(15))

    def test_reset_with_answers_waiting(self):
        """Clients that vanish in the middle do no harm."""
        for _ in range(200):
            tcp = wire.Tcp(self.address)
            tcp.send(*(wire.query(NAME, "NAPTR") for _ in range(20)))
            tcp.sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER
            tcp.close()
        self.serves()

    def test_short_message_over_tcp(self):
        """Lengths below a header and zero: closed or ignored, never fatal."""
        for body in (b"", b"\0", b"\0" * 11):
            with wire.Tcp(self.address, 2) as tcp:
                tcp.send(body)
                tcp.closed_within(0.3)
        self.serves()


class SteadyReader(unittest.TestCase):
    def test_slow_but_steady_reader(self):
        """Who takes its answers slowly but steadily keeps its connection,
        also after a fast start, when the kernel's buffers are large."""
        registrar = bed.Registrar(extra="tcp:\n  write: 2s\n")
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        path = os.path.join(registrar.directory, "large.zone")
        with open(path, "w") as out:
            strings = " ".join('"' + "x" * 250 + '"' for _ in range(240))
            out.write(f"$ORIGIN {bed.ZONE}.\n"
                      "@ 300 SOA ns1 host 1 3600 900 604800 300\n"
                      f"large 300 TXT {strings}\n")
        registrar.ctl("import", path)
        # of a larger buffer more must be read before its window opens again
        with wire.Tcp(registrar.address, rcvbuf=1 << 18) as tcp:
            tcp.send(*[wire.query(f"large.{bed.ZONE}", "TXT")] * 600)
            fast = 0
            while fast < 16 << 20:
                fast += len(tcp.sock.recv(1 << 20))
            for _ in range(50):
                self.assertTrue(tcp.sock.recv(40000))
                time.sleep(0.1)
            self.assertEqual(registrar.status()["net_tcp_timed_out"], 0)
        registrar.stop()


class Hostile(Base):
    def answer(self, message):
        return wire.ask_udp(self.address, message, 0.5)

    def rcode(self, message):
        answer = self.answer(message)
        self.assertIsNotNone(answer, message.hex())
        self.assertEqual(answer[:2], message[:2])
        self.assertTrue(answer[2] & 0x80)
        return answer[3] & 15

    def test_silence(self):
        """Only responses and messages under 12 bytes get no answer."""
        self.assertIsNone(self.answer(wire.query(NAME, "TXT", flags=0x8000)))
        self.assertIsNone(self.answer(b""))
        for length in (1, 2, 11):
            self.assertIsNone(self.answer(b"\x12\x34\0\0\0\1\0\0\0\0\0"
                                          [:length]))
        self.serves()

    def test_opcodes(self):
        """What is neither QUERY nor UPDATE is NOTIMP (NOTIFY too, today)."""
        for opcode in set(range(1, 16)) - {5}:
            message = wire.query(NAME, "TXT", 5, flags=opcode << 11)
            self.assertEqual(self.rcode(message), wire.NOTIMP, opcode)

    def test_formerr(self):
        """Broken messages."""
        good = wire.query(NAME, "TXT", 9, edns=False)
        bare = good[:4]
        cases = {
            "header only, one question said": good[:12],
            "no question": bare + b"\0\0" + good[6:12],
            "two questions": bare + b"\0\2" + good[6:] + good[12:],
            "name cut": good[:20],
            "type cut": good[:-3],
            "question points at itself":
                good[:12] + b"\xc0\x0c" + good[-4:],
            "question points ahead": good[:12] + b"\xc0\x20" + good[-4:],
            "label type 01": good[:12] + b"\x41" + good[13:],
            "bytes left over": good + b"\0",
            "two OPT": good[:10] + b"\0\2" + good[12:] + wire.EDNS * 2,
            "OPT cut": good[:10] + b"\0\1" + good[12:] + wire.EDNS[:-1],
            "OPT with a name":
                good[:10] + b"\0\1" + good[12:] + b"\1x" + wire.EDNS,
            "name of 256 bytes":
                good[:12] + (b"\x3f" + b"a" * 63) * 4 + good[-5:],
        }
        for what, message in cases.items():
            with self.subTest(what):
                self.assertEqual(self.rcode(message), wire.FORMERR)
        self.serves()

    def test_badvers(self):
        """RFC 6891 6.1.3: EDNS version 1 is not known."""
        message = bytearray(wire.query(NAME, "TXT", 3))
        message[-5] = 1
        answer = self.answer(bytes(message))
        self.assertEqual(answer[3] & 15, 0)
        self.assertEqual(answer[-6], 1)  # extended RCODE 1: BADVERS is 16

    def test_other_zone_is_refused(self):
        self.assertEqual(self.rcode(wire.query("example.com", "A", 1)),
                         wire.REFUSED)

    def test_whois_is_refused(self):
        """Below w.Z there is no answer without a right to it."""
        self.assertEqual(self.rcode(wire.query(
            wire.owner_of(NUMBER, "w." + bed.ZONE), "TXT", 1)), wire.REFUSED)

    def test_random_bytes(self):
        """Noise is answered with its id, or not at all for the two reasons
        that there are; the server lives."""
        rng = random.Random(5)
        messages = []
        for _ in range(5000):
            message = bytearray(rng.randbytes(rng.randrange(12, 120)))
            message[2] &= 0x7F
            messages.append(bytes(message))
        wire.ask_many(self.address, messages)
        self.serves()

    def test_damaged_queries(self):
        """Good queries with a byte or two changed, or cut short."""
        rng = random.Random(6)
        messages = []
        for _ in range(10000):
            message = bytearray(wire.query(NAME, "TXT"))
            for _ in range(rng.randrange(1, 4)):
                message[rng.randrange(2, len(message))] = rng.randrange(256)
            message[2] &= 0x7F
            if rng.randrange(4) == 0:
                del message[rng.randrange(12, len(message)):]
            messages.append(bytes(message))
        for answer in wire.ask_many(self.address, messages):
            wire.sections(answer)  # well-formed, whatever it says
        self.serves()
