"""The verification of a bundle: everything in it against everything else, and against the log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from adapters.bundle.verifier.archive import Archive
from adapters.bundle.verifier.canon import ordered, parsed, written
from adapters.bundle.verifier.machines import (
    DAEMON,
    OFFICE,
    OPENED,
    REDACTED,
    HistoryWalk,
    MachineEdition,
    require_event,
)
from adapters.bundle.verifier.notices import NOTICES, NoticeWalk
from adapters.bundle.verifier.numbers import require_numbers
from adapters.bundle.verifier.persons import (
    CLOSED_PERSON,
    OPENED_PERSON,
    names_of,
    persons_in,
    renamed,
)
from adapters.bundle.verifier.seals import LOG, SealedLog
from adapters.bundle.verifier.trouble import Bad, brief

FORMAT = "duban-bundle/1"
SUMS, MANIFEST = "SHA256SUMS", "manifest.json"
EVENTS, LEAVES, TEXTS, PERSONS = "events.jsonl", "leaves.jsonl", "texts.jsonl", "persons.json"
SINGLE = (
    "README.txt",
    EVENTS,
    LEAVES,
    LOG,
    MANIFEST,
    NOTICES,
    PERSONS,
    "report.en.html",
    "report.zh.html",
    TEXTS,
    "verify.py",
)
EVIDENCE = "evidence/"
_GROUPS = {"calendars/": "calendar", "machines/": "workflow", "plans/": "plan"}
"""What lies in a folder of a bundle, as the log names it."""

_EDITION = (
    ("content", "edition", "index"),
    ("content", "edition", "index", "published_at"),
)
_SUM = re.compile(rb"([0-9a-f]{64})  ([ -~]{1,200})")
_FILE = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.ASCII)
_MANIFEST = (
    "as_of",
    "counts",
    "cycle",
    "format",
    "instance",
    "instances",
    "known_at",
    "left_out",
    "named",
    "trial",
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


class Verification:
    """One run over one bundle; it stops at the first thing that is wrong."""

    def __init__(self, archive: Archive, names: dict[str, str] | None = None) -> None:
        """Verify ``archive``; ``names`` are those of its persons, where somebody holds them."""
        self.archive = archive
        self.names = dict(names or {})
        self.counts = {"events": 0, "proven": 0, "unsealed": 0, "persons": 0, "named": 0}
        self.counts |= {"instances": 0, "texts": 0, "removed": 0, "evidence": 0, "left_out": 0}
        self.counts["editions"] = 0
        self.manifest: dict[str, Any] = {}
        self._machines: dict[str, MachineEdition] = {}
        self._persons = {"", DAEMON}
        self._numbers: dict[int, int] = {}
        """Number of each event → its leaf, or -1 where it has none."""
        self._texts: Iterator[bytes] = iter(())
        self._spoken_of: set[str] = set()

    def run(self) -> SealedLog:
        """Verify everything; return the log.

        Raises:
            Bad: the first thing that is wrong.

        """
        self._sums()
        self._read_manifest()
        self._read_persons()
        log = SealedLog(self.archive.read(LOG))
        self._editions(log)
        self._texts = self.archive.lines(TEXTS)
        self._histories(log)
        if next(self._texts, None) is not None:
            raise Bad(TEXTS, "too-many")
        require_numbers(log, self._numbers)
        self._notices(log)
        self._evidence()
        self._compare_counts()
        log.require_root()
        return log

    def _sums(self) -> None:
        """Make sure that every file is there, has the hash that is listed, and no other is."""
        listed: dict[str, str] = {}
        for line in self.archive.lines(SUMS):
            found = _SUM.fullmatch(line)
            if found is None:
                raise Bad(SUMS, "bad-line", brief(line))
            listed[found[2].decode()] = found[1].decode()
        for name in sorted(self.archive.sizes.keys() - {SUMS} | listed.keys()):
            if name not in self.archive.sizes:
                raise Bad(name, "missing")
            if name not in listed or (
                name not in SINGLE and not name.startswith((EVIDENCE, *_GROUPS))
            ):
                raise Bad(name, "not-listed")
            digest = hashlib.sha256()
            for piece in self.archive.pieces(name):
                digest.update(piece)
            if digest.hexdigest() != listed[name]:
                raise Bad(name, "wrong-hash")
            if name.startswith(EVIDENCE) and name != EVIDENCE + listed[name]:
                raise Bad(name, "wrong-hash")
        for name in SINGLE:
            if name not in listed:
                raise Bad(name, "missing")

    def _read_manifest(self) -> None:
        manifest = parsed(self.archive.read(MANIFEST), MANIFEST)
        if not isinstance(manifest, dict) or tuple(manifest) != _MANIFEST:
            raise Bad(MANIFEST, "wrong-members", ", ".join(_MANIFEST))
        if manifest["format"] != FORMAT:
            raise Bad(MANIFEST, "other-format", brief(manifest["format"]))
        lists = (manifest["instances"], manifest["left_out"])
        flags = (manifest["named"], manifest["trial"])
        if not all(isinstance(v, list) for v in lists) or not all(type(v) is bool for v in flags):
            raise Bad(MANIFEST, "wrong-members", "instances, left_out, named, trial")
        for moment in (manifest["as_of"], manifest["known_at"]):
            if moment is not None and not (isinstance(moment, str) and _MOMENT.fullmatch(moment)):
                raise Bad(MANIFEST, "wrong-members", "as_of, known_at")
        self.manifest = manifest

    def _editions(self, log: SealedLog) -> None:
        """Hold machines, plan and calendars to their names and to their leaves."""
        for group, kind in _GROUPS.items():
            for name in sorted(n for n in self.archive.sizes if n.startswith(group)):
                row = parsed(self.archive.read(name), name)
                if not isinstance(row, dict) or tuple(row) not in _EDITION:
                    raise Bad(name, "wrong-members", "content, edition, index")
                edition, content = str(row["edition"]), row["content"]
                if kind == "workflow":
                    self._machines[edition] = MachineEdition(edition, content, name)
                elif kind == "plan" and persons_in(content) <= self.names.keys():
                    whole = ordered(renamed(content, self.names))
                    digest = hashlib.sha256(written(whole)).hexdigest()[:16]
                    if not isinstance(whole, dict) or edition != f"{whole.get('id')}@{digest}":
                        raise Bad(name, "wrong-edition", brief(edition))
                if row["index"] is not None:
                    log.add(row["index"], _edition_leaf(log, kind, row), name)
                    self.counts["editions"] += 1

    def _read_persons(self) -> None:
        rows = parsed(self.archive.read(PERSONS), PERSONS)
        named = self.manifest["named"]
        found = names_of(rows, OPENED_PERSON if named else CLOSED_PERSON, PERSONS)
        if named:
            self.names |= found
        self._persons |= found.keys()
        self.counts["persons"] = len(found)
        self.counts["named"] = len(found.keys() & self.names.keys())

    def _histories(self, log: SealedLog) -> None:
        """Walk all events, instance by instance, each with its leaf and its texts."""
        leaves = self.archive.lines(LEAVES)
        declared = iter(self.manifest["instances"])
        there = {str(sha256) for sha256 in self.manifest["left_out"]} | self._present()
        history: History | None = None
        for line in self.archive.lines(EVENTS):
            item = f"{EVENTS} line {self.counts['events'] + 1}"
            event = parsed(line, item)
            require_event(event, item)
            if event["recorded_at"] > (self.manifest["known_at"] or event["recorded_at"]):
                raise Bad(item, "known-later", brief(event["recorded_at"]))
            if event["actor"] not in self._persons:
                raise Bad(item, "unlisted-person", brief(event["actor"]))
            if history is None or event["instance"] != history.walk.key:
                if history is not None:
                    history.close(next(declared, None), there)
                self._require_key(event["instance"], item)
                history = History(event["instance"], self._machines, self.counts)
                self.counts["instances"] += 1
            history.walk.step(event)
            leaf = next(leaves, None)
            if leaf is None:
                raise Bad(LEAVES, "missing-line", str(self.counts["events"] + 1))
            self.counts["events"] += 1
            position = self._leaf(log, history, event, line, parsed(leaf, f"{LEAVES} {item}"))
            history.take(event, position, self._texts, self._spoken_of)
        if history is not None:
            history.close(next(declared, None), there)
        if next(leaves, None) is not None or next(declared, None) is not None:
            raise Bad(MANIFEST, "too-many")

    def _present(self) -> set[str]:
        return {n[len(EVIDENCE) :] for n in self.archive.sizes if n.startswith(EVIDENCE)}

    def _require_key(self, key: str, item: str) -> None:
        within = str(self.manifest["instance"] or self.manifest["cycle"])
        if key == OFFICE and not self.manifest["instance"]:
            return
        if key != within and not key.startswith(f"{within}/"):
            raise Bad(item, "elsewhere", brief(key))
        if within.partition("/")[0] != self.manifest["cycle"]:
            raise Bad(MANIFEST, "elsewhere", brief(within))

    def _leaf(
        self, log: SealedLog, history: History, event: dict[str, Any], line: bytes, row: Any
    ) -> int:
        """Hand the leaf of an event to the log; return the position of the event."""
        item = f"{event['instance']} #{event['sequence']}"
        if not isinstance(row, dict) or tuple(row) != ("index", "position"):
            raise Bad(item, "bad-leaf")
        if type(row["position"]) is not int:
            raise Bad(item, "bad-leaf", brief(row["position"]))
        if row["position"] in self._numbers or row["position"] <= history.number:
            raise Bad(item, "number-order", f"#{row['position']}")
        history.number = row["position"]
        self._numbers[history.number] = -1 if row["index"] is None else row["index"]
        if row["index"] is None:
            self.counts["unsealed"] += 1
            history.unsealed = True
            return int(row["position"])
        if history.unsealed:
            raise Bad(item, "sealed-after-unsealed")
        log.add(row["index"], log.digest(b"\0" + line), item)
        self.counts["proven"] += 1
        return int(row["position"])

    def _notices(self, log: SealedLog) -> None:
        """Hold every notice to its leaf, and to the events that it is about."""
        walk = NoticeWalk(log, self._numbers, self._persons)
        for number, line in enumerate(self.archive.lines(NOTICES), start=1):
            walk.take(line, f"{NOTICES} line {number}")
        self.counts |= {"told": walk.told, "sent": walk.sent}

    def _evidence(self) -> None:
        stray = sorted(self._present() - self._spoken_of)
        if stray:
            raise Bad(EVIDENCE + stray[0], "not-spoken-of")
        self.counts["evidence"] = len(self._present())
        self.counts["left_out"] = len(self.manifest["left_out"])

    def _compare_counts(self) -> None:
        counted = {
            name: self.counts[name]
            for name in ("events", "evidence", "instances", "told", "sent", "texts")
        }
        if self.manifest["counts"] != counted:
            raise Bad(MANIFEST, "wrong-counts", brief(self.manifest["counts"]))


def _edition_leaf(log: SealedLog, kind: str, row: dict[str, Any]) -> bytes:
    """Return the leaf that an edition must have."""
    entry = {
        "content": row["content"],
        "edition": row["edition"],
        "entry": "edition",
        "kind": kind,
        "published_at": row.get("published_at"),
    }
    return log.digest(b"\0" + written(entry))


class History:
    """What of one instance has to come together before the next one begins."""

    def __init__(
        self, key: str, machines: dict[str, MachineEdition], counts: dict[str, int]
    ) -> None:
        """Begin the history of ``key``."""
        self.walk = HistoryWalk(key, machines)
        self.unsealed = False
        self.number = 0
        self._counts = counts
        self._gone: list[tuple[int, str, int, int]] = []
        self._removals: dict[int, dict[str, Any]] = {}
        self._files: dict[str, int] = {}

    def take(
        self, event: dict[str, Any], position: int, texts: Iterator[bytes], spoken_of: set[str]
    ) -> None:
        """Take the texts and files of the event; those that are gone are asked for at the end."""
        for name, hashed in event["texts"].items():
            self._text(event, position, name, hashed, texts)
        if event["kind"] == REDACTED:
            self._removals[event["sequence"]] = event["data"]
        if event["kind"] in ("recorded", "corrected"):
            facts = event["data"].get("set")
            for fact, value in facts.items() if isinstance(facts, dict) else ():
                found = _FILE.fullmatch(str(value))
                if found and fact.rpartition(".")[2] in ("sha256", "proof"):
                    self._files.setdefault(found[1], event["sequence"])
                    spoken_of.add(found[1])

    def _text(
        self, event: dict[str, Any], position: int, name: str, hashed: str, texts: Iterator[bytes]
    ) -> None:
        item = f"{event['instance']} #{event['sequence']} {brief(name)}"
        line = next(texts, None)
        row = parsed(line, f"{TEXTS} {item}") if line is not None else {}
        said = (row.get("instance"), row.get("sequence"), row.get("name"))
        if said != (event["instance"], event["sequence"], name):
            raise Bad(item, "text-missing")
        if tuple(row) == ("instance", "name", "removed_by", "sequence"):
            self._gone.append((event["sequence"], name, position, row["removed_by"]))
            self._counts["removed"] += 1
            return
        if tuple(row) != ("instance", "name", "salt", "sequence", "text"):
            raise Bad(item, "wrong-members", TEXTS)
        digest = hashlib.sha256(f"{row['salt']}\0{row['text']}".encode()).hexdigest()
        if digest != hashed:
            raise Bad(item, "other-text")
        self._counts["texts"] += 1

    def close(self, declared: Any, there: set[str]) -> None:
        """Make sure that the history ends as declared, and that what is gone was removed by law."""
        key = self.walk.key
        if declared != [key, self.walk.sequence, self.walk.state]:
            raise Bad(key, "other-end", brief(declared))
        for sequence, name, position, by in self._gone:
            removal = self._removals.get(by, {})
            if removal.get("event") != position or name not in (removal.get("texts") or ()):
                raise Bad(f"{key} #{sequence} {brief(name)}", "removed-unsaid")
        said = {str(removal.get("file")) for removal in self._removals.values()}
        for sha256, sequence in self._files.items():
            if sha256 not in there and sha256 not in said:
                raise Bad(f"{key} #{sequence}", "file-missing", sha256)


__all__ = ["FORMAT", "OPENED", "Verification"]
