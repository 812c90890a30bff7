"""What every system test uses: registrars in temporary directories, commands,
ports that are free. Loopback only; processes are stopped by their pid."""

import atexit
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ZONE = "e164.example"
LOOPBACK = "127.0.0.1"


class Options:
    """Set by tests/system/run."""
    builddir = None
    is_long = False
    top = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


class Failure(AssertionError):
    """Something outside did not do what it has to; says what it printed."""


_dirs = []
_children = []


def scratch():
    """A new directory, gone when the run ends."""
    path = tempfile.mkdtemp(prefix="e164d-test-")
    _dirs.append(path)
    return path


@atexit.register
def _clean_up():
    for child in _children:
        if child.poll() is None:
            child.kill()
            child.wait()
    for path in _dirs:
        shutil.rmtree(path, ignore_errors=True)


def program(name):
    """Path of a program of ours in the build directory."""
    path = os.path.join(Options.builddir, name)
    if os.access(path, os.X_OK):
        return path
    raise Failure(f"{name} is not in {Options.builddir}: build first")


def tool(name):
    """Path of somebody else's program, wherever Debian puts it."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
    found = shutil.which(name, path=path)
    if found is None:
        raise Failure(f"{name} is not installed (contrib/packages --tests)")
    return found


_given = set()


def free_port():
    """A port that nobody uses, for UDP and for TCP, given out once."""
    for _ in range(200):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind((LOOPBACK, 0))
            port = tcp.getsockname()[1]
            if port in _given:
                continue
            try:
                udp.bind((LOOPBACK, port))
            except OSError:
                continue
            _given.add(port)
            return port
    raise Failure("no free port")


def run(command, timeout=120, expect=0, **kwargs):
    """Run to the end; another exit code than expected is a failure."""
    done = subprocess.run(command, capture_output=True, text=True,
                          timeout=timeout, **kwargs)
    if expect is not None and done.returncode != expect:
        raise Failure(f"{' '.join(map(str, command))}: exit code "
                      f"{done.returncode}, expected {expect}\n"
                      f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def spawn(command, log, **kwargs):
    """Start in the background, output to a file, gone when the run ends."""
    with open(log, "ab") as out:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT, **kwargs)
    _children.append(child)
    return child


def spawn_to(command, output):
    """Start in the background with a descriptor as its output."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                             stderr=subprocess.DEVNULL)
    _children.append(child)
    return child


def until(what, condition, timeout=30, child=None, log=None):
    """Wait for a condition; the only place where tests wait for others."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        tail = ""
        if log and os.path.exists(log):
            with open(log, errors="replace") as text:
                tail = "\n" + text.read()[-3000:]
        if child is not None and child.poll() is not None:
            raise Failure(f"{what}: ended with {child.returncode}{tail}")
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {timeout} s{tail}")
        time.sleep(0.02)


def stop(child, how=signal.SIGTERM, timeout=30):
    """End a process by its pid and wait for it."""
    if child.poll() is None:
        child.send_signal(how)
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise Failure(f"{child.args[0]} did not stop within {timeout} s")
    return child.returncode


def fingerprint(directory):
    """Every file below with its hash: equal means untouched. The file that
    only serves as a lock is left out."""
    found = {}
    for where, dirs, files in os.walk(directory):
        for name in dirs:
            path = os.path.join(where, name)
            found[os.path.relpath(path, directory)] = "directory"
        for name in set(files) - {"lock"}:
            path = os.path.join(where, name)
            with open(path, "rb") as data:
                found[os.path.relpath(path, directory)] = hashlib.blake2b(
                    data.read(), digest_size=16).hexdigest()
    return found


class Registrar:
    """One e164d with its own directory, settings and ports."""

    def __init__(self, zone=ZONE, extra="", directory=None, name="r1"):
        self.zone = zone
        self.name = name
        self.directory = directory or scratch()
        self.state = os.path.join(self.directory, "state")
        self.config = os.path.join(self.directory, "e164.yaml")
        self.log = os.path.join(self.directory, "log")
        self.port = free_port()
        self.address = (LOOPBACK, self.port)
        self.child = None
        self.write_config(extra)

    def write_config(self, extra=""):
        with open(self.config, "w") as out:
            out.write(f"registrar: {self.name}\n"
                      f"state: {self.state}\n"
                      f"listen:\n"
                      f"  dns: [{LOOPBACK}@{self.port}]\n"
                      f"  control: {self.directory}/control.sock\n"
                      f"{extra}")

    def ctl(self, *words, expect=0, timeout=120, **kwargs):
        """e164ctl --config ... words; the finished process."""
        return run([program("e164ctl"), "--config", self.config,
                    *map(str, words)], timeout, expect, **kwargs)

    def init(self, *words, expect=0):
        return self.ctl("init", "--zone", self.zone, *words, expect=expect)

    def launch(self):
        """Start without waiting."""
        self.child = spawn([program("e164d"), "--config", self.config],
                           self.log)
        return self

    def start(self, timeout=60):
        """Start, return when it serves."""
        self.launch()
        done = self.ctl("wait", "--timeout", timeout, expect=None,
                        timeout=timeout + 10)
        if done.returncode != 0 or self.child.poll() is not None:
            raise Failure(f"no start: {done.stderr}\n{self.log_text()}")
        return self

    def kill(self):
        """kill -9"""
        stop(self.child, signal.SIGKILL)

    def stop(self):
        code = stop(self.child)
        if code != 0:
            raise Failure(f"e164d ended with {code}\n{self.log_text()}")

    def is_alive(self):
        return self.child.poll() is None

    def status(self):
        return json.loads(self.ctl("status", "--json").stdout)

    def log_text(self):
        with open(self.log, errors="replace") as text:
            return text.read()[-4000:]

    def export(self, form, path):
        """Export into a file; its path."""
        with open(path, "wb") as out:
            done = subprocess.run(
                [program("e164ctl"), "--config", self.config, "export",
                 "--format", form], stdout=out, stderr=subprocess.PIPE,
                timeout=300)
        if done.returncode != 0:
            raise Failure(f"export: {done.stderr.decode(errors='replace')}")
        return path

    def memory(self):
        """Resident bytes of the daemon."""
        with open(f"/proc/{self.child.pid}/status") as text:
            kilobytes = re.search(r"VmRSS:\s+(\d+)", text.read()).group(1)
        return int(kilobytes) * 1024
