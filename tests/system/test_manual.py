"""Manual pages: clean, complete, and their examples do what they say."""

import json
import os
import re
import unittest

import bed

PAGES = ("e164d.8", "e164ctl.8", "e164d.conf.5")
TABLES = {"src/cmd/commands.def": r'^COMMAND\("([^"]+)"',
          "src/settings/settings.def": r'^OPTION\("([^"]+)"',
          "src/sys/event.def": r'^EVENT\(\w+, "([^"]+)"',
          "src/registry/cause.def": r'^CAUSE\((?!NONE)\w+, "([^"]+)"',
          "src/query/query.def": r"^QUERY_COUNTER\((\w+)",
          "src/net/net.def": r"^NET_COUNTER\((\w+)",
          "src/server/update.def": r"^UPDATE_COUNTER\((\w+)"}


def page(name):
    """Its source."""
    with open(os.path.join(bed.Options.builddir, "doc", name)) as text:
        return text.read()


def plain(text):
    """Without what mdoc needs."""
    return text.replace("\\-", "-").replace("\\(aq", "'").replace(
        "\\&", "").replace("\\e", "\\")


def literals(name):
    """Literal blocks of the section EXAMPLES."""
    section = page(name).split("\n.Sh EXAMPLES\n")[1].split("\n.Sh ")[0]
    return [plain(block) for block in
            re.findall(r"(?s)\n?\.Bd -literal[^\n]*\n(.*?)\.Ed", section)]


def table(path):
    with open(os.path.join(bed.Options.top, path)) as text:
        return re.findall(TABLES[path], text.read(), re.M)


def verbs():
    """The commands that e164ctl --help lists, in its order."""
    text = bed.run([bed.program("e164ctl"), "--help"]).stdout
    return re.findall(r"(?m)^  (\w+(?: \w+)?) {2,}\S",
                      text.split("\n\n")[2])


def examples(verb):
    """What --help of a command gives as examples."""
    text = bed.run([bed.program("e164ctl"), *verb.split(), "--help"]).stdout
    return [line.strip()
            for line in text.split("\nexample:\n")[1].splitlines()]


