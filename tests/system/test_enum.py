"""ENUM as SIP servers use it: Kamailio's enum_query against our server, and
`e164ctl enum`, which foretells what Kamailio does, held against it.

Kamailio asks the resolver of the system, which knows port 53 alone. So both
run in a network namespace of their own, with a resolv.conf of its own.
"""

import glob
import json
import os
import re
import unittest

import bed

DNS = "127.0.0.1@53"  # in the namespace
SIP_PORT = 5060

# What the route does with what it finds: 302 lists it, the best first.
ROUTE = """
debug=1
log_stderror=yes
fork=no
listen=udp:127.0.0.1:{port}
auto_aliases=no
rev_dns=no
mpath="{modules}"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "enum.so"
modparam("enum", "domain_suffix", "{zone}.")
request_route {{
	if (enum_query())
		sl_send_reply("302", "Found");
	else
		sl_send_reply("404", "Not found");
}}
"""

# Asks as a telephone does and prints the answer; run in the namespace.
PHONE = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.settimeout(0.5)
port = s.getsockname()[1]
for n, number in enumerate(sys.argv[2:]):
    text = (f"OPTIONS sip:{number}@127.0.0.1 SIP/2.0\\r\\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{n}\\r\\n"
            f"From: <sip:phone@127.0.0.1>;tag={n}\\r\\n"
            f"To: <sip:{number}@127.0.0.1>\\r\\n"
            f"Call-ID: {n}@127.0.0.1\\r\\nCSeq: 1 OPTIONS\\r\\n"
            f"Max-Forwards: 70\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
    for _ in range(40):
        s.sendto(text, ("127.0.0.1", int(sys.argv[1])))
        try:
            answer = s.recv(65535).decode()
            while f"Call-ID: {n}@" not in answer:
                answer = s.recv(65535).decode()
            break
        except OSError:
            continue
    else:
        sys.exit(f"no answer for {number}")
    print(answer)
"""

# Rules of all kinds, one number each; what carriers may not write, the
# authority may.
RULES = [
    'NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:alice@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^(.*)$!sip:\\\\1@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" '
    '"!^\\\\+1([0-9]{3})(.*)$!sip:\\\\2-\\\\1@example.com!" .',
    'NAPTR 100 10 "u" "E2U+SIP" "!^.*$!sip:a@example.com;user=phone!" .',
    'NAPTR 100 10 "U" "e2u+sip" "!^.*$!sip:a@example.com!" .',
    'NAPTR 100 10 "u" "sip+E2U" "!^.*$!sip:a@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^.*$!sips:a@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@example.com!i" .',
    'NAPTR 100 10 "u" "E2U+sip" "/^.*$/sip:a@example.com/" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a\\\\!b@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:\\\\1@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^(.*)$!sip:\\\\0@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^(.).*$!sip:\\\\12@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^\\\\+44(.*)$!sip:\\\\1@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" '
    '"!^\\\\+1(44)?(.*)$!sip:x\\\\1\\\\2@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" '
    '"!^\\\\+(1|12|120)(.*)$!sip:\\\\2@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" '
    '"!^(.)(.)(.)(.)(.)(.)(.*)$!sip:\\\\1@example.com!" .',
    'NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a$1b@example.com!" .',
    'NAPTR 100 10 "" "E2U+sip" "!^.*$!sip:a@example.com!" .',
    'NAPTR 100 10 "" "" "" other.example.',
    'NAPTR 100 10 "u" "E2U+sip+voice:tel" "!^.*$!sip:a@example.com!" .',
    'NAPTR 100 10 "u" "E2U+voice:sip" "!^.*$!sip:a@example.com!" .',
    'NAPTR 100 10 "u" "E2U+pstn:tel" "!^.*$!tel:+12015550123;npdi!" .',
]


def owner(number):
    return ".".join(reversed(number))


class Namespace:
    """Loopback and a resolv.conf of its own."""

    def __init__(self, directory):
        resolv = os.path.join(directory, "resolv.conf")
        with open(resolv, "w") as out:
            out.write("nameserver 127.0.0.1\noptions timeout:2\n")
        rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        ready = os.path.join(directory, "namespace")
        self.holder = bed.spawn(
            [bed.tool("unshare"), *rights, "--net", "--mount", "sh", "-c",
             '"$1" link set lo up && mount --bind "$0" /etc/resolv.conf && '
             'echo ready && exec sleep 3600', resolv, bed.tool("ip")], ready)
        bed.until("network namespace", lambda: "ready" in open(ready).read(),
                  child=self.holder, log=ready)
        self.enter = [bed.tool("nsenter"), "--target", str(self.holder.pid),
                      *(["--user", "--preserve-credentials"] if rights else
                        []), "--net", "--mount"]

    def close(self):
        self.holder.kill()
        self.holder.wait()


class Registrar(bed.Registrar):
    """In a namespace; its control socket is outside too."""

    def __init__(self, namespace_of, **kwargs):
        super().__init__(**kwargs)
        self.namespace = namespace_of(self.directory)
        with open(self.config) as text:
            settings = text.read()
        with open(self.config, "w") as out:
            out.write(re.sub(r"dns: \[.*\]", f"dns: [{DNS}]", settings))

    def launch(self):
        self.child = bed.spawn(
            [*self.namespace.enter, bed.program("e164d"), "--config",
             self.config], self.log)
        return self

    def inside(self, *command, expect=0):
        return bed.run([*self.namespace.enter, *command], expect=expect)

    def enum(self, number):
        """What e164ctl says, asked in the namespace."""
        return json.loads(self.inside(
            bed.program("e164ctl"), "--config", self.config, "enum", number,
            "--json").stdout)


class Kamailio(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registrar = Registrar(Namespace)
        cls.registrar.init("--ns", "ns1=127.0.0.1")
        cls.registrar.start()
        cls.directory = cls.registrar.directory
        modules = glob.glob("/usr/lib/*/kamailio/modules/enum.so")
        if not modules:
            raise bed.Failure("kamailio is not installed")
        config = os.path.join(cls.directory, "kamailio.cfg")
        with open(config, "w") as out:
            out.write(ROUTE.format(port=SIP_PORT, zone=bed.ZONE,
                                   modules=os.path.dirname(modules[0])))
        cls.server = bed.spawn(
            [*cls.registrar.namespace.enter, bed.tool("kamailio"), "-f",
             config, "-DD", "-E", "-m", "32", "-M", "4", "-w", cls.directory,
             "-Y", cls.directory],
            os.path.join(cls.directory, "kamailio.log"))

    @classmethod
    def tearDownClass(cls):
        bed.stop(cls.server)
        cls.registrar.stop()
        cls.registrar.namespace.close()

    def take(self, text):
        path = os.path.join(self.directory, "given.zone")
        with open(path, "w") as out:
            out.write("$TTL 300\n" + text)
        self.registrar.ctl("import", path)

    def contacts(self, *numbers):
        """For each number [(URI, q)], in the order of the answer."""
        answers = self.registrar.inside(
            "/usr/bin/python3", "-c", PHONE, str(SIP_PORT),
            *numbers).stdout.split("SIP/2.0 ")[1:]
        self.assertEqual(len(answers), len(numbers))
        found = []
        for answer in answers:
            lines = re.findall(r"(?m)^Contact: (.*?)\r?$", answer)
            found.append(re.findall(r"<([^>]*)>(?:;q=([0-9.]+))?",
                                    ",".join(lines)))
            self.assertEqual(answer[:3], "302" if found[-1] else "404")
        return found

    def dialled(self, *numbers):
        return [[uri for uri, _ in found]
                for found in self.contacts(*numbers)]

    def foretold(self, number):
        readers = {reader["reader"]: reader
                   for reader in self.registrar.enum(number)["readers"]}
        return readers["kamailio"]

    def test_number_and_block(self):
        """A number with records of its own, and two of its neighbours, for
        whom the block answers, also beside that number."""
        self.take('*.5.5.5.1.0.2.1 TXT "ocn=1510"\n'
                  '  NAPTR 100 10 "u" "E2U+sip" '
                  '"!^(.*)$!sip:\\\\1@block.example.com!" .\n'
                  '3.2.1.0.5.5.5.1.0.2.1 NAPTR 100 10 "u" "E2U+sip" '
                  '"!^.*$!sip:alice@example.com!" .\n')
        self.assertEqual(
            self.dialled("+12015550123", "+12015550124", "+12015559999"),
            [["sip:alice@example.com"],
             ["sip:+12015550124@block.example.com"],
             ["sip:+12015559999@block.example.com"]])
        for number in ("+12015550123", "+12015550124"):
            self.assertTrue(self.registrar.enum(number)["agree"])
        self.assertEqual(self.dialled("+12016660000"), [[]])

    def test_ported_number(self):
        """What other carriers need (pstn:tel with npdi and rn) is not taken
        for a SIP address; of several addresses each has its turn."""
        self.take('1.2.1.0.6.5.5.1.0.2.1 TXT "ocn=5678"\n'
                  '  TXT "lrn=12015559999"\n'
                  '  NAPTR 100 30 "u" "E2U+sip" '
                  '"!^.*$!sip:third@example.com!" .\n'
                  '  NAPTR 100 10 "u" "E2U+sip" '
                  '"!^.*$!sip:first@example.com!" .\n'
                  '  NAPTR 100 20 "u" "E2U+sip" '
                  '"!^(.*)$!sip:\\\\1@second.example.com!" .\n'
                  '  NAPTR 100 40 "u" "E2U+email:mailto" '
                  '"!^.*$!mailto:a@example.com!" .\n')
        found = self.contacts("+12015560121")[0]
        self.assertEqual([uri for uri, _ in found],
                         ["sip:first@example.com",
                          "sip:+12015560121@second.example.com",
                          "sip:third@example.com"])
        turns = [float(q) for _, q in found]
        self.assertEqual(turns, sorted(turns, reverse=True))
        self.assertEqual(len(set(turns)), 3)
        said = self.registrar.enum("+12015560121")
        self.assertTrue(said["agree"])
        self.assertEqual(said["warnings"], [])
        self.assertEqual(len(said["records"]), 5)
        self.assertEqual(self.foretold("+12015560121")["dials"],
                         [uri for uri, _ in found])

    def test_foretold_is_what_it_does(self):
        """Each rule by itself, and all of them at one number."""
        numbers = [f"1201777{i:04}" for i in range(len(RULES))]
        self.take("".join(f"{owner(number)} {rule}\n"
                          for number, rule in zip(numbers, RULES)))
        every = "12017780000"
        self.take("".join(
            f'{owner(every)} {rule.replace("100 10", f"{100 + i % 3} {i}")}\n'
            for i, rule in enumerate(RULES)))
        numbers.append(every)
        found = self.dialled(*("+" + number for number in numbers))
        for number, rule, uris in zip(numbers, RULES + ["all"], found):
            with self.subTest(rule):
                told = self.foretold(number)
                self.assertTrue(told["sure"])
                self.assertEqual(told["dials"], uris)
        self.assertGreater(len(found[-1]), 10)


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registrar = bed.Registrar()
        cls.registrar.init("--ns", "ns1=127.0.0.1")
        cls.registrar.start()

    @classmethod
    def tearDownClass(cls):
        cls.registrar.stop()

    def take(self, text):
        path = os.path.join(self.registrar.directory, "given.zone")
        with open(path, "w") as out:
            out.write("$TTL 300\n" + text)
        self.registrar.ctl("import", path)

    def test_nothing(self):
        said = self.registrar.ctl("enum", "4930123", expect=1).stderr
        self.assertIn("no NAPTR", said)

    def test_arguments(self):
        for words in ((), ("1201", "1202"), ("12x",), ("1" * 16,),
                      ("1201", "--server", "nowhere"),
                      ("1201", "--zone", "a..b")):
            with self.subTest(words):
                self.registrar.ctl("enum", *words, expect=2)

    def test_other_server(self):
        """--server and --zone need no registrar of the settings."""
        self.take('1.1.1.1 NAPTR 100 10 "u" "E2U+sip" '
                  '"!^.*$!sip:a@example.com!" .\n')
        other = bed.Registrar()
        server = f"127.0.0.1@{self.registrar.port}"
        self.assertIn("sip:a@example.com", other.ctl(
            "enum", "1111", "--server", server, "--zone", bed.ZONE).stdout)
        other.ctl("enum", "1111", "--server", server, expect=3)
        self.assertIn("no answer from", other.ctl(
            "enum", "1111", "--server", f"127.0.0.1@{other.port}", "--zone",
            bed.ZONE, expect=1).stderr)
        self.assertIn("REFUSED", other.ctl(
            "enum", "1111", "--server", server, "--zone", "elsewhere.example",
            expect=1).stderr)

    def test_carriers_may_write_what_all_dial_alike(self):
        """Each rule by UPDATE with a carrier's key: it is taken, and then the
        three dial the same, or refused, and the log says why."""
        self.registrar.ctl("pool", "open", "1201592")
        key = os.path.join(self.registrar.directory, "key")
        with open(key, "w") as out:
            out.write(self.registrar.ctl("key", "add", "carrier.key",
                                         "--role", "carrier", "--ocn",
                                         "1510").stdout)
        taken = []
        for i, rule in enumerate(RULES):
            number = f"1201592{i:04}"
            name = f"{owner(number)}.{bed.ZONE}."
            done = bed.run(
                [bed.tool("nsupdate"), "-k", key], expect=None,
                input=f"server 127.0.0.1 {self.registrar.port}\n"
                f"zone {bed.ZONE}\nupdate add {name} 300 TXT \"ocn=1510\"\n"
                f"update add {name} 300 {rule}\nsend\n")
            with self.subTest(rule):
                if done.returncode == 0:
                    taken.append(rule)
                    self.assert_all_alike(number, "sips:" in rule)
                    continue
                # some rules nsupdate itself does not send
                self.assertRegex(done.stderr, "REFUSED|syntax error")
        # the log has the first ten of a kind
        with open(self.registrar.log) as log:
            self.assertIn("NAPTR: the delimiter is not !", log.read())
        self.assertEqual(taken, [RULES[i] for i in (0, 1, 2, 6)])

    def assert_all_alike(self, number, is_sips):
        said = json.loads(self.registrar.ctl("enum", number, "--json").stdout)
        self.assertEqual(said["agree"], not is_sips)
        if not is_sips:
            self.assertEqual(said["warnings"], [])

    def test_more_than_a_datagram(self):
        """Over TCP then; the warning says what it means."""
        self.take("".join(
            f'2.2.2.2 NAPTR 100 {i} "u" "E2U+sip" '
            f'"!^.*$!sip:{"x" * 40}{i}@example.com!" .\n'
            for i in range(60)))
        said = json.loads(self.registrar.ctl("enum", "2222",
                                             "--json").stdout)
        self.assertEqual(len(said["records"]), 60)
        self.assertEqual(len(said["readers"][0]["dials"]), 60)
        self.assertIn("datagram", " ".join(said["warnings"]))
