"""e164ctl and e164d as people and scripts meet them: verbs, exit codes,
messages, and state directories that are refused and not touched."""

import json
import os
import pty
import re
import signal
import subprocess
import unittest

import bed
import numbers_bed as numbers
import wire

NUMBER = "12015550123"
DONE, FAILED, USAGE, NOT_RUNNING = 0, 1, 2, 3


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


class Verbs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registrar = bed.Registrar()
        cls.registrar.init("--serial", "1000", "--ns", "ns1=127.0.0.1",
                           "--ns", "ns2.elsewhere.example.=192.0.2.1")
        cls.registrar.start()
        cls.ctl = cls.registrar.ctl
        cls.directory = cls.registrar.directory

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    def answers(self, name, qtype):
        return wire.gist(wire.ask_udp(self.registrar.address,
                                      wire.query(name, qtype)))

    def test_init_made_the_zone(self):
        rcode, aa, answer = self.answers(bed.ZONE, "NS")
        self.assertEqual((rcode, aa), (wire.NOERROR, True))
        self.assertEqual({rdata for _, _, _, rdata in answer}, {
            wire.name_wire("ns1." + bed.ZONE),
            wire.name_wire("ns2.elsewhere.example")})
        self.assertEqual(len(self.answers("ns1." + bed.ZONE, "A")[2]), 1)
        self.assertEqual(len(self.answers(bed.ZONE, "SOA")[2]), 1)

    def test_init_wrote_the_authoritys_key(self):
        path = os.path.join(self.registrar.state, "authority.key")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assert_key_file(open(path).read())

    def assert_key_file(self, text):
        self.assertRegex(text, r'(?s)\A\s*key "[^"]+" \{\s*algorithm '
                         r'hmac-sha256;\s*secret "[A-Za-z0-9+/=]{44}";'
                         r'\s*\};\s*\Z')

    def test_status(self):
        status = self.registrar.status()
        for field in ("registrar", "zone", "serial", "slot_chosen",
                      "slot_applied", "role", "leader", "voters", "quorum"):
            self.assertIn(field, status)
        self.assertEqual(status["registrar"], "r1")
        self.assertEqual(status["zone"].rstrip("."), bed.ZONE)
        self.assertGreaterEqual(status["serial"], 1000)
        self.assertEqual(status["quorum"], 1)
        self.assertIn(bed.ZONE, self.ctl("status").stdout)

    def test_keys(self):
        done = self.ctl("key", "add", "acme", "--role", "carrier", "--ocn",
                        "1510")
        self.assert_key_file(done.stdout)
        self.ctl("key", "add", "acme", "--role", "carrier", "--ocn", "1510",
                 expect=FAILED)
        self.assert_key_file(
            self.ctl("key", "add", "sec", "--role", "transfer").stdout)
        listed = self.ctl("key", "list").stdout
        self.assertRegex(listed, r"acme.*carrier.*1510")
        self.assertRegex(listed, r"sec.*transfer")
        secret = re.search(r'secret "([^"]+)"', done.stdout).group(1)
        self.assertNotIn(secret, listed)
        self.ctl("key", "revoke", "acme")
        self.ctl("key", "revoke", "nobody", expect=FAILED)
        self.ctl("key", "add", "odd", "--role", "king", expect=USAGE)

    def test_pools(self):
        self.ctl("pool", "open", "1201592")
        self.assertIn("1201592", self.ctl("pool", "list").stdout)
        name = "1201592._pool." + bed.ZONE
        self.assertEqual(wire.txt_strings(self.answers(name, "TXT")[2][0][3]),
                         [b"pool=open"])
        self.ctl("pool", "close", "1201592")
        self.assertNotIn("1201592", self.ctl("pool", "list").stdout)
        self.assertNotEqual(
            self.ctl("pool", "open", "12x", expect=None).returncode, DONE)

    def test_import_show_export(self):
        path = write(self.directory, "one.csv", numbers.CSV_HEADER +
                     numbers.csv_row(NUMBER, "1510", f"sip:+{NUMBER}@a.example",
                                     "12012000000", "ALICE", "1510",
                                     "Columbia University", "10027"))
        self.ctl("import", path)
        shown = self.ctl("show", NUMBER).stdout
        for text in ("ocn=1510", "cnam=ALICE", f"sip:+{NUMBER}@a.example",
                     "rn=+12012000000"):
            self.assertIn(text, shown)
        out = self.registrar.export("csv", os.path.join(self.directory, "x"))
        self.assertIn("Columbia University", open(out).read())
        # a second time changes nothing
        serial = self.registrar.status()["serial"]
        self.ctl("import", path)
        self.assertEqual(self.registrar.status()["serial"], serial)
        # whois data is not public
        zone = self.registrar.export("zone", os.path.join(self.directory, "z"))
        self.assertNotIn("Columbia", open(zone).read())

    def test_show_says_what_a_thing_is(self):
        path = write(self.directory, "block.csv", numbers.CSV_HEADER +
                     numbers.csv_row("1242357*", "1510"))
        self.ctl("import", path)
        begins = self.ctl("show", "1242357").stdout
        self.assertIn("holder 1510", begins)
        self.assertIn("no records of its own", begins)
        self.assertIn("block +1242357*", begins)
        self.assertIn("in block +1242357*",
                      self.ctl("show", "12423570001").stdout)
        name = "7.5.3.2.4.2.1." + bed.ZONE + "."
        self.assertEqual(self.ctl("show", name).stdout, begins)
        serial = self.registrar.status()["serial"]
        self.assertRegex(self.ctl("show", "@").stdout, rf"SOA .* {serial} ")
        self.assertIn("at most 15 digits",
                      self.ctl("show", "1" * 17, expect=USAGE).stderr)

    def test_explain(self):
        """Every id in a message can be asked for: offline, in any case, also
        where no settings are; a wrong one has its neighbours named."""
        explain = [bed.program("e164ctl"), "explain"]
        path = write(self.directory, "cname.zone", "$TTL 300\n"
                     "web CNAME ns1\nweb A 192.0.2.1\n")
        said = self.ctl("import", path, expect=FAILED).stderr
        cause = re.search(r"\[([a-z-]+)\]", said).group(1)
        for word in (cause, cause.upper().replace("-", "_")):
            done = bed.run([*explain, word])
            self.assertIn("What to do", done.stdout)
            self.assertTrue(done.stdout.startswith(cause + ": "))
        one = json.loads(bed.run([*explain, "--json", "ready"]).stdout)
        self.assertEqual((one["id"], one["kind"], one["level"]),
                         ("ready", "event", "info"))
        ids = json.loads(bed.run([*explain, "--json"]).stdout)["ids"]
        self.assertIn(cause, [row["id"] for row in ids])
        self.assertIn(cause, bed.run(explain).stdout)
        done = bed.run([*explain, "raedy"], expect=FAILED)
        self.assertIn("did you mean 'ready'?", done.stderr)
        bed.run([*explain, "xyzzy"], expect=FAILED)
        bed.run([*explain, "ready", "stopped"], expect=USAGE)
        bed.run([bed.program("e164ctl"), "--config", "/nonexistent",
                 "explain", "ready"])

    def test_show_says_whose_records_answer(self):
        """As DNS does it, for numbers in, around and below nested blocks."""
        path = write(self.directory, "nested.csv", numbers.CSV_HEADER +
                     numbers.csv_row("1243*", "OUT1") +
                     numbers.csv_row("124355*", "INN1") +
                     numbers.csv_row("12435512", "NUM1") +
                     numbers.csv_row("124366", "NUM2") +
                     numbers.csv_row("1243667*", "INN2"))
        self.ctl("import", path)
        ends = ("", "2", "25", "5", "55", "551", "5512", "55123", "55129999",
                "5513", "6", "66", "667", "6671", "668", "7", "70", "*",
                "55*", "66*", "667*", "55123*")
        for number in ("1243" + end for end in ends):
            shown = json.loads(self.ctl("show", number, "--json",
                                        expect=None).stdout)
            name = ".".join(reversed(number.rstrip("*"))) + "." + bed.ZONE
            if number.endswith("*"):
                name = "*." + name
            answer = self.answers(name, "TXT")[2]
            own = [item["data"] for item in shown["records"]
                   if not item["derived"] and item["type"] == "TXT"]
            block = [item["data"] for item in shown["block"]
                     if item["type"] == "TXT"]
            served = [f'"{text.decode()}"' for _, _, _, rdata in answer
                      for text in wire.txt_strings(rdata)]
            with self.subTest(number):
                self.assertEqual(served, {
                    "own": own, "block": block, "nothing": []}[
                        shown["answer"]])
        self.assertIn("from block +124355*: no records of its own",
                      self.ctl("show", "12435599").stdout)

    def test_show_of_everything(self):
        """A number with all that there can be, an OCN, a pool, a host."""
        zone = os.path.join(bed.Options.top, "zones", "2015926696.zone")
        self.ctl("import", zone)
        self.ctl("pool", "open", "12015")
        shown = self.ctl("show", "12015926696").stdout
        for text in ("holder 1510, Example Telephone Company",
                     "answer its own records", "whois, not public",
                     "assignee=Columbia University", "in pool 12015",
                     "carrier 1510"):
            self.assertIn(text, shown)
        # types and TTLs stand in columns
        columns = {re.match(r"  (\S+ +\d+  )\S", line).end(1)
                   for line in shown.splitlines() if line.startswith("  ")}
        self.assertEqual(len(columns), 1)
        self.assertIn("name=Example", self.ctl("show", "1510._ocn").stdout)
        letters = write(self.directory, "letters.zone", "$TTL 300\n"
                        'ab1c._ocn TXT "name=Other"\n1.2.9.9.9 TXT "ocn=AB1C"\n')
        self.ctl("import", letters)
        shown = self.ctl("show", "99921").stdout
        self.assertIn("holder AB1C, Other", shown)
        self.assertIn("carrier AB1C\n", shown)
        self.assertIn("pool=open", self.ctl("show", "12015._pool").stdout)
        self.assertIn("127.0.0.1", self.ctl("show", "ns1").stdout)
        self.ctl("pool", "close", "12015")

    def test_colours_at_terminals_alone(self):
        """And not there with NO_COLOR, or when it cannot show them."""
        path = write(self.directory, "colour.csv", numbers.CSV_HEADER +
                     numbers.csv_row(NUMBER, "1510"))
        self.ctl("import", path)
        self.assertNotIn("\033", self.ctl("show", NUMBER).stdout)
        for more, is_coloured in (({}, True), ({"NO_COLOR": "1"}, False),
                                  ({"NO_COLOR": ""}, True),
                                  ({"TERM": "dumb"}, False)):
            with self.subTest(more):
                shown = self.at_terminal(more, "show", NUMBER)
                self.assertEqual("\033[" in shown, is_coloured)
                self.assertIn("ocn=1510", shown)

    def at_terminal(self, more, *words):
        """Output of e164ctl as a terminal gets it."""
        ours, theirs = pty.openpty()
        environment = dict(os.environ, TERM="xterm")
        environment.pop("NO_COLOR", None)
        environment.update(more)
        child = subprocess.Popen(
            [bed.program("e164ctl"), "--config", self.registrar.config,
             *words], stdout=theirs, env=environment)
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:
                break
            if not more:
                break
            shown += more
        os.close(ours)
        self.assertEqual(child.wait(20), DONE)
        return shown.decode()

    def test_arguments_too_many(self):
        for words in (("stop",), ("status",), ("wait",), ("export",),
                      ("key", "list"), ("pool", "list")):
            self.ctl(*words, "x", expect=USAGE)
        self.ctl("status")

    def test_import_names_what_dns_would_drop(self):
        path = write(self.directory, "cname.zone", "$TTL 300\n"
                     "www CNAME ns1\nwww A 192.0.2.1\n")
        done = self.ctl("import", "--keep-going", path, expect=FAILED)
        self.assertRegex(done.stderr, r"cname\.zone:3:\d+: refused: .*CNAME")
        self.assertEqual(len(self.answers("www." + bed.ZONE, "CNAME")[2]), 1)

    def test_warnings_are_counted_not_repeated(self):
        path = write(self.directory, "warn.csv", numbers.CSV_HEADER + "".join(
            numbers.csv_row(f"120155560{i:02}", "1510", "", "",
                            "A NAME THAT IS TOO LONG") for i in range(50)))
        said = self.ctl("import", path).stderr
        self.assertEqual(said.count("warning: "), 3)
        self.assertIn("50 warnings", said)

    def test_show_of_nothing(self):
        done = self.ctl("show", "49301234567", expect=None)
        self.assertIn(done.returncode, (DONE, FAILED))
        self.assertNotEqual((done.stdout + done.stderr).strip(), "")

    def test_import_errors_name_the_place(self):
        path = write(self.directory, "bad.csv", numbers.CSV_HEADER +
                     numbers.csv_row("12015550001", "1510") +
                     numbers.csv_row("1201555000x", "1510") +
                     numbers.csv_row("12015550002", "151") +
                     "12015550003\n")
        done = self.ctl("import", path, expect=FAILED)
        self.assertRegex(done.stderr, r"bad\.csv:3:\d+: \S")
        done = self.ctl("import", "--keep-going", path, expect=None)
        self.assertEqual(done.returncode, FAILED)
        for line in (3, 4, 5):
            self.assertRegex(done.stderr, rf"bad\.csv:{line}:\d+: \S")
        self.assertIn("ocn=1510", self.ctl("show", "12015550001").stdout)

    def test_import_of_what_is_not_there(self):
        done = self.ctl("import", "/nonexistent.csv", expect=FAILED)
        self.assertIn("/nonexistent.csv", done.stderr)

    def test_import_refuses_a_wrong_header(self):
        path = write(self.directory, "header.csv", "tn,carrier\n1,2\n")
        self.assertRegex(self.ctl("import", path, expect=FAILED).stderr,
                         r"header\.csv:1:")

    def test_zone_goes_round(self):
        """export --format zone imported into another registrar is the same
        zone."""
        path = write(self.directory, "some.csv", numbers.CSV_HEADER + "".join(
            numbers.generate(500, 9)) + numbers.csv_row("4930*", "1510"))
        self.ctl("import", path)
        first = self.registrar.export(
            "zone", os.path.join(self.directory, "first.zone"))
        other = bed.Registrar()
        other.init("--ns", "ns1=127.0.0.1")
        other.start()
        other.ctl("import", first, "--format", "zone")
        second = other.export("zone", os.path.join(self.directory,
                                                   "second.zone"))
        other.stop()

        def records(path):
            with open(path) as text:
                return {line for line in text
                        if "SOA" not in line and not line.startswith(";")}
        self.assertEqual(records(first) - records(second), set())

    def test_usage(self):
        for words in ((), ("frobnicate",), ("import",), ("pool",),
                      ("pool", "open"), ("key", "add"), ("show",),
                      ("export", "--format", "pdf"),
                      ("status", "--frobnicate"), ("wait", "--timeout", "x")):
            with self.subTest(words):
                done = self.ctl(*words, expect=USAGE)
                self.assertNotEqual(done.stderr.strip(), "")
        bed.run([bed.program("e164ctl"), "status"], expect=USAGE)
        bed.run([bed.program("e164d")], expect=USAGE)
        bed.run([bed.program("e164d"), "--frobnicate"], expect=USAGE)

    def test_help_and_version(self):
        for name in ("e164d", "e164ctl"):
            self.assertIn("usage", bed.run(
                [bed.program(name), "--help"]).stdout)
            self.assertRegex(bed.run([bed.program(name), "--version"]).stdout,
                             r"\d+\.\d+")

    def test_wait_for_a_slot(self):
        slot = self.registrar.status()["slot_applied"]
        self.ctl("wait", "--slot", slot)
        done = self.ctl("wait", "--slot", slot + 1000, "--timeout", 1,
                        expect=None)
        self.assertIn(done.returncode, (3, 4))


