"""The end, a reload, and what a process is while it lives: no query that has
arrived is lost, settings are taken as a whole or not at all, logs can be read
by people and by programs."""

import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import time
import unittest

import bed
import wire

QUESTION = wire.query(bed.ZONE, "SOA")
HOSTS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


class Load:
    """Queries over many sockets, each with a number of its own; who was asked
    and has not answered yet is known at any time."""

    def __init__(self, port, family=socket.AF_INET, udp=8, tcp=6, window=6):
        self.window = window  # queries of one socket on their way
        self.sent = 0
        self.waiting = {}     # socket: numbers sent and not answered
        self.input = {}       # TCP: bytes read
        self.reset = []       # TCP: ended before all was answered
        where = (HOSTS[family], port)
        for kind, count in ((socket.SOCK_DGRAM, udp),
                            (socket.SOCK_STREAM, tcp)):
            for _ in range(count):
                sock = socket.socket(family, kind)
                sock.connect(where)
                sock.setblocking(False)
                self.waiting[sock] = set()
                if kind == socket.SOCK_STREAM:
                    self.input[sock] = b""

    def close(self):
        for sock in self.waiting:
            sock.close()

    def ask(self, sock):
        number = self.sent & 0xFFFF
        message = struct.pack("!H", number) + QUESTION[2:]
        if sock in self.input:
            message = struct.pack("!H", len(message)) + message
        sock.send(message)
        self.waiting[sock].add(number)
        self.sent += 1

    def fill(self):
        for sock, numbers in self.waiting.items():
            while len(numbers) < self.window:
                self.ask(sock)

    def take(self, sock):
        """What one socket has. False: there is no more."""
        try:
            data = sock.recv(65536)
        except BlockingIOError:
            return False
        if sock not in self.input:
            self.waiting[sock].discard(struct.unpack("!H", data[:2])[0])
            return True
        if not data:
            return False
        rest = self.input[sock] + data
        while len(rest) >= 2 and len(rest) >= 2 + struct.unpack(
                "!H", rest[:2])[0]:
            length, number = struct.unpack("!HH", rest[:4])
            self.waiting[sock].discard(number)
            rest = rest[2 + length:]
        self.input[sock] = rest
        return True

    def drain(self, seconds):
        """Read for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready = select.select([s for s in self.waiting], [], [],
                                  max(0, end - time.monotonic()))[0]
            for sock in ready:
                try:
                    while self.take(sock):
                        pass
                except OSError:
                    pass
            if not self.lost():
                return

    def run(self, seconds):
        """A steady load: a new query for each answer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.fill()
            for sock in select.select(list(self.waiting), [], [], 0.05)[0]:
                while self.take(sock):
                    pass

    def lost(self):
        return sum(len(numbers) for numbers in self.waiting.values())


def pair(test, extra=""):
    registrar = bed.Registrar(extra=extra)
    registrar.init("--ns", "ns1=127.0.0.1")
    registrar.start()
    test.addCleanup(lambda: registrar.is_alive() and registrar.kill())
    return registrar


