"""A flood of wrong PINs slows nobody else down (DESIGN §11: within twice the
idle figures)."""

import socket
import threading
import time
import unittest

import dns.message

import bed
import test_rules
import update_bed

RATE = 1000      # wrong PINs a second
SECONDS = 10
FLOOR_MS = 1.0   # below it a busy machine's scheduler is what is measured


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


class Flood(test_rules.Carriers):
    def query_times(self, seconds):
        """Seconds each of queries, one after the other."""
        query = dns.message.make_query(f"{bed.ZONE}.", "SOA").to_wire()
        return self.times(seconds, lambda i: query)

    def update_times(self, seconds, base):
        """The same for signed UPDATEs of another carrier."""
        key = self.keys["1510"]

        def make(i):
            made = update_bed.message(key)
            n = f"{test_rules.number(base + i)}.{bed.ZONE}."
            made.add(n, 300, "TXT", '"ocn=1510"')
            return made.to_wire()
        return self.times(seconds, make)

    def times(self, seconds, make):
        found = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(10)
            sock.connect(self.registrar.address)
            end = time.monotonic() + seconds
            i = 0
            while time.monotonic() < end:
                data = make(i)
                began = time.monotonic()
                sock.send(data)
                sock.recv(65535)
                found.append(time.monotonic() - began)
                i += 1
        return found

    def flood(self, wires, stop, counts):
        """Send RATE messages a second, whatever comes back."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            began = time.monotonic()
            sent = 0
            while not stop.is_set() and sent < len(wires):
                while sent < (time.monotonic() - began) * RATE and \
                        sent < len(wires):
                    sock.sendto(wires[sent], self.registrar.address)
                    sent += 1
                try:
                    while True:
                        code = sock.recv(65535)[3] & 15
                        counts[code] = counts.get(code, 0) + 1
                except BlockingIOError:
                    pass
                time.sleep(0.002)
            counts["sent"] = sent

    def measure(self, base):
        """p99 of queries and of UPDATEs, side by side, ms."""
        found = {}
        threads = [
            threading.Thread(target=lambda: found.update(
                query=self.query_times(SECONDS))),
            threading.Thread(target=lambda: found.update(
                update=self.update_times(SECONDS, base)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {what: percentile(times, 0.99)
                for what, times in found.items()}

    @unittest.skipUnless(bed.Options.is_long, "needs a quiet machine")
    def test_flood(self):
        if not bed.Options.is_long:
            self.skipTest("half a minute on a quiet machine: --long")
        digits = 12018000000
        names = [test_rules.number(digits + i) for i in range(200)]
        for name in names:
            self.assertEqual(self.run_as(
                "1510", f"update add {name}.{bed.ZONE}. 300 TXT "
                '"ocn=1510"'), "NOERROR")
        wires = []
        for i in range(RATE * (SECONDS + 1)):
            made = update_bed.message(self.keys["5678"])
            made.present(f"_pin.{names[i % len(names)]}.{bed.ZONE}.", "TXT",
                         f'"{100000 + i}"')
            wires.append(made.to_wire())
        idle = self.measure(12018100000)
        stop, counts = threading.Event(), {}
        flood = threading.Thread(target=self.flood,
                                 args=(wires, stop, counts))
        flood.start()
        busy = self.measure(12018200000)
        stop.set()
        flood.join()
        print(f"# p99 ms idle {idle}, flooded {busy}, answers {counts}")
        self.assertGreater(counts["sent"], RATE * SECONDS * 0.9)
        for what in idle:
            self.assertLess(busy[what], 2 * max(idle[what], FLOOR_MS), what)
