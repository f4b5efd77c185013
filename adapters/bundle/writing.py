"""Writing a bundle: what was gathered becomes files, in one order, with one proof over all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import rfc8785

from adapters.bundle.archive import BundleWriter
from adapters.bundle.contents import Contents, Row
from adapters.bundle.guide import GUIDE
from adapters.bundle.log_document import log_document
from adapters.bundle.past import PastBundle
from adapters.bundle.program import program
from adapters.bundle.report import Report
from adapters.evidence.folder import PIECE, EvidenceFolder, Found
from adapters.evidence.trouble import told
from engine.errors import NotFound
from engine.events import Kind
from engine.facts import to_text
from engine.log import Leaf
from engine.ports import Reader

FORMAT = "duban-bundle/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What kind of bundle is asked for."""

    within: str
    """Key of the cycle, or of one instance of it."""
    named: bool = False
    trial: bool = False
    with_files: bool = True
    sizes: frozenset[int] = frozenset()
    """Sizes of checkpoints that somebody holds."""
    past: PastBundle | None = None
    """As of when it is, if not of the present."""


@dataclass(slots=True)
class Written:
    """What a bundle that was written holds."""

    events: int = 0
    instances: int = 0
    unsealed: int = 0
    evidence: int = 0
    left_out: list[str] = field(default_factory=list)
    names: list[dict[str, str]] = field(default_factory=list)
    """Who the persons of the bundle are, and the salts that prove it."""


def write_bundle(
    contents: Contents, folder: EvidenceFolder | None, wanted: Wanted, target: Path
) -> Written:
    """Write a bundle to ``target``, which must not be there and appears whole or not at all.

    Raises:
        FileTrouble: it is there already, or cannot be written.

    """
    with told(target), ExitStack() as stack:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        part = Path(name)
        stack.callback(part.unlink, missing_ok=True)
        with BundleWriter(part) as bundle:
            done = _written(bundle, contents, folder, wanted, stack)
        part.chmod(0o640)
        target.hardlink_to(part)  # refuses to replace what is there, unlike a renaming
        return done


def _written(
    bundle: BundleWriter,
    contents: Contents,
    folder: EvidenceFolder | None,
    wanted: Wanted,
    stack: ExitStack,
) -> Written:
    leaves, texts = (
        stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - they go with the stack
        for _ in range(2)
    )
    report = Report(contents.plan, wanted, stack)
    bundle.add("events.jsonl", _lines(contents, leaves, texts, report))
    bundle.add("leaves.jsonl", _again(leaves))
    bundle.add("texts.jsonl", _again(texts))
    bundle.add("notices.jsonl", _notices(contents, report))
    found = contents.gathered
    left_out = _add_evidence(bundle, contents, folder if wanted.with_files else None)
    done = Written(
        events=found.events,
        instances=len(found.instances),
        unsealed=found.unsealed,
        evidence=len(found.files.keys() - found.removed_files) - len(left_out),
        left_out=left_out,
    )
    found.indexes += _add_editions(bundle, contents)
    log = log_document(contents, wanted.sizes)
    bundle.add("persons.json", [rfc8785.dumps(list(_persons(contents)))])
    done.names = [_opened(contents, person) for person in contents.numbered.numbers]
    bundle.add("log.json", [rfc8785.dumps(log)])
    bundle.add("manifest.json", [rfc8785.dumps(_manifest(contents, wanted, done))])
    for language in ("en", "zh"):
        bundle.add(f"report.{language}.html", report.pages(language, done, log, contents))
    bundle.add("README.txt", [GUIDE.encode()])
    bundle.add("verify.py", [program()])
    return done


def _lines(
    contents: Contents, leaves: IO[bytes], texts: IO[bytes], report: Report
) -> Iterator[bytes]:
    """Yield the lines of the events; on the way, those of their leaves and texts are kept."""
    for row in contents.rows():
        leaf: dict[str, Any] = {
            "index": row.leaf and row.leaf.index,
            "position": row.event.position,
        }
        leaves.write(rfc8785.dumps(leaf) + b"\n")
        for line in _texts(contents.reader, row):
            texts.write(rfc8785.dumps(line) + b"\n")
        report.take(row)
        yield row.line + b"\n"


def _notices(contents: Contents, report: Report) -> Iterator[bytes]:
    for notice in contents.notices():
        report.tell(notice, contents.numbered)
        entry = notice.entry.decode("utf-8", "replace")
        yield rfc8785.dumps({"entry": entry, "index": notice.leaf.index}) + b"\n"


def _texts(reader: Reader, row: Row) -> Iterator[dict[str, Any]]:
    for name in sorted(row.texts, key=lambda name: name.encode("utf-16-be")):
        text = row.texts[name]
        line: dict[str, Any] = {
            "instance": row.event.instance,
            "name": name,
            "sequence": row.event.sequence,
        }
        if text.text is None:
            line["removed_by"] = _removed_by(reader, row, name)
        else:
            line |= {"salt": text.salt, "text": text.text}
        yield line