class CleanEnd(unittest.TestCase):
    """All that was sent before the signal is answered."""

    def end(self, extra, how, family=socket.AF_INET, rounds=3):
        registrar = bed.Registrar(extra=extra)
        if family == socket.AF_INET6:
            with open(registrar.config) as text:
                config = text.read()
            with open(registrar.config, "w") as out:
                out.write(config.replace("[127.0.0.1@", '["::1@').replace(
                    f"{registrar.port}]", f'{registrar.port}"]'))
        registrar.init("--ns", "ns1=127.0.0.1")
        for _ in range(rounds):
            registrar.start()
            load = Load(registrar.port, family)
            load.run(0.7)
            load.fill()
            how(registrar)
            load.drain(5)
            self.assertGreater(load.sent, 200)
            self.assertEqual(load.lost(), 0, f"of {load.sent}")
            load.close()
            self.assertEqual(registrar.child.wait(10), 0)

    @staticmethod
    def signal(registrar):
        registrar.child.send_signal(signal.SIGTERM)

    @staticmethod
    def command(registrar):
        registrar.asked = subprocess.Popen(
            [bed.program("e164ctl"), "--config", registrar.config, "stop"])

    def test_sigterm(self):
        self.end("", self.signal)

    def test_command(self):
        self.end("threads: 1\n", self.command)

    def test_sixteen_threads(self):
        self.end("threads: 16\n", self.signal, rounds=2)

    def test_ipv6(self):
        self.end("threads: 3\n", self.signal, socket.AF_INET6, rounds=2)

    def test_hostile_clients_do_not_hold_it_up(self):
        """One sends and never reads, one has begun a message, one is idle:
        the end comes within seconds, and says who was left."""
        registrar = pair(self)
        bad = socket.create_connection(registrar.address)
        bad.setblocking(False)
        query = wire.query(bed.ZONE, "SOA")
        message = (struct.pack("!H", len(query)) + query) * 2000
        end = time.monotonic() + 3
        while time.monotonic() < end:
            try:
                bad.send(message)
            except BlockingIOError:
                if not select.select([], [bad], [], 0.5)[1]:
                    break
        begun = socket.create_connection(registrar.address)
        begun.send(b"\0")
        idle = socket.create_connection(registrar.address)
        began = time.monotonic()
        registrar.stop()
        self.assertLess(time.monotonic() - began, 5)
        self.assertIn("event=clients-left", registrar.log_text())
        for sock in (bad, begun, idle):
            sock.close()


class Threads(unittest.TestCase):
    def test_sixty_four(self):
        """Many more threads than cores: all start, answer and end."""
        registrar = pair(self, "threads: 64\n")
        load = Load(registrar.port, udp=100, tcp=30, window=2)
        load.run(2)
        load.drain(10)
        self.assertEqual(load.lost(), 0, f"of {load.sent}")
        load.close()
        with open(f"/proc/{registrar.child.pid}/status") as text:
            threads = int(re.search(r"Threads:\s+(\d+)", text.read())[1])
        self.assertGreater(threads, 64)
        began = time.monotonic()
        registrar.stop()
        self.assertLess(time.monotonic() - began, 10)


