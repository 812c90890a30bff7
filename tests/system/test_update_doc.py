"""The lines of doc/update.md, run as they stand there."""

import os
import re
import unittest

import bed
import update_bed


class Lines(unittest.TestCase):
    def test_every_block(self):
        """Each block of lines gets the answer that it is marked with."""
        registrar = bed.Registrar()
        registrar.init("--ns", "ns1=127.0.0.1")
        registrar.start()
        files = {"authority": f"{registrar.state}/authority.key"}
        for ocn in ("1510", "5678"):
            files[ocn] = f"{registrar.directory}/admin.{ocn}.key"
            with open(files[ocn], "w") as out:
                out.write(registrar.ctl("key", "add", f"admin.{ocn}", "--role",
                                        "carrier", "--ocn", ocn).stdout)
        with open(os.path.join(bed.Options.top, "doc", "update.md")) as page:
            blocks = re.findall(r"^```nsupdate (\w+) (\w+)\n(.*?)^```",
                                page.read(), re.S | re.M)
        self.assertGreater(len(blocks), 20)
        for who, rcode, lines in blocks:
            with self.subTest(lines=lines):
                done = update_bed.nsupdate(registrar, lines.splitlines(),
                                           files[who])
                self.assertEqual(update_bed.rcode_of(done), rcode,
                                 done.stdout + done.stderr)
        registrar.stop()
