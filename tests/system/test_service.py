"""The systemd unit and what it needs of e164d: word to the service manager,
settings that are good, and no system call that the unit forbids."""

import os
import re
import signal
import socket
import time
import unittest

import bed
import wire

CONTRIB = os.path.join(bed.Options.top, "contrib")


def unit():
    """Path of the unit as it is installed."""
    return os.path.join(bed.Options.builddir, "contrib", "e164d.service")


class Manager:
    """A service manager's end of NOTIFY_SOCKET."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(20)
        self.heard = []

    def until(self, line, times=1):
        """Listen until a line has come so often."""
        while self.heard.count(line) < times:
            self.heard += self.socket.recv(4096).decode().splitlines()

    def rest(self):
        """What has come and was not listened to."""
        self.socket.setblocking(False)
        try:
            while True:
                self.heard += self.socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            return self.heard


class Notify(unittest.TestCase):
    def setUp(self):
        self.registrar = bed.Registrar()
        self.registrar.init("--ns", "ns1=127.0.0.1")
        self.path = os.path.join(self.registrar.directory, "notify")

    def start(self, **environment):
        self.registrar.child = bed.spawn(
            [bed.program("e164d"), "--config", self.registrar.config],
            self.registrar.log,
            env={**os.environ, "NOTIFY_SOCKET": self.path, **environment})

    def test_ready_watchdog_stopping(self):
        """sd_notify(3): READY=1 when it serves, WATCHDOG=1 about once a
        second, STOPPING=1 before it ends."""
        manager = Manager(self.path)
        self.start(WATCHDOG_USEC="3000000")
        manager.until("READY=1")
        self.assertEqual(wire.gist(wire.ask_udp(
            self.registrar.address, wire.query(bed.ZONE, "SOA")))[0],
            wire.NOERROR)
        manager.heard.clear()
        began = time.monotonic()
        manager.until("WATCHDOG=1", 3)
        self.assertLess(time.monotonic() - began, 6)
        self.registrar.child.send_signal(signal.SIGTERM)
        manager.until("STOPPING=1")
        self.assertEqual(self.registrar.child.wait(20), 0)

    def test_watchdog_under_load(self):
        """Many changes do not keep it from being said."""
        path = os.path.join(self.registrar.directory, "n.csv")
        with open(path, "w") as out:
            out.write("number,ocn\n" + "".join(
                f"1201{n:07},1510\n" for n in range(60000)))
        manager = Manager(self.path)
        self.start(WATCHDOG_USEC="3000000")
        manager.until("READY=1")
        self.registrar.ctl("wait")
        manager.rest().clear()
        end = time.monotonic() + 4
        while time.monotonic() < end:
            self.registrar.ctl("import", path)
        self.assertGreaterEqual(manager.rest().count("WATCHDOG=1"), 3)
        self.registrar.stop()

    def no_watchdog(self, **environment):
        manager = Manager(self.path)
        self.start(**environment)
        manager.until("READY=1")
        self.registrar.ctl("wait")
        self.registrar.stop()
        self.assertNotIn("WATCHDOG=1", manager.rest())
        self.assertIn("STOPPING=1", manager.heard)

    def test_no_watchdog(self):
        self.no_watchdog()

    def test_watchdog_of_another_process(self):
        self.no_watchdog(WATCHDOG_USEC="3000000", WATCHDOG_PID="1")

    def test_watchdog_that_is_no_number(self):
        self.no_watchdog(WATCHDOG_USEC="3s")

    def test_abstract_socket(self):
        self.path = "@" + self.path
        manager = Manager("\0" + self.path[1:])
        self.start()
        manager.until("READY=1")
        self.registrar.stop()

    def test_nobody_listens(self):
        """A socket that is not there hurts nobody."""
        self.start(WATCHDOG_USEC="3000000")
        self.registrar.ctl("wait")
        self.registrar.stop()


class Unit(unittest.TestCase):
    def lines(self, key):
        with open(unit()) as text:
            return re.findall(rf"(?m)^{key}=(.*)$", text.read())

    def test_commands(self):
        """It checks the settings, then starts; both from sbindir."""
        (start,), (check,) = self.lines("ExecStart"), self.lines(
            "ExecStartPre")
        self.assertEqual(check, start + " --check")
        self.assertTrue(start.startswith("/"), start)
        self.assertIn("--config /etc/e164d/e164d.yaml", start)
        self.assertEqual(self.lines("Type"), ["notify"])
        (again,) = self.lines("ExecReload")
        self.assertRegex(again, r"^/.*/e164ctl --config "
                         r"/etc/e164d/e164d\.yaml reload$")

    def test_exposure(self):
        """systemd's own judgement: at most 2.0 of 10."""
        done = bed.run([bed.tool("systemd-analyze"), "security",
                        "--offline=true", "--no-pager", "--threshold=20",
                        unit()])
        self.assertIn("exposure level", done.stdout)

    def test_sysusers_and_tmpfiles(self):
        for word, path in (("sysusers", "e164d.sysusers"),
                           ("tmpfiles", "e164d.tmpfiles")):
            root = bed.scratch()
            for name in ("etc", "var/lib"):
                os.makedirs(os.path.join(root, name))
            for name, line in (("passwd", f"e164d:x:{os.getuid()}:"
                                f"{os.getgid()}::/:/bin/false\n"),
                               ("group", f"e164d:x:{os.getgid()}:\n")):
                if word == "tmpfiles":
                    with open(os.path.join(root, "etc", name), "w") as out:
                        out.write(line)
            bed.run([bed.tool("systemd-" + word), "--root=" + root] +
                    (["--create"] if word == "tmpfiles" else []) +
                    [os.path.join(CONTRIB, path)])
            if word == "sysusers":
                with open(os.path.join(root, "etc", "passwd")) as text:
                    self.assertRegex(text.read(), "(?m)^e164d:")
            else:
                state = os.stat(os.path.join(root, "var/lib/e164d"))
                self.assertEqual(state.st_mode & 0o777, 0o700)

    def test_settings(self):
        """The sample is good as it is, and with all its comments taken
        off."""
        path = os.path.join(CONTRIB, "e164d.yaml")
        with open(path) as text:
            full = re.sub(r"(?m)^# (  )?(?=[a-z-]+:( |$))", r"\1",
                          text.read())
        self.assertIn("\n  idle: 10s", full)
        copy = os.path.join(bed.scratch(), "full.yaml")
        with open(copy, "w") as out:
            out.write(full)
        for name in (path, copy):
            bed.run([bed.program("e164d"), "--config", name, "--check"])

    def test_system_calls(self):
        """A life of a registrar uses no call that the unit forbids."""
        allowed = set()
        for line in self.lines("SystemCallFilter"):
            for group in line.lstrip("~").split():
                names = self.group(group)
                allowed = allowed - names if line[0] == "~" else \
                    allowed | names
        self.assertIn("openat", allowed)
        self.assertNotIn("chroot", allowed)
        used = self.calls_of_a_life()
        self.assertIn("fdatasync", used)
        # what the manager itself does before the filter is in force
        self.assertEqual(used - allowed - {"execve"}, set())

    def test_sandbox(self):
        """A life writes only where ProtectSystem=strict leaves room, opens
        only sockets of RestrictAddressFamilies, and maps nothing that can be
        written and executed."""
        self.calls_of_a_life()
        written = re.findall(r'openat\([^,]+, "([^"]+)", [^)\n]*'
                             r'O_(?:WRONLY|RDWR|CREAT)', self.trace)
        self.assertGreater(len(written), 5)
        for path in written:
            self.assertTrue(path.startswith(self.directory + "/") or
                            not path.startswith("/") or
                            path == "/dev/null", path)
        (families,) = self.lines("RestrictAddressFamilies")
        for family in re.findall(r"\bsocket\((\w+)", self.trace):
            self.assertIn(family, families.split() + ["AF_LOCAL"])
        self.assertEqual(self.lines("MemoryDenyWriteExecute"), ["yes"])
        self.assertEqual(re.findall(
            r"m(?:map|protect)\([^\n]*PROT_WRITE\|PROT_EXEC", self.trace),
            [])

    def group(self, name):
        if not name.startswith("@"):
            return {name}
        done = bed.run([bed.tool("systemd-analyze"), "--no-pager",
                        "syscall-filter", name])
        found = set()
        for line in done.stdout.splitlines()[1:]:
            word = line.strip()
            if word.startswith("@"):
                found |= self.group(word)
            elif word and not word.startswith("#"):
                found.add(word)
        return found

    def calls_of_a_life(self):
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        trace = os.path.join(registrar.directory, "trace")
        registrar.child = bed.spawn(
            [bed.tool("strace"), "-f", "-qq", "-o", trace,
             # a process that is traced cannot look for leaks
             "-E", "ASAN_OPTIONS=detect_leaks=0",
             bed.program("e164d"), "--config", registrar.config],
            registrar.log)
        registrar.ctl("wait")
        registrar.ctl("import", os.path.join(bed.Options.top, "zones",
                                             "numbers.csv"))
        for how in ("+notcp", "+tcp"):
            bed.run([bed.tool("dig"), "@127.0.0.1", "-p",
                     str(registrar.port), how, bed.ZONE, "SOA"])
        registrar.export("csv", os.path.join(registrar.directory, "x"))
        registrar.ctl("reload")
        registrar.ctl("stop")
        self.assertEqual(registrar.child.wait(60), 0)
        with open(trace, errors="replace") as text:
            self.trace = text.read()
        self.directory = registrar.directory
        return set(re.findall(r"(?m)^\d+ +(\w+)\(", self.trace))