class Life(unittest.TestCase):
    def test_nothing_runs(self):
        """Verbs that need the daemon say so with exit code 3."""
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        path = write(registrar.directory, "n.csv", numbers.CSV_HEADER)
        for words in (("status",), ("show", NUMBER), ("stop",),
                      ("pool", "list"), ("key", "list"), ("import", path),
                      ("export",)):
            with self.subTest(words):
                done = registrar.ctl(*words, expect=NOT_RUNNING)
                self.assertNotEqual(done.stderr.strip(), "")
        registrar.ctl("wait", "--timeout", 1, expect=NOT_RUNNING)

    def test_stop_and_signals(self):
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        self.assertIn("ready", registrar.log_text())
        self.assertIn(str(registrar.port), registrar.log_text())
        registrar.ctl("stop")
        self.assertEqual(registrar.child.wait(20), 0)
        for how in (signal.SIGTERM, signal.SIGINT):
            registrar.start()
            self.assertEqual(bed.stop(registrar.child, how), 0)
        registrar.start()
        registrar.child.send_signal(signal.SIGHUP)
        registrar.child.send_signal(signal.SIGPIPE)
        registrar.status()
        registrar.stop()

    def test_init_twice(self):
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        before = bed.fingerprint(registrar.state)
        done = registrar.init(expect=FAILED)
        self.assertNotEqual(done.stderr.strip(), "")
        self.assertEqual(bed.fingerprint(registrar.state), before)

    def test_init_refuses_nonsense(self):
        for words in (("--zone", "a..b"), ("--zone", "x" * 64),
                      ("--zone", "a.example", "--ns", "ns1=nowhere"),
                      ("--zone", "a.example", "--serial", "-1"),
                      ("--zone", "a.example", "--serial", "4294967296")):
            with self.subTest(words):
                registrar = bed.Registrar()
                done = registrar.ctl("init", *words, expect=None)
                self.assertIn(done.returncode, (FAILED, USAGE))
                self.assertNotEqual(done.stderr.strip(), "")
                self.assertFalse(os.path.exists(
                    os.path.join(registrar.state, "identity")))

    def test_start_without_init(self):
        registrar = bed.Registrar()
        registrar.launch()
        self.assertEqual(registrar.child.wait(20), FAILED)
        self.assertIn("init", registrar.log_text())

    def test_port_in_use(self):
        first = bed.Registrar()
        first.init("--ns", "ns1=127.0.0.1")
        first.start()
        second = bed.Registrar()
        second.port = first.port
        second.write_config()
        second.init("--ns", "ns1=127.0.0.1")
        second.launch()
        self.assertEqual(second.child.wait(20), FAILED)
        self.assertIn(str(first.port), second.log_text())
        first.stop()