def keys(value):
    """All keys of a JSON value, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


class Pages(unittest.TestCase):
    def test_lint(self):
        """mandoc -Tlint has nothing to say, except that pages it would refer
        to are not installed here."""
        for name in PAGES:
            with self.subTest(name):
                done = bed.run([bed.tool("mandoc"), "-Tlint", "-Wall",
                                os.path.join(bed.Options.builddir, "doc",
                                             name)], expect=None)
                said = [line for line in done.stdout.splitlines()
                        if "referenced manual not found" not in line]
                self.assertEqual(said, [])

    def assert_items(self, name, words):
        for word in words:
            with self.subTest(word):
                self.assertTrue(re.search(
                    rf"(?m)^\.?(It )?\.?Cm {re.escape(word)}$",
                    page(name)), f"is not in {name}")

    def test_tables(self):
        """Every command, setting and counter has its entry."""
        self.assert_items("e164ctl.8", table("src/cmd/commands.def"))
        self.assert_items("e164d.conf.5", table("src/settings/settings.def"))
        self.assert_items("e164ctl.8", ["query_" + name for name in
                                        table("src/query/query.def")])
        self.assert_items("e164ctl.8", ["net_" + name for name in
                                        table("src/net/net.def")])
        self.assert_items("e164ctl.8", ["update_" + name for name in
                                        table("src/server/update.def")])
        for path in ("src/sys/event.def", "src/registry/cause.def"):
            for word in table(path):
                self.assertRegex(page("e164d.8"),
                                 rf"(?m)^\.It Cm {word} Pq ")

    def test_options_of_e164d(self):
        text = plain(page("e164d.8"))
        options = re.findall(r"(?m)^  .*?--([a-z-]+)", bed.run(
            [bed.program("e164d"), "--help"]).stdout)
        self.assertEqual(len(options), 4)
        for option in options:
            self.assertTrue(f"Fl -{option}" in text, option)

    def test_commands_read_as_in_help(self):
        """The page, rendered, has the usage line of each command."""
        rendered = bed.run([bed.tool("mandoc"), "-Tascii", "-Owidth=200",
                            os.path.join(bed.Options.builddir, "doc",
                                         "e164ctl.8")]).stdout
        rendered = " ".join(re.sub(r".\x08", "", rendered).split())
        for verb in table("src/cmd/commands.def"):
            done = bed.run([bed.program("e164ctl"), *verb.split(), "--help"])
            usage = done.stdout.split("\n\n")[0]
            usage = re.split("--(?:config|key) FILE ", usage, 1)[1]
            self.assertIn(" ".join(usage.split()), rendered)


    def test_help_fits_a_terminal(self):
        """80 columns, and every command is in the list."""
        texts = [bed.run([bed.program(name), "--help"]).stdout
                 for name in ("e164d", "e164ctl")]
        texts += [bed.run([bed.program("e164ctl"), *verb.split(),
                           "--help"]).stdout for verb in verbs()]
        self.assertEqual(verbs(), table("src/cmd/commands.def"))
        for text in texts:
            for line in text.splitlines():
                with self.subTest(line):
                    self.assertLessEqual(len(line), 80)
                    self.assertEqual(line, line.rstrip())


class Examples(unittest.TestCase):
    """The lines under EXAMPLES, in a directory with the files they name."""

    def setUp(self):
        self.registrar = bed.Registrar()
        self.directory = self.registrar.directory
        self.children = []
        os.rename(self.registrar.config, os.path.join(self.directory,
                                                      "r1.yaml"))
        self.registrar.config = os.path.join(self.directory, "r1.yaml")
        for name in ("numbers.csv", "2015926696.zone"):
            with open(os.path.join(bed.Options.top, "zones", name)) as given:
                self.write(name, given.read())
        self.write("pin.txt", "493821\n")
        self.write("blocks.psv", "1646556|Example Telephone Company\n"
                   "1646557|Another Carrier\n")

    def tearDown(self):
        for child in self.children:
            if child.poll() is None:
                bed.stop(child)

    def write(self, name, text):
        with open(os.path.join(self.directory, name), "w") as out:
            out.write(text)

    def run_line(self, line):
        """As a person types it; & at the end is the background."""
        line = line.replace("-p 5300", f"-p {self.registrar.port}").replace(
            "@5300", f"@{self.registrar.port}")
        path = os.path.abspath(bed.Options.builddir)
        options = {"cwd": self.directory,
                   "env": dict(os.environ, PATH=path + ":" + os.environ.get(
                       "PATH", "/usr/bin:/bin"))}
        if line.endswith("&"):
            self.children.append(bed.spawn(
                ["sh", "-c", "exec " + line.rstrip("& ")],
                os.path.join(self.directory, "log"), **options))
            return ""
        return bed.run(["sh", "-c", line], **options).stdout

    def test_e164d(self):
        lines = literals("e164d.8")[0].splitlines()
        said = [self.run_line(line) for line in lines]
        self.assertIn("hostmaster." + bed.ZONE, "".join(said))
        self.assertEqual(self.children[0].wait(20), 0)

    def test_e164ctl(self):
        """The examples that --help of each command gives, in the order of
        --help; so what begins a registry comes first and what ends it last.
        The manual has the same ones."""
        lines = []
        for verb in verbs():
            mine = examples(verb)
            self.assertGreater(len(mine), 0, verb)
            for line in mine:
                self.assertRegex(line, rf"^e164ctl .*\b{verb}\b")
            lines += mine
        block = "".join(literals("e164ctl.8"))
        self.assertEqual(block.splitlines(), lines)
        self.run_line(lines.pop(0))
        self.run_line("e164d --config r1.yaml &")
        self.run_line("e164ctl --config r1.yaml wait")
        self.run_line("e164ctl --config r1.yaml import 2015926696.zone")
        for line in lines:
            with self.subTest(line):
                self.run_line(line)
        self.assertEqual(self.children[0].wait(20), 0)

    def test_settings(self):
        blocks = literals("e164d.conf.5")
        self.assertEqual(len(blocks), 2)
        for n, block in enumerate(blocks):
            path = f"example{n}.yaml"
            self.write(path, block)
            self.run_line(f"e164d --config {path} --check")

    def test_json(self):
        """Every key of JSON output is in the manual."""
        lines = literals("e164ctl.8")[0].splitlines()
        self.run_line(lines[0])
        self.run_line("e164d --config r1.yaml &")
        found = set()
        for words in ("wait", "import numbers.csv", "pool open 12015"):
            self.run_line("e164ctl --config r1.yaml " + words)
        for words in ("status --json", "key list --json", "pool list --json",
                      "show 12015550123 --json", "show @ --json",
                      "enum 12015550123 --json"):
            found |= set(keys(json.loads(
                self.run_line("e164ctl --config r1.yaml " + words))))
        self.run_line("e164ctl --config r1.yaml stop")
        text = page("e164ctl.8")
        self.assertGreater(len(found), 30)
        for key in found:
            with self.subTest(key):
                self.assertTrue(re.search(
                    rf"(?m)^\.(It )?Cm (.* )?{key}\b", text),
                    "is not in e164ctl.8")

    def test_readme(self):
        """The first query by hand, with both files, as README.md has it."""
        with open(os.path.join(bed.Options.top, "README.md")) as text:
            part = text.read().split("\n## First query by hand\n")[1].split(
                "\n## ")[0]
        part = part.replace("/tmp/e164", self.directory).replace(
            "@5300", f"@{self.registrar.port}")
        blocks = [re.sub("(?m)^    ", "", block)
                  for block in re.findall(r"(?m)(?:^    .*\n)+", part)]
        self.assertEqual(len(blocks), 5)
        self.write("e164.yaml", blocks[1])
        self.write("numbers.csv", blocks[2])
        said = [self.run_line(line) for line in blocks[3].splitlines()]
        self.assertIn("sip:alice@example.com", said[-2])
        self.assertIn('"ocn=1510"', said[-1])
        said = [self.run_line(line) for line in blocks[4].splitlines()]
        self.assertIn("from block +1201555*", said[0])
        self.assertIn("Kamailio    sip:alice@example.com", said[1])
        self.assertEqual(self.children[0].wait(20), 0)
