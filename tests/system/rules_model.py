"""The registry's rules, once more: written from DESIGN §3, §4.3 and §6 alone,
as simply as they can be said, with the whole state copied for each request.
What it says and what the server does must be the same.

A name is a string as in the zone, without the zone ("3.2.1", "*.2.1",
"1510._ocn", "12._pool", "3.2.1.w"). A state maps names to {type: {text}}.
"""

NOERROR, NXDOMAIN, REFUSED = "NOERROR", "NXDOMAIN", "REFUSED"
YXDOMAIN, YXRRSET, NXRRSET = "YXDOMAIN", "YXRRSET", "NXRRSET"

# where an attribute may stand: numbers, blocks, whois, OCN information, pools
PLACES = {
    "ocn": "nb", "cnam": "nb", "otc": "nb", "status": "nb", "location": "bw",
    "assignee": "w", "zip": "w", "name": "o", "contact": "o", "pool": "p"}
STATUSES = {"available", "reserved", "assigned", "aging", "administrative",
            "released"}
FREE_TRIES = 5


class Refused(Exception):
    """A request is not done; says its RCODE."""


def is_digits(labels):
    return 0 < len(labels) <= 15 and \
        all(len(one) == 1 and one.isdigit() for one in labels)


def kind(name):
    """n number, b block, w whois, o OCN information, p pool, - other; and the
    number, prefix, OCN or digits that it is about."""
    labels = name.split(".") if name else []
    if labels[-1:] == ["w"] and len(labels) > 1:
        inner, what = kind(".".join(labels[:-1]))
        return ("w", (inner, what)) if inner in "nb" else ("-", None)
    if len(labels) == 2 and labels[1] == "_ocn" and len(labels[0]) == 4:
        return "o", labels[0].upper()
    if len(labels) == 2 and labels[1] == "_pool" and labels[0].isdigit():
        return "p", labels[0]
    if is_digits(labels):
        return "n", "".join(reversed(labels))
    if labels[:1] == ["*"] and is_digits(labels[1:]):
        return "b", "".join(reversed(labels[1:]))
    return "-", None


def number_name(digits):
    return ".".join(reversed(digits))


def block_name(prefix):
    return "*." + number_name(prefix)


def own_ocn(state, name):
    for text in state.get(name, {}).get("TXT", ()):
        if text.lower().startswith("ocn="):
            return text[4:]
    return None


def holder(state, name):
    """Own ocn=, else that of the innermost block above that has one."""
    what, digits = kind(name)
    found = own_ocn(state, name)
    if found is not None:
        return found
    for length in range(len(digits) - 1, 0, -1):
        found = own_ocn(state, block_name(digits[:length]))
        if found is not None:
            return found
    assert what in "nb"
    return None


def digits_of(name):
    return kind(name)[1]