class Reload(unittest.TestCase):
    def setUp(self):
        self.registrar = pair(self, "log: {level: debug}\n")
        self.other = bed.free_port()

    def rewrite(self, addresses, extra):
        with open(self.registrar.config, "w") as out:
            out.write(f"registrar: r1\nstate: {self.registrar.state}\n"
                      f"listen:\n  dns: [{', '.join(addresses)}]\n"
                      f"  control: {self.registrar.directory}/control.sock\n"
                      f"{extra}")

    def test_under_load(self):
        """Addresses come and go, limits change: the address that stays loses
        no query at all."""
        load = Load(self.registrar.port)
        first = f'"127.0.0.1@{self.registrar.port}"'
        second = f'"::1@{self.other}"'
        for i in range(12):
            self.rewrite([first, second] if i % 2 == 0 else [first],
                         f"tcp: {{clients: {100 + i}}}\n")
            if i % 3 == 2:
                self.registrar.child.send_signal(signal.SIGHUP)
                asked = None
            else:
                asked = subprocess.Popen(
                    [bed.program("e164ctl"), "--config",
                     self.registrar.config, "reload"],
                    stdout=subprocess.PIPE, text=True)
            load.run(0.3)
            if asked is not None:
                said = asked.communicate()[0]
                self.assertEqual(asked.returncode, 0)
                self.assertRegex(said, "^listen.dns, .*tcp.clients changed")
        load.drain(5)
        self.assertGreater(load.sent, 1000)
        self.assertEqual(load.lost(), 0, f"of {load.sent}")
        load.close()
        self.registrar.stop()

    def test_address_that_goes(self):
        """What was sent there before is answered, connections live on."""
        load = Load(self.registrar.port)
        load.run(0.5)
        load.fill()
        self.rewrite([f'"127.0.0.1@{self.other}"'], "")
        self.registrar.ctl("reload")
        load.drain(5)
        self.assertEqual(load.lost(), 0, f"of {load.sent}")
        tcp = next(iter(load.input))
        load.ask(tcp)
        load.drain(5)
        self.assertEqual(load.lost(), 0)
        load.close()
        answer = wire.ask_udp(("127.0.0.1", self.other), QUESTION)
        self.assertEqual(wire.gist(answer)[0], wire.NOERROR)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(self.registrar.address)
        self.registrar.stop()

    def test_refused_as_a_whole(self):
        """A good change beside a bad one is not taken."""
        first = f'"127.0.0.1@{self.registrar.port}"'
        for addresses, extra, words in (
                ([first], "log: {level: warning, format: xml}\n",
                 "log.format.: expected auto, text, keyvalue or json"),
                ([first, '"192.0.2.77@53"'], "log: {level: warning}\n",
                 "cannot listen on 192.0.2.77@53")):
            self.rewrite(addresses, extra)
            done = self.registrar.ctl("reload", expect=1)
            self.assertIn("nothing changed", done.stderr)
            self.assertRegex(done.stderr, words)
            self.registrar.child.send_signal(signal.SIGHUP)
            bed.until("the log says why", lambda: re.search(
                "event=reload-refused .*" + words,
                self.registrar.log_text()))
        self.rewrite([first], "log: {level: debug}\n")
        before = self.registrar.log_text().count("event=control-call")
        self.assertEqual(self.registrar.ctl("reload").stdout,
                         "nothing changed\n")
        self.assertGreater(
            self.registrar.log_text().count("event=control-call"), before)

    def test_needs_a_restart(self):
        self.rewrite([f'"127.0.0.1@{self.registrar.port}"'],
                     "threads: 7\nlog: {format: json}\n")
        said = self.registrar.ctl("reload").stdout
        self.assertIn("log.level, log.format changed"
                      if said.startswith("log.level") else
                      "log.format, log.level changed", said)
        self.assertIn("threads has another value in the file", said)
        self.registrar.ctl("reload")
        lines = [json.loads(line) for line in
                 self.registrar.log_text().splitlines()
                 if line.startswith("{")]
        self.assertIn("restart-needed", [line["event"] for line in lines])

    def test_word_to_the_manager(self):
        path = os.path.join(self.registrar.directory, "notify")
        self.registrar.stop()
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(path)
        manager.settimeout(20)
        self.registrar.child = bed.spawn(
            [bed.program("e164d"), "--config", self.registrar.config],
            self.registrar.log, env={**os.environ, "NOTIFY_SOCKET": path})
        heard = []
        while "READY=1" not in heard:
            heard += manager.recv(4096).decode().splitlines()
        self.registrar.ctl("reload")
        del heard[:]
        while "READY=1" not in heard:
            heard += manager.recv(4096).decode().splitlines()
        self.assertIn("RELOADING=1", heard)
        self.registrar.stop()


class Log(unittest.TestCase):
    def run_on(self, out, extra="", **environment):
        registrar = bed.Registrar(extra=extra)
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.child = subprocess.Popen(
            [bed.program("e164d"), "--config", registrar.config],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            env={**os.environ, **environment})
        self.addCleanup(lambda: registrar.is_alive() and registrar.kill())
        registrar.ctl("wait")
        registrar.stop()
        return registrar

    def terminal(self, **environment):
        ours, theirs = pty.openpty()
        self.run_on(theirs, **environment)
        os.set_blocking(ours, False)
        text = b""
        try:
            while True:
                text += os.read(ours, 65536)
        except (BlockingIOError, OSError):
            pass
        os.close(ours)
        os.close(theirs)
        return text.decode()

    def test_terminal(self):
        """For people: colours, unless NO_COLOR."""
        text = self.terminal(NO_COLOR="")
        self.assertRegex(text, "\033\\[32minfo\033\\[0m ready: dns ")
        text = self.terminal(NO_COLOR="1")
        self.assertNotIn("\033", text)
        self.assertRegex(text, r"(?m)^20\S+Z info ready: dns 127\.0\.0\.1@")

    def test_file(self):
        """For programs: key=value, or JSON by setting; ids as in explain."""
        ids = {row["id"] for row in json.loads(bed.run(
            [bed.program("e164ctl"), "explain", "--json"]).stdout)["ids"]}
        for extra, read in (
                ("", lambda line: re.match(
                    r'time=\S+Z level=(\w+) event=(\S+) text="', line)[2]),
                ("log: {format: json}\n",
                 lambda line: json.loads(line)["event"])):
            path = os.path.join(bed.scratch(), "log")
            with open(path, "wb") as out:
                self.run_on(out, extra)
            with open(path) as text:
                events = [read(line) for line in text.read().splitlines()]
            for event in ("starting", "ready", "stopping", "stopped"):
                self.assertEqual(events.count(event), 1, events)
            self.assertLessEqual(set(events), ids)

    def test_journal(self):
        """systemd's journal gets priorities, and no time."""
        path = os.path.join(bed.scratch(), "log")
        with open(path, "wb") as out:
            info = os.fstat(out.fileno())
            self.run_on(out, JOURNAL_STREAM=f"{info.st_dev}:{info.st_ino}")
        with open(path) as text:
            lines = text.read().splitlines()
        for line in lines:
            self.assertRegex(line, r"^<[3467]>level=\w+ event=")
        self.assertTrue(any("event=ready" in line for line in lines))

    def test_strangers_do_not_fill_the_disk(self):
        """A line that anybody can provoke is written ten times, then
        counted."""
        registrar = pair(self, "tcp: {clients-per-address: 1}\n")
        first = socket.create_connection(registrar.address)
        wire_query = struct.pack("!H", len(QUESTION)) + QUESTION
        first.send(wire_query)
        first.recv(100)
        for _ in range(60):
            with socket.create_connection(registrar.address) as sock:
                sock.settimeout(20)
                try:
                    self.assertEqual(sock.recv(1), b"")
                except ConnectionResetError:
                    pass
        first.close()
        registrar.stop()
        text = registrar.log_text()
        self.assertEqual(len(re.findall("event=tcp-full ", text)), 10)
        self.assertRegex(text, r"event=repeated .*count=50 of=tcp-full")


@unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
class User(unittest.TestCase):
    NAME = "nobody"

    def setUp(self):
        self.registrar = bed.Registrar(extra=f"user: {self.NAME}\n")
        os.chmod(self.registrar.directory, 0o755)
        os.chmod(self.registrar.config, 0o644)
        control = os.path.join(self.registrar.directory, "run")
        with open(self.registrar.config) as text:
            config = text.read()
        with open(self.registrar.config, "w") as out:
            out.write(config.replace(
                f"{self.registrar.directory}/control.sock",
                f"{control}/control.sock"))

    def test_gives_root_up(self):
        """init and e164d are that user's; the capability for low ports is
        the only one left."""
        registrar = self.registrar
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        self.addCleanup(lambda: registrar.is_alive() and registrar.kill())
        with open(f"/proc/{registrar.child.pid}/status") as text:
            status = text.read()
        for key in ("Uid", "Gid"):
            ids = re.search(rf"{key}:\s+(.*)", status)[1].split()
            self.assertEqual(len(set(ids)), 1)
            self.assertNotIn("0", ids)
        self.assertRegex(status, r"CapEff:\s+0{13}400\n")
        self.assertRegex(status, r"CapPrm:\s+0{13}400\n")
        self.assertRegex(status, r"CapBnd:\s+0{13}400\n")
        self.assertRegex(status, r"NoNewPrivs:\s+1\n")
        self.assertIn("event=user-changed", registrar.log_text())
        self.assertNotIn("runs-as-root", registrar.log_text())
        registrar.stop()

    def test_state_of_somebody_else(self):
        registrar = self.registrar
        with open(registrar.config) as text:
            config = text.read()
        with open(registrar.config, "w") as out:
            out.write(config.replace("user: ", "# user: "))
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        self.assertIn("event=runs-as-root", registrar.log_text())
        registrar.stop()
        with open(registrar.config, "w") as out:
            out.write(config)
        registrar.launch()
        self.assertEqual(registrar.child.wait(20), 1)
        self.assertRegex(registrar.log_text(),
                         f"event=start-failed .*belongs to user root, and "
                         f"this runs as {self.NAME}: 'chown -R")

    def test_no_such_user(self):
        registrar = self.registrar
        with open(registrar.config) as text:
            config = text.read()
        with open(registrar.config, "w") as out:
            out.write(config.replace(self.NAME, "no-such-user"))
        done = registrar.init("--ns", "ns1=127.0.0.1", expect=1)
        self.assertIn("there is no user 'no-such-user'", done.stderr)
