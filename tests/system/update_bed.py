"""Signed UPDATE messages for tests: made with dnspython, sent as bytes."""

import re
import socket
import struct
import subprocess
import time

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.update

import bed
import wire

EDE = 15  # EDNS option code, RFC 8914


class Key:
    """A TSIG key as a BIND key file has it."""

    def __init__(self, text):
        found = re.search(r'key "([^"]+)".*?algorithm ([\w-]+);.*?'
                          r'secret "([^"]+)"', text, re.S)
        self.name, self.algorithm, self.secret = found.groups()
        self.ring = dns.tsigkeyring.from_text(
            {self.name: (self.algorithm + ".", self.secret)})

    @classmethod
    def of_file(cls, path):
        with open(path) as text:
            return cls(text.read())

    def for_dnsperf(self):
        return f"{self.algorithm}:{self.name}:{self.secret}"


def authority(registrar):
    """The authority's key, as init left it."""
    return Key.of_file(f"{registrar.state}/authority.key")


def message(key=None, zone=bed.ZONE, edns=True):
    """An empty UPDATE."""
    made = dns.update.UpdateMessage(zone)
    if key is not None:
        made.use_tsig(key.ring, fudge=300)
    if edns:
        made.use_edns(0, payload=1232)
    return made


class Answer:
    """What came back, checked as far as any client would."""

    def __init__(self, data, ring=None, mac=b""):
        if data is None:
            raise bed.Failure("no answer")
        self.data = data
        self.head, self.sections = wire.sections(data)
        try:
            self.message = dns.message.from_wire(data, keyring=ring or None,
                                                 request_mac=mac)
        except dns.exception.FormError:
            # dnspython takes no zone section but one SOA
            self.rcode = dns.rcode.to_text(self.head["rcode"])
            return
        self.rcode = dns.rcode.to_text(self.message.rcode())
        self.is_signed = self.message.had_tsig
        self.reason = ""
        self.ede = None
        for option in self.message.options:
            if int(option.otype) == EDE:
                self.ede = int(option.code)
                self.reason = option.text or ""

    def __repr__(self):
        return f"{self.rcode} {self.reason!r}"


def send(address, request, transport="udp", timeout=10):
    """Send; the answer, its signature checked."""
    data = request.to_wire(max_size=65535)
    return Answer(exchange(address, data, transport, timeout),
                  request.keyring, request.mac if request.keyring else b"")


def send_bytes(address, data, transport="udp", timeout=10):
    """The same for bytes, signed by sign() or not at all."""
    return Answer(exchange(address, data, transport, timeout),
                  getattr(data, "ring", None), getattr(data, "mac", b""))


class Signed(bytes):
    """A message with what checking its answer needs."""


def sign(data, key, time_signed=None, fudge=300):
    """data with a TSIG record, its MAC by dnspython."""
    name = dns.name.from_text(key.name)
    time_signed = time_signed or int(time.time())
    tsig = dns.rdata.from_text(
        "ANY", "TSIG", f"{key.algorithm}. {time_signed} {fudge} 32 "
        f"{'A' * 43}= {data[0] << 8 | data[1]} 0 0")
    signed, _ = dns.tsig.sign(data, key.ring[name], tsig, time_signed)
    rdata = signed.to_wire()
    count = data[10] << 8 | data[11]
    out = Signed(data[:10] + struct.pack("!H", count + 1) + data[12:] +
                 name.to_wire() +
                 struct.pack("!HHIH", 250, 255, 0, len(rdata)) + rdata)
    out.mac = signed.mac
    out.ring = key.ring
    return out


def exchange(address, data, transport="udp", timeout=10):
    """Bytes there and back; None without an answer."""
    if transport == "udp":
        return wire.ask_udp(address, data, timeout)
    with wire.Tcp(address, timeout) as connection:
        connection.send(data)
        try:
            return connection.recv()
        except socket.timeout:
            return None


def records(address, name, rrtype="ANY"):
    """Sorted texts of the records at a name, each type asked for."""
    types = ["A", "AAAA", "TXT", "NS", "CNAME", "MX", "SRV", "NAPTR", "SOA",
             "PTR", "CERT", "URI", "LOC"] if rrtype == "ANY" else [rrtype]
    found = set()
    full = dns.name.from_text(name, dns.name.from_text(bed.ZONE))
    for one in types:
        query = dns.message.make_query(full, one)
        query.flags &= ~dns.flags.RD
        answer = dns.query.tcp(query, address[0], 10, address[1])
        for section in (answer.answer, answer.authority):
            for rrset in section:
                if rrset.name == full and \
                        dns.rdatatype.to_text(rrset.rdtype) == one:
                    found |= {f"{rrset.ttl} {one} {rdata.to_text()}"
                              for rdata in rrset}
    return sorted(found)


def nsupdate(registrar, lines, key_file=None, program="nsupdate", words=()):
    """Run nsupdate (or knsupdate) with these lines; the finished process."""
    host, port = registrar.address
    script = f"server {host} {port}\nzone {registrar.zone}.\n" + \
        "\n".join(lines) + "\nsend\nanswer\n"
    path = key_file or f"{registrar.state}/authority.key"
    by = ["-k", path] if program == "nsupdate" else \
        ["-y", Key.of_file(path).for_dnsperf()]
    return subprocess.run([bed.tool(program), *by, *words], input=script,
                          capture_output=True, text=True, timeout=60)


def rcode_of(done):
    """RCODE that nsupdate or knsupdate printed."""
    found = re.findall(r"status: (\w+)", done.stdout) or \
        re.findall(r"(?:update failed: |failed to .*?')(\w+)", done.stderr)
    return found[-1] if found else "?"
