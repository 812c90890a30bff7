"""Clients that take all there is: descriptors, exports that nobody reads."""

import os
import resource
import select
import socket
import time
import unittest

import bed
import numbers_bed as numbers
import wire


def cpu_s(pid):
    """Seconds of processor time of a process."""
    with open(f"/proc/{pid}/stat") as text:
        fields = text.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Descriptors(unittest.TestCase):
    def test_all_taken(self):
        """With all descriptors taken by DNS clients e164ctl waits, nothing
        spins, queries over UDP go on; when they go, everything is served."""
        registrar = bed.Registrar(extra="tcp:\n  clients: 1000\n"
                                  "  clients-per-address: 1000\n"
                                  "  idle: 20s\n")
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        have = len(os.listdir(f"/proc/{registrar.child.pid}/fd"))
        resource.prlimit(registrar.child.pid, resource.RLIMIT_NOFILE,
                         (have + 20, have + 20))
        clients = [socket.create_connection(registrar.address)
                   for _ in range(60)]
        control = []
        for _ in range(5):
            control.append(socket.socket(socket.AF_UNIX))
            control[-1].connect(registrar.directory + "/control.sock")
        bed.until("no descriptors", lambda: "control-paused" in
                  registrar.log_text() or "takes no clients" in
                  registrar.log_text(), log=registrar.log)
        before = cpu_s(registrar.child.pid)
        time.sleep(2)
        self.assertLess(cpu_s(registrar.child.pid) - before, 0.5, "it spins")
        self.assertEqual(wire.gist(wire.ask_udp(
            registrar.address, wire.query(bed.ZONE, "SOA")))[0],
            wire.NOERROR)
        for one in clients + control:
            one.close()
        registrar.ctl("wait", "--timeout", "10")
        self.assertEqual(registrar.status()["role"], "voter")
        with wire.Tcp(registrar.address) as client:
            client.send(wire.query(bed.ZONE, "SOA"))
            self.assertEqual(wire.gist(client.recv())[0], wire.NOERROR)
        registrar.stop()


class Exports(unittest.TestCase):
    def test_stalled(self):
        """Exports that nobody reads keep nobody from the list of keys."""
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        path = os.path.join(registrar.directory, "numbers.csv")
        with open(path, "w") as out:
            out.write(numbers.CSV_HEADER)
            out.writelines(numbers.generate(20000, 5))
        registrar.ctl("import", path)
        stalled = []
        for _ in range(8):
            reader, writer = os.pipe()
            stalled.append((reader, bed.spawn_to(
                [bed.program("e164ctl"), "--config", registrar.config,
                 "export", "--format", "csv"], writer)))
            os.close(writer)
            # its first bytes are there: it runs, and nobody else takes its
            # place
            self.assertEqual(select.select([reader], [], [], 30)[0],
                             [reader])
        refused = registrar.ctl("export", expect=1)
        self.assertIn("too many exports", refused.stderr)
        began = time.monotonic()
        self.assertIn("authority", registrar.ctl("key", "list").stdout)
        self.assertLess(time.monotonic() - began, 10)
        for reader, child in stalled:
            os.close(reader)
            bed.stop(child)
        registrar.stop()