class Model:
    def __init__(self):
        self.records = {}  # explicit ones
        self.pins = {}     # digits -> PIN
        self.wrong = {}    # (digits, OCN) -> how many wrong PINs

    # --- the state

    def all_records(self):
        found = {name: {rrtype: texts for rrtype, texts in types.items()
                        if texts} for name, types in self.records.items()}
        return {name: types for name, types in found.items() if types}

    def derived(self):
        """Below a block, what has a child is named: the block's records stand
        there and below it, unless something explicit does."""
        explicit = {name: types for name, types in self.all_records().items()
                    if kind(name)[0] != "w"}
        blocks = {digits_of(name): types for name, types in explicit.items()
                  if kind(name)[0] == "b"}
        parents = set()
        for name in explicit:
            labels = name.split(".")
            parents |= {".".join(labels[at:]) for at in range(1, len(labels))}
        found = {}
        for name in parents:
            if not is_digits(name.split(".")):
                continue
            digits = digits_of(name)
            above = [prefix for prefix in blocks
                     if digits.startswith(prefix) and digits != prefix]
            if not above:
                continue
            records = blocks[max(above, key=len)]
            for where in (name, "*." + name):
                if where not in explicit:
                    found[where] = records
        return found

    def snapshot(self):
        return {name: {rrtype: set(texts) for rrtype, texts in types.items()}
                for name, types in self.records.items()}, dict(self.pins)

    # --- requests: prereqs and changes as tuples

    def judge(self, actor, prereqs, changes):
        """RCODE; the state moves on when it is NOERROR. actor: an OCN, or
        None for the authority."""
        before = self.snapshot()
        try:
            self.permit(actor, prereqs)
            shown = self.check_pins(actor, prereqs)
            before = self.snapshot()
            self.check_prereqs(prereqs)
            self.permit_changes(actor, changes)
            self.apply(actor, changes, shown, before)
            if ("dry",) in prereqs:
                self.records, self.pins = before
            else:
                self.forget_tries(before, shown, actor, changes)
        except Refused as refused:
            self.records, self.pins = before
            return str(refused)
        return NOERROR

    def permit(self, actor, prereqs):
        """By name and role: whois data of one's own only."""
        if actor is None:
            return
        for prereq in prereqs:
            if prereq[0] in ("yx", "nx", "yxrrset", "nxrrset", "value") and \
                    kind(prereq[1])[0] == "w":
                inner, digits = kind(prereq[1])[1]
                subject = number_name(digits) if inner == "n" else \
                    block_name(digits)
                if holder(self.records, subject) != actor:
                    raise Refused(REFUSED)

    def check_pins(self, actor, prereqs):
        """Numbers whose PIN was shown; wrong ones count whatever follows."""
        shown = set()
        result = None
        for prereq in prereqs:
            if prereq[0] != "pin":
                continue
            digits, pin = digits_of(prereq[1]), prereq[2]
            tries = self.wrong.get((digits, actor), 0)
            if actor is not None and tries > FREE_TRIES:
                result = result or REFUSED
            elif digits in self.pins and self.pins[digits] == pin:
                shown.add(digits)
            else:
                if actor is not None:
                    self.wrong[digits, actor] = tries + 1
                result = result or NXRRSET
        if result:
            raise Refused(result)
        return shown

    def check_prereqs(self, prereqs):
        """RFC 2136 3.2.5: those with a value after the others."""
        wanted = {}
        for prereq in sorted(prereqs, key=lambda one:
                             one[0] in ("value", "has", "dry")):
            name = prereq[1] if len(prereq) > 1 else ""
            there = self.records.get(name, {})
            if prereq[0] == "nx" and there:
                raise Refused(YXDOMAIN)
            if prereq[0] == "yx" and not there:
                raise Refused(NXDOMAIN)
            if prereq[0] == "nxrrset" and prereq[2] in there:
                raise Refused(YXRRSET)
            if prereq[0] == "yxrrset" and prereq[2] not in there:
                raise Refused(NXRRSET)
            if prereq[0] == "has" and \
                    prereq[2] not in there.get("TXT", ()):
                raise Refused(NXRRSET)
            if prereq[0] == "value":
                if prereq[3] not in there.get(prereq[2], ()):
                    raise Refused(NXRRSET)
                wanted.setdefault((name, prereq[2]), set()).add(prereq[3])
        for (name, rrtype), values in wanted.items():
            if self.records.get(name, {}).get(rrtype) != values:
                raise Refused(NXRRSET)

    @staticmethod
    def permit_changes(actor, changes):
        if actor is None:
            return
        for change in changes:
            if change[0] in ("pin", "nopin"):
                continue
            what, about = kind(change[1])
            if what in "p-" or (what == "o" and about != actor):
                raise Refused(REFUSED)

    def apply(self, actor, changes, shown, before):
        self.set_pins = {}
        for change in changes:
            if change[0] == "pin":
                self.set_pins[digits_of(change[1])] = change[2]
            elif change[0] == "nopin":
                self.set_pins[digits_of(change[1])] = None
            elif change[0] == "add":
                self.add(actor, *change[1:])
            elif change[0] == "delete":
                self.delete(change[1], change[2], change[3])
        named = {change[1] for change in changes}
        self.follow(before[0], changes)
        for digits, pin in self.set_pins.items():
            self.set_pin(actor, digits, pin)
        if actor is not None:
            for name in sorted(named):
                self.check_right(actor, name, shown, before[0])

    def add(self, actor, name, rrtype, text):
        what = kind(name)[0]
        if what in "nbwop":
            if rrtype == "TXT":
                attribute, sign, value = text.partition("=")
                if actor is not None and (not sign or not self.is_good(
                        attribute, value, name)):
                    raise Refused(REFUSED)
                if what in "nb" and text == "status=released":
                    self.release(name)
                    return
                texts = self.records.setdefault(name, {}).setdefault(
                    "TXT", set())
                if attribute != "contact":
                    for old in list(texts):
                        if old.partition("=")[0] == attribute:
                            texts.discard(old)
            elif actor is not None and rrtype not in ("NAPTR", "LOC"):
                raise Refused(REFUSED)
        self.records.setdefault(name, {}).setdefault(rrtype, set()).add(text)

    @staticmethod
    def is_good(attribute, value, name):
        what = kind(name)[0]
        if attribute.startswith("x-") and len(attribute) > 2:
            return True
        if what not in PLACES.get(attribute, ""):
            return False
        if attribute == "ocn":
            return len(value) == 4 and value.isalnum() and \
                value == value.upper()
        if attribute == "status":
            return value in STATUSES
        if attribute == "cnam":
            return 1 <= len(value) <= 64
        return len(value) >= 1

    def delete(self, name, rrtype, text):
        """The holder is not deletable."""
        there = self.records.get(name, {})
        for one in [rrtype] if rrtype else list(there):
            for old in list(there.get(one, ())):
                is_holder = one == "TXT" and old.startswith("ocn=") and \
                    kind(name)[0] in "nb"
                if not is_holder and (text is None or old == text):
                    there[one].discard(old)
            if one in there and not there[one]:
                del there[one]
        if not there:
            self.records.pop(name, None)

    def belonging(self, name):
        """The name, and those below it that nobody holds for themselves."""
        return [name] + [other for other in self.records
                         if other.endswith("." + name) and
                         own_ocn(self.records, other) is None]

    def release(self, name):
        what, digits = kind(name)
        for one in self.belonging(name):
            self.records.pop(one, None)
        self.records.pop(name + ".w", None)
        if what == "n":
            self.set_pins.pop(digits, None)
            self.pins.pop(digits, None)
            return
        # whois data and PINs of numbers that only this block gave a holder
        for other in list(self.records):
            if kind(other)[0] == "w":
                inner, inside = kind(other)[1]
                subject = number_name(inside) if inner == "n" else \
                    block_name(inside)
                if self.is_left(subject, inside, digits):
                    del self.records[other]
        for inside in list(self.pins):
            if self.is_left(number_name(inside), inside, digits):
                del self.pins[inside]

    def is_left(self, subject, inside, prefix):
        """Inside the released block, and nothing smaller holds it."""
        if not inside.startswith(prefix) or inside == prefix:
            return False
        if own_ocn(self.records, subject) is not None:
            return False
        return all(own_ocn(self.records, block_name(inside[:length])) is None
                   for length in range(len(prefix) + 1, len(inside)))

    def follow(self, before, changes):
        """A port; a number inside an own block."""
        added = {(change[1], change[2], change[3]) for change in changes
                 if change[0] == "add"}
        for name in {change[1] for change in changes
                     if change[0] in ("add", "delete")}:
            if kind(name)[0] not in "nb":
                continue
            old, new = own_ocn(before, name), own_ocn(self.records, name)
            if not old or not new or old == new:
                continue
            for one in self.belonging(name):
                kept = {text for (where, rrtype, text) in added
                        if (where, rrtype) == (one, "NAPTR")}
                there = self.records[one]
                if "NAPTR" in there:
                    there["NAPTR"] &= kept
                    if not there["NAPTR"]:
                        del there["NAPTR"]
                if not there:
                    del self.records[one]
        for name in {change[1] for change in changes if change[0] == "add"}:
            if kind(name)[0] == "n" and name in self.records and \
                    own_ocn(self.records, name) is None and \
                    any(text in self.records[name].get(rrtype, ())
                        for (where, rrtype, text) in added if where == name):
                above = holder(self.records, name)
                if above is not None:
                    self.records[name].setdefault("TXT", set()).add(
                        "ocn=" + above)
        for digits in list(self.pins):
            name = number_name(digits)
            if holder(before, name) != holder(self.records, name):
                del self.pins[digits]

    def set_pin(self, actor, digits, pin):
        held_by = holder(self.records, number_name(digits))
        if held_by is None and pin is not None:
            raise Refused(REFUSED)
        if actor is not None and held_by != actor:
            raise Refused(REFUSED)
        self.pins.pop(digits, None)
        if pin is not None:
            self.pins[digits] = pin

    def forget_tries(self, before, shown, actor, changes):
        """With the holder, with a new PIN, and with a right one."""
        for digits in {one[0] for one in self.wrong}:
            name = number_name(digits)
            was = holder(before[0], name)
            released = any(change[0] == "add" and change[1] == name and
                           change[3] == "status=released"
                           for change in changes)
            gone = was is not None and (
                was != holder(self.records, name) or
                self.set_pins.get(digits) is not None or released)
            gone = gone or self.set_pins.get(digits) is not None
            if gone:
                for key in [one for one in self.wrong if one[0] == digits]:
                    del self.wrong[key]
        for change in changes:
            if change[0] == "add" and change[3] == "status=released" and \
                    kind(change[1])[0] == "b":
                for digits in {one[0] for one in self.wrong}:
                    if self.is_left(number_name(digits), digits,
                                    digits_of(change[1])):
                        for key in [one for one in self.wrong
                                    if one[0] == digits]:
                            del self.wrong[key]
        for digits in shown:
            self.wrong.pop((digits, actor), None)

    # --- what a carrier may do

    def check_right(self, actor, name, shown, before):
        what, about = kind(name)
        if what == "w":
            inner, digits = about
            subject = number_name(digits) if inner == "n" else \
                block_name(digits)
            now = holder(self.records, subject)
            if now != actor and (name in self.records or
                                 holder(before, subject) != actor):
                raise Refused(REFUSED)
            return
        if what not in "nb":
            return
        was = holder(before, name)
        own = own_ocn(self.records, name)
        is_new_block = what == "b" and name not in before and \
            name in self.records
        if was == actor:
            if own not in (None, actor):
                raise Refused(REFUSED)
            if is_new_block:
                self.check_overlap(actor, about)
        elif was is None:
            if own != actor or name in before or not self.in_pool(about):
                raise Refused(REFUSED)
            if what == "b":
                self.check_overlap(actor, about)
        elif own != actor or what != "n" or about not in shown:
            raise Refused(REFUSED)

    def in_pool(self, digits):
        return any("pool=open" in self.records.get(
            f"{digits[:length]}._pool", {}).get("TXT", ())
            for length in range(1, len(digits) + 1))

    def check_overlap(self, actor, prefix):
        """Anything at, above or below held by somebody else."""
        for name in self.records:
            what, digits = kind(name)
            if what not in "nb" or not (digits.startswith(prefix) or
                                        prefix.startswith(digits)):
                continue
            if what == "b" and len(digits) < len(prefix):
                continue  # above: the innermost one decides, and is checked
            if own_ocn(self.records, name) not in (None, actor):
                raise Refused(REFUSED)