class Settings(unittest.TestCase):
    def check(self, text, expect):
        directory = bed.scratch()
        path = write(directory, "e164.yaml", text)
        return bed.run([bed.program("e164d"), "--config", path, "--check"],
                       expect=expect)

    def test_good(self):
        self.check("registrar: r1\nstate: /tmp/nowhere\nlisten:\n"
                   "  dns: [127.0.0.1@5300]\n  control: /tmp/n.sock\n"
                   "threads: 2\n", DONE)

    def test_all_errors_at_once(self):
        done = self.check("registrar: r1\nstaet: /tmp/nowhere\nlisten:\n"
                          "  dns: [127.0.0.1@530000]\n"
                          "  control: /tmp/n.sock\nthreads: many\n", FAILED)
        said = done.stderr + done.stdout
        self.assertRegex(said, r"e164\.yaml:2:1: ")
        self.assertRegex(said, r"e164\.yaml:4:\d+: ")
        self.assertRegex(said, r"e164\.yaml:6:\d+: ")
        self.assertIn("state", said.replace("staet", ""))

    def test_broken_yaml(self):
        done = self.check("registrar: [r1\nstate: x\n", FAILED)
        self.assertRegex(done.stderr, r"e164\.yaml:\d+:\d+: ")

    def test_no_file(self):
        done = bed.run([bed.program("e164d"), "--config", "/nonexistent",
                        "--check"], expect=FAILED)
        self.assertIn("/nonexistent", done.stderr)


