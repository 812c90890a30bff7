"""Stock name servers on loopback, unprivileged, with one zone file."""

import os

import bed
import wire


class Stock:
    """Base: writes a configuration, starts, waits for the zone's SOA."""

    def __init__(self, zone_file, zone=bed.ZONE):
        self.zone = zone
        self.zone_file = zone_file
        self.directory = bed.scratch()
        self.port = bed.free_port()
        self.address = (bed.LOOPBACK, self.port)
        self.log = os.path.join(self.directory, "out")
        self.config = os.path.join(self.directory, "conf")
        with open(self.config, "w") as out:
            out.write(self.settings())
        self.child = None

    def settings(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def serves(self):
        answer = wire.ask_udp(self.address,
                              wire.query(self.zone, "SOA", flags=0x100), 0.3)
        return answer is not None and wire.gist(answer)[0] == 0 and \
            len(wire.gist(answer)[2]) == 1

    def start(self):
        self.child = bed.spawn(self.command(), self.log, cwd=self.directory)
        bed.until(f"{type(self).__name__} serves", self.serves, 120,
                  self.child, self.log)
        return self

    def stop(self):
        bed.stop(self.child)


class Nsd(Stock):
    def settings(self):
        d = self.directory
        return f"""server:
  ip-address: {bed.LOOPBACK}@{self.port}
  server-count: 1
  database: ""
  zonesdir: "{d}"
  zonelistfile: "{d}/zone.list"
  xfrdfile: "{d}/xfrd.state"
  xfrdir: "{d}"
  pidfile: "{d}/nsd.pid"
  logfile: "{d}/log"
  username: ""
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: {self.zone}
  zonefile: "{self.zone_file}"
"""

    def command(self):
        return [bed.tool("nsd"), "-d", "-c", self.config]


class Knot(Stock):
    def settings(self):
        return f"""server:
  rundir: "{self.directory}"
  listen: {bed.LOOPBACK}@{self.port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{self.directory}"
log:
  - target: stderr
    any: info
zone:
  - domain: {self.zone}
    storage: "{self.directory}"
    file: "{self.zone_file}"
    semantic-checks: off
    zonefile-sync: -1
    journal-content: none
"""

    def command(self):
        return [bed.tool("knotd"), "-c", self.config]


class Bind(Stock):
    def settings(self):
        d = self.directory
        return f"""controls {{}};
options {{
  directory "{d}"; pid-file "{d}/named.pid"; session-keyfile "{d}/session.key";
  lock-file none; managed-keys-directory "{d}";
  listen-on port {self.port} {{ {bed.LOOPBACK}; }}; listen-on-v6 {{ none; }};
  recursion no; notify no; dnssec-validation no; check-names primary ignore;
}};
zone "{self.zone}" {{ type primary; file "{self.zone_file}"; }};
"""

    def command(self):
        return [bed.tool("named"), "-g", "-n", "1", "-c", self.config]


class Unbound(Stock):
    """A resolver that finds the zone at an authority on loopback."""

    def __init__(self, authority, zone=bed.ZONE):
        self.authority = authority
        super().__init__(None, zone)

    def settings(self):
        host, port = self.authority
        return f"""server:
  directory: "{self.directory}"
  chroot: ""
  username: ""
  pidfile: "{self.directory}/unbound.pid"
  use-syslog: no
  interface: {bed.LOOPBACK}@{self.port}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "iterator"
  num-threads: 1
  local-zone: "{self.zone}" transparent
remote-control:
  control-enable: no
stub-zone:
  name: "{self.zone}"
  stub-addr: {host}@{port}
"""

    def command(self):
        return [bed.tool("unbound"), "-d", "-c", self.config]


ALL = (Nsd, Knot, Bind)