def _removed_by(reader: Reader, row: Row, name: str) -> int | None:
    """Return the number of the event that says why a text is gone; nothing where none does."""
    for event in reader.history(row.event.instance):
        data = event.data if event.kind is Kind.REDACTED else {}
        if data.get("event") == row.event.position and name in data.get("texts", ()):
            return event.sequence
    return None


def _add_evidence(
    bundle: BundleWriter, contents: Contents, folder: EvidenceFolder | None
) -> list[str]:
    """Add every file that is what it was; return the hashes of those that are not, or not there."""
    left_out = []
    for sha256 in sorted(contents.gathered.files.keys() - contents.gathered.removed_files):
        if folder is None or folder.examine(sha256) is not Found.SOUND:
            left_out.append(sha256)
        else:
            bundle.add(f"evidence/{sha256}", folder.pieces(sha256), max(folder.size(sha256), 1))
    return left_out


KINDS = {"calendars": "calendar", "machines": "workflow", "plans": "plan"}
"""What lies in a folder of a bundle, as the log names it."""


def _add_editions(bundle: BundleWriter, contents: Contents) -> list[int]:
    """Add machines, plan and calendars, each with its leaf; return the places of the leaves."""
    reader, cycle = contents.reader, contents.within.partition("/")[0]
    names = set(_calendars(contents, cycle))
    if contents.cut is None:
        plans = dict([reader.plan(cycle)])
    else:
        plans = {contents.cut.plan: reader.published_plan(contents.cut.plan)}
    for edition in contents.gathered.plans - plans.keys():
        with suppress(NotFound):  # of a history that was tampered with: to be found later
            plans[edition] = reader.published_plan(edition)
    groups: dict[str, dict[str, Any]] = {
        "calendars": {name: days for name in names if (days := reader.calendar(name))},
        "machines": contents.gathered.machines,
        "plans": plans,
    }
    indexes = []
    for group, editions in groups.items():
        for number, (name, found) in enumerate(sorted(editions.items()), start=1):
            row: dict[str, Any] = {"content": dict(found), "edition": name, "index": None}
            sealed = reader.sealed_edition(KINDS[group], name)
            if sealed is not None and _covered(contents, sealed[0]):
                leaf, entry = sealed
                indexes.append(leaf.index)
                row |= {"index": leaf.index, "published_at": json.loads(entry)["published_at"]}
            if group == "plans":
                row["content"] = contents.persons.within(found)
                contents.numbered.within(found)
            bundle.add(f"{group}/{number}.json", [rfc8785.dumps(row)])
    return indexes


def _covered(contents: Contents, leaf: Leaf) -> bool:
    return contents.last is not None and leaf.index < contents.last.size


def _calendars(contents: Contents, cycle: str) -> Iterator[str]:
    """Yield the calendars with which the dates of the cycle were reckoned, as far as is known."""
    reader = contents.reader
    for deadline in reader.deadlines(cycle, all_versions=True):
        event = reader.event(deadline.event) if contents.cut and deadline.event else None
        if event is None or contents.leaf_of(event) is not None:
            yield deadline.calendar_edition


def _persons(contents: Contents) -> Iterator[dict[str, Any]]:
    """Yield who acted or is named, and which posts they held by the register of posts."""
    for person in contents.persons_held():
        row: dict[str, Any] = {
            "number": person.number,
            "person": contents.persons.of(person.name),
            "posts": [
                {"deputy": t.deputy, "post": t.post, "since": t.since, "until": t.until}
                for t in person.posts
            ],
        }
        yield row | _opened(contents, person.name) if contents.named else row


def _opened(contents: Contents, person: str) -> dict[str, str]:
    """Return who stands behind the hash of a person, with the salt that proves it."""
    persons = contents.persons
    return {"name": person, "person": persons.of(person), "salt": persons.salt(person)}


def _manifest(contents: Contents, wanted: Wanted, done: Written) -> dict[str, Any]:
    within, past = wanted.within, wanted.past
    return {
        "as_of": None if past is None else to_text(past.as_of),
        "counts": {
            "events": done.events,
            "evidence": done.evidence,
            "instances": done.instances,
            "sent": contents.gathered.sent,
            "texts": contents.gathered.texts,
            "told": contents.gathered.told,
        },
        "cycle": within.partition("/")[0],
        "format": FORMAT,
        "instance": within if "/" in within else "",
        "instances": [[i.key, last, state] for i, last, state in contents.gathered.instances],
        "known_at": None if contents.cut is None else to_text(contents.cut.known_at),
        "left_out": done.left_out,
        "named": wanted.named,
        "trial": wanted.trial,
    }


def _again(file: IO[bytes]) -> Iterable[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
