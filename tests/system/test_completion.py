"""Completion in bash and zsh, as those shells do it."""

import os
import pty
import select
import shutil
import time
import unittest

import bed


def completion(shell):
    return os.path.join(bed.Options.builddir, "contrib", "completion",
                        "e164ctl." + shell)


class Bash(unittest.TestCase):
    def complete(self, *words):
        """What bash would offer for the last word."""
        script = ('. "$1"; shift; function=_$1; COMP_WORDS=("$@"); '
                  'COMP_CWORD=$(($# - 1)); $function; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = bed.run([bed.tool("bash"), "-u", "-c", script, "bash",
                        completion("bash"), *words], cwd=self.directory)
        self.assertEqual(done.stderr, "")
        return sorted(done.stdout.split())

    def setUp(self):
        self.directory = bed.scratch()
        for name in ("numbers.csv", "note.txt"):
            open(os.path.join(self.directory, name), "w").close()

    def test_verb(self):
        self.assertEqual(self.complete("e164ctl", "imp"), ["import"])
        self.assertEqual(self.complete("e164ctl", "--config", "a.yaml",
                                       "expo"), ["export"])
        verbs = self.complete("e164ctl", "")
        self.assertIn("init", verbs)
        self.assertEqual(verbs.count("key"), 1)

    def test_verb_of_two_words(self):
        self.assertEqual(self.complete("e164ctl", "key", ""),
                         ["add", "list", "revoke", "rotate"])
        self.assertEqual(self.complete("e164ctl", "key", "add", "x", "--r"),
                         ["--role"])

    def test_option(self):
        self.assertEqual(self.complete("e164ctl", "import", "--fo"),
                         ["--format"])
        self.assertEqual(self.complete("e164ctl", "-"),
                         ["--config", "--help", "--version"])
        self.assertEqual(self.complete("e164d", "--ch"), ["--check"])

    def test_value(self):
        self.assertEqual(self.complete("e164ctl", "import", "x", "--format",
                                       ""), ["csv", "psv", "zone"])
        self.assertEqual(self.complete("e164ctl", "key", "add", "x", "--role",
                                       "tr"), ["transfer"])
        self.assertEqual(self.complete("e164ctl", "wait", "--slot", ""), [])

    def test_file(self):
        for words in (("e164ctl", "import", "nu"), ("e164ctl", "-c", "nu"),
                      ("e164d", "--config", "nu")):
            self.assertEqual(self.complete(*words), ["numbers.csv"])
        self.assertEqual(self.complete("e164ctl", "show", "nu"), [])


class Terminal(unittest.TestCase):
    """A shell at a terminal, as a user has it; TAB completes."""
    shell = None
    arguments = ()
    prepare = ""

    def setUp(self):
        self.directory = bed.scratch()
        shutil.copy(completion(self.shell),
                    os.path.join(self.directory, "_e164ctl"))
        for name in ("numbers.csv", "note.txt"):
            open(os.path.join(self.directory, name), "w").close()
        shell = bed.tool(self.shell)
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(self.directory)
            os.execve(shell, [shell, *self.arguments, "-i"], {
                "HOME": self.directory, "TERM": "vt100", "LANG": "C",
                "PATH": os.environ.get("PATH", "/usr/bin:/bin")})
        self.pid = pid
        self.type(self.prepare + "print_ready\n")
        self.read_until("ready\r\n")

    def tearDown(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def read_until(self, text):
        seen = ""
        end = time.monotonic() + 20
        while text not in seen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [],
                                              left)[0]:
                raise bed.Failure(f"{self.shell} did not say {text!r} but "
                                  f"{seen!r}")
            seen += os.read(self.terminal, 4096).decode(errors="replace")
        return seen

    def complete(self, line, wanted):
        """TAB makes the line read so; then it is thrown away."""
        self.type(line + "\t")
        self.read_until(wanted)
        self.type("\x15\n")

    def check_verb(self):
        self.complete("e164ctl imp", "import")
        self.complete("e164ctl -c a.yaml expo", "export")

    def check_verb_of_two_words(self):
        self.complete("e164ctl key rev", "revoke")
        self.complete("e164ctl key add x --ro", "--role")

    def check_option(self):
        self.complete("e164ctl import --fo", "--format")
        self.complete("e164ctl enum 1201 --se", "--server")
        self.complete("e164d --ch", "--check")

    def check_value(self):
        self.complete("e164ctl key add x --role tr", "transfer")

    def check_file(self):
        self.complete("e164ctl import nu", "numbers.csv")


class BashAtTerminal(Terminal):
    shell = "bash"
    arguments = ("--norc", "--noprofile")
    prepare = ("PS1='% '; . ./_e164ctl; "
               "print_ready() { echo rea''dy; }; ")

    def test_verb(self):
        self.check_verb()

    def test_verb_of_two_words(self):
        self.check_verb_of_two_words()

    def test_option(self):
        self.check_option()

    def test_value(self):
        self.check_value()

    def test_file(self):
        self.check_file()


class Zsh(Terminal):
    shell = "zsh"
    arguments = ("-f",)
    prepare = ("PROMPT='%%%% '; unsetopt beep; fpath=($PWD $fpath); "
               "autoload -U compinit && compinit -u -D; "
               "print_ready() { print rea''dy; }; ")

    def test_verb(self):
        self.check_verb()

    def test_verb_of_two_words(self):
        self.check_verb_of_two_words()

    def test_option(self):
        self.check_option()

    def test_value(self):
        self.check_value()

    def test_file(self):
        self.check_file()
