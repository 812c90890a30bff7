"""Just enough DNS to ask fast and to compare answers byte by byte."""

import select
import socket
import struct
import time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16,
         "AAAA": 28, "LOC": 29, "SRV": 33, "NAPTR": 35, "CERT": 37, "URI": 256,
         "ANY": 255}
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 0, 1, 2, 3, 4, 5
EDNS = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)


def name_wire(name):
    """A name as text without escapes, or as labels, on the wire."""
    labels = name.rstrip(".").split(".") if isinstance(name, str) else name
    out = bytearray()
    for label in labels:
        data = label.encode() if isinstance(label, str) else label
        if data:
            out += bytes([len(data)]) + data
    return bytes(out) + b"\0"


def query(name, qtype, ident=0, edns=True, qclass=1, flags=0):
    """One query message."""
    number = TYPES[qtype] if isinstance(qtype, str) else qtype
    return (struct.pack("!HHHHHH", ident, flags, 1, 0, 0, 1 if edns else 0) +
            name_wire(name) + struct.pack("!HH", number, qclass) +
            (EDNS if edns else b""))


def owner_of(number, zone):
    """N.Z of digits."""
    return ".".join(reversed(number)) + "." + zone


def _name(message, at):
    """(labels as lower-case bytes with lengths, position after it)"""
    out = bytearray()
    after = None
    for _ in range(256):
        length = message[at]
        if length == 0:
            return bytes(out) + b"\0", after or at + 1
        if length >= 0xC0:
            after = after or at + 2
            at = (length & 0x3F) << 8 | message[at + 1]
        else:
            out += message[at:at + 1 + length].lower()
            at += 1 + length
    raise ValueError("compression loop")


def _rdata(message, at, end, rrtype):
    """rdata with compressed names written out"""
    if rrtype in (2, 5, 12):
        return _name(message, at)[0]
    if rrtype == 6:
        mname, at = _name(message, at)
        rname, at = _name(message, at)
        return mname + rname + message[at:end]
    if rrtype == 15:
        return message[at:at + 2] + _name(message, at + 2)[0]
    return message[at:end]


def sections(message):
    """(header dict, [answer, authority, additional]); a record is
    (owner, type, ttl, rdata). Raises ValueError or IndexError if broken."""
    if len(message) < 12:
        raise ValueError("short")
    ident, flags, qd, an, ns, ar = struct.unpack("!6H", message[:12])
    head = {"id": ident, "rcode": flags & 15, "aa": bool(flags & 0x400),
            "tc": bool(flags & 0x200), "qr": bool(flags & 0x8000),
            "opcode": flags >> 11 & 15}
    at = 12
    for _ in range(qd):
        _, at = _name(message, at)
        at += 4
    found = []
    for count in (an, ns, ar):
        records = []
        for _ in range(count):
            owner, at = _name(message, at)
            rrtype, _, ttl, length = struct.unpack("!HHIH",
                                                   message[at:at + 10])
            at += 10
            if at + length > len(message):
                raise ValueError("record past the end")
            records.append((owner, rrtype, ttl,
                            _rdata(message, at, at + length, rrtype)))
            at += length
        found.append(records)
    if at != len(message):
        raise ValueError("bytes left over")
    return head, found


def gist(message):
    """What must be the same everywhere: RCODE, AA, answer section."""
    head, (answer, _, _) = sections(message)
    if head["tc"]:
        raise ValueError("truncated")
    return head["rcode"], head["aa"], tuple(sorted(answer))


def txt_strings(rdata):
    """The character strings of TXT rdata."""
    out = []
    at = 0
    while at < len(rdata):
        out.append(rdata[at + 1:at + 1 + rdata[at]])
        at += 1 + rdata[at]
    return out


def ask_udp(address, message, timeout=2.0):
    """One datagram; the answer, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.connect(address)
        sock.send(message)
        try:
            return sock.recv(65535)
        except (socket.timeout, ConnectionRefusedError):
            return None


def ask_many(address, messages, window=128, patience=1.0, tries=5):
    """All messages over UDP, many at once, their ids replaced by ours; the
    answers in order. Lost ones are sent again."""
    answers = [None] * len(messages)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.connect(address)
        sock.setblocking(False)
        for start in range(0, len(messages), window):
            waiting = set(range(start, min(start + window, len(messages))))
            for _ in range(tries):
                for index in waiting:
                    sock.send(struct.pack("!H", index & 0xFFFF) +
                              messages[index][2:])
                end = time.monotonic() + patience
                while waiting:
                    left = end - time.monotonic()
                    if left <= 0 or not select.select([sock], [], [],
                                                      left)[0]:
                        break
                    while True:
                        try:
                            data = sock.recv(65535)
                        except BlockingIOError:
                            break
                        index = start + ((data[0] << 8 | data[1]) - start &
                                         0xFFFF)
                        if index in waiting:
                            waiting.discard(index)
                            answers[index] = data
                if not waiting:
                    break
            if waiting:
                raise AssertionError(f"{len(waiting)} queries of "
                                     f"{len(messages)} without answer")
    return answers


class Tcp:
    """A TCP connection that speaks length-prefixed messages."""

    def __init__(self, address, timeout=5.0, rcvbuf=None, source=None):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if rcvbuf:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.sock.settimeout(timeout)
        if source:
            self.sock.bind((source, 0))
        self.sock.connect(address)
        self.held = b""

    def send(self, *messages):
        self.sock.sendall(b"".join(struct.pack("!H", len(m)) + m
                                   for m in messages))

    def recv(self):
        """The next message; None when the other side closed."""
        while True:
            if len(self.held) >= 2:
                length = struct.unpack("!H", self.held[:2])[0]
                if len(self.held) >= 2 + length:
                    message = self.held[2:2 + length]
                    self.held = self.held[2 + length:]
                    return message
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.held += data

    def closed_within(self, seconds):
        """Whether the other side closes (or resets) in time."""
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(65536):
                pass
            return True
        except (ConnectionResetError, BrokenPipeError):
            return True
        except socket.timeout:
            return False

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