class StateDirectories(unittest.TestCase):
    """Refused with words, and not a byte changed."""

    def prepared(self):
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        path = write(registrar.directory, "n.csv", numbers.CSV_HEADER +
                     "".join(numbers.generate(3000, 4)))
        registrar.ctl("import", path)
        registrar.stop()
        return registrar

    def refused(self, registrar, *words):
        before = bed.fingerprint(registrar.state)
        registrar.launch()
        try:
            code = registrar.child.wait(30)
        except subprocess.TimeoutExpired:
            registrar.kill()
            self.fail("it started: " + registrar.log_text())
        self.assertEqual(code, FAILED, registrar.log_text())
        self.assertEqual(bed.fingerprint(registrar.state), before)
        said = registrar.log_text().lower()
        self.assertTrue(any(w in said for w in words), said)

    def test_locked(self):
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        second = bed.Registrar()
        second.state = registrar.state
        second.write_config()
        second.launch()
        self.assertEqual(second.child.wait(20), FAILED)
        self.assertRegex(second.log_text(), r"in use|locked|runs")
        self.assertEqual(registrar.status()["registrar"], "r1")
        registrar.stop()

    def test_foreign(self):
        registrar = bed.Registrar()
        os.mkdir(registrar.state)
        write(registrar.state, "thesis.txt", "forty-two\n")
        before = bed.fingerprint(registrar.state)
        done = registrar.init(expect=FAILED)
        self.assertIn(registrar.state, done.stderr)
        self.assertEqual(bed.fingerprint(registrar.state), before)
        self.refused(registrar, "init", "something else", "not ")

    def test_of_another_registrar(self):
        registrar = self.prepared()
        registrar.name = "r2"
        registrar.write_config()
        self.refused(registrar, "r1")

    def test_newer(self):
        registrar = self.prepared()
        path = os.path.join(registrar.state, "identity")
        text = open(path).read()
        self.assertIn("e164d state 1\n", text)
        write(registrar.state, "identity",
              text.replace("e164d state 1\n", "e164d state 9\n"))
        self.refused(registrar, "newer")

    def test_identity_damaged(self):
        registrar = self.prepared()
        path = os.path.join(registrar.state, "identity")
        write(registrar.state, "identity",
              open(path).read().replace("zone e164", "zone e163"))
        self.refused(registrar, "damaged")

    def flip(self, path, at):
        with open(path, "r+b") as data:
            data.seek(at)
            byte = data.read(1)
            data.seek(at)
            data.write(bytes([byte[0] ^ 1]))

    def segments(self, registrar):
        directory = os.path.join(registrar.state, "journal")
        return sorted(os.path.join(directory, name)
                      for name in os.listdir(directory))

    def test_journal_damaged_in_the_middle(self):
        """A flipped bit before the last record is damage, not a torn tail."""
        registrar = self.prepared()
        path = self.segments(registrar)[0]
        used = len(open(path, "rb").read().rstrip(b"\0"))
        self.flip(path, used // 2)
        self.refused(registrar, "damage", "lost")

    def test_journal_gone(self):
        registrar = self.prepared()
        for path in self.segments(registrar):
            os.unlink(path)
        self.refused(registrar, "damage", "lost", "missing", "no segments")

    def test_mark_gone(self):
        registrar = self.prepared()
        marks = [os.path.join(where, name)
                 for where, _, files in os.walk(registrar.state)
                 for name in files if name.startswith("mark")]
        self.assertTrue(marks)
        for path in marks:
            os.unlink(path)
        self.refused(registrar, "mark", "lost", "damage")

    def test_store_damaged_and_made_again(self):
        """The store is behind the journal: damage to it is told, and with
        the directory moved away it is made again with nothing lost."""
        registrar = self.prepared()
        out = os.path.join(registrar.directory, "out.csv")
        store = os.path.join(registrar.state, "store")
        registrar.start()
        wanted = open(registrar.export("csv", out)).read()
        registrar.stop()
        for name in os.listdir(store):
            path = os.path.join(store, name)
            if os.path.isfile(path) and os.path.getsize(path) > 100_000 and \
                    not name.startswith(("__db", "log.")):
                self.flip(path, os.path.getsize(path) // 2)
        registrar.launch()
        self.assertNotEqual(registrar.child.wait(20), 0)
        self.assertRegex(registrar.log_text(), "checksum error|damage")
        os.rename(store, os.path.join(registrar.directory, "away"))
        registrar.start()
        self.assertEqual(open(registrar.export("csv", out)).read(), wanted)
        registrar.stop()
