"""What the benchmarks share: processes pinned to a CPU, and what they cost."""

import os
import sys

import bed

TICK = os.sysconf("SC_CLK_TCK")


def say(text):
    print(text, file=sys.stderr, flush=True)


def tree(pid):
    """A process and all its descendants."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as text:
                    fields = text.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children.get(one, [])
    return found


def cpu_seconds(pid):
    spent = 0
    for one in tree(pid):
        try:
            with open(f"/proc/{one}/stat") as text:
                fields = text.read().rsplit(")", 1)[1].split()
            spent += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return spent / TICK


def memory(pid):
    """Proportional set size of the tree, bytes."""
    total = 0
    for one in tree(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup") as text:
                for line in text:
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1024
        except OSError:
            pass
    return total


def on_cpu(cpu, command):
    nice = ["nice", "-n", "-20"] if os.geteuid() == 0 else []
    return nice + [bed.tool("taskset"), "-c", str(cpu)] + command
