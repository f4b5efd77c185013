"""A sealed office with everything that a bundle may hold, and hands that forge what it wrote."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adapters.bundle.contents import Contents
from adapters.bundle.past import past_bundle
from adapters.bundle.program import program
from adapters.bundle.verifier.running import main
from adapters.bundle.writing import Wanted, Written, write_bundle
from adapters.evidence.folder import EvidenceFolder
from adapters.memory.past import PastStore
from engine.act import Act
from engine.events import Kind
from engine.past import Horizon
from tests.contract.signing import Pen
from tests.integration.office import KEY, Office
from workflows import office as register
from workflows.plan.model import EvidenceRules
from workflows.running.desk import desk
from workflows.running.redacting import redact
from workflows.running.requests import Grounds, Who, force, record
from workflows.running.sealing import HASH, seal
from workflows.running.tenures import assign

TARGET = f"{KEY}/T-1"
CHEN, ROOT = Who(person="chen"), Who(person="root")
LAWFUL = Grounds(reason="当事人申请", authority="某局〔2025〕12号")
CONTENT = b"%PDF-1.7 report"
FILE = hashlib.sha256(CONTENT).hexdigest()
PRIVATE = "张三住院"


@dataclass
class Sealed:
    """An office whose log is sealed, and what bundles are made of it."""

    office: Office
    folder: EvidenceFolder
    pen: Pen = field(default_factory=Pen)
    held: list[str] = field(default_factory=list)
    """Checkpoints that somebody held, the first first."""

    def seal(self) -> None:
        done = seal(self.office.app, lambda _reader: [self.pen])
        assert done.checkpoint is not None
        self.held.append(done.checkpoint.note)

    def write(self, target: Path, key: str = KEY, **wanted: Any) -> Written:
        named = bool(wanted.get("named"))
        moments = [wanted.pop(name, None) for name in ("as_of", "known_at")]
        with self.office.store.reading() as reader:
            app, past = self.office.app, None
            if any(moments):
                known_at = moments[1] or reader.now
                horizon = Horizon(moments[0] or known_at, known_at)
                store = PastStore(reader, key.partition("/")[0], horizon)
                past = past_bundle(reader, key, store.past, known=bool(moments[1]))
                app = replace(app, store=store)
            with app.store.reading() as then:
                plan = desk(app, then, key).plan
            contents = Contents(reader, plan, key, named=named, past=past)
            asked = Wanted(within=key, past=past, **wanted)
            return write_bundle(contents, self.folder, asked, target)


def sealed_office(place: Path, hashing: str = "sha256") -> Sealed:
    """Live a little, seal, live on, seal again."""
    office = Office()
    made = Sealed(office, EvidenceFolder(place / "duban.db.files"))
    app = office.app
    assign(app, body=office.plan.body, post="reform-head", person="chen", actor="root")
    with office.store.unit_of_work(office.clock.now()) as unit:
        unit.set_setting(HASH, hashing)
        act = Act(actor="root", occurred_at=unit.now)
        blank = act.on(unit, unit.load(register.KEY), Kind.KEY)
        unit.append(replace(blank, data={"key": str(made.pen.key)}))
    file = place / "总结.pdf"
    file.write_bytes(CONTENT)
    with made.folder.keeping(file, EvidenceRules()) as kept:
        record(app, TARGET, "evidence", {"sha256": kept.sha256, "name": kept.name}, CHEN)
    (noted,) = record(app, TARGET, "progress", {"percent": 40, "note": PRIVATE}, CHEN)
    made.seal()
    office.run_until("2024-03-20 09:00")
    redact(app, noted.position, ["note"], ROOT, LAWFUL)
    force(app, TARGET, "published", ROOT, LAWFUL)
    record(app, TARGET, "progress", {"percent": 80, "note": "顺利"}, CHEN, Grounds(reason="季度"))
    with office.store.unit_of_work(office.clock.now()) as unit:
        for notice in unit.gather():
            unit.settle_notice(notice, "", None)
    made.seal()
    return made


def outcome(bundle: Path, *arguments: str) -> tuple[int, str]:
    """Verify in this process; return exit status and what was printed."""
    out, before = io.StringIO(), sys.stdout
    sys.stdout = out
    try:
        status = main([str(bundle), "--lang", "en", *arguments])
    finally:
        sys.stdout = before
    return status, out.getvalue()


def stranger(bundle: Path, place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Verify as a stranger would: one file, a bare Python, no package."""
    file = place / "verify.py"
    file.write_bytes(program())
    words = [sys.executable, "-I", "-S", str(file), str(bundle), "--lang", "en", *arguments]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=120)


def unpacked(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(target: Path, files: Mapping[str, bytes], *, sums: bool = True) -> Path:
    """Write a bundle of ``files``, its sums right for what they are now."""
    whole = dict(files)
    if sums:
        whole["SHA256SUMS"] = "".join(
            f"{hashlib.sha256(data).hexdigest()}  {name}\n"
            for name, data in sorted(whole.items())
            if name != "SHA256SUMS"
        ).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in whole.items():
            archive.writestr(name, data)
    return target


Change = Callable[[Any], Any]


def edited(data: bytes, change: Change) -> bytes:
    """Return canonical JSON with a change made to it, in canonical form again."""
    value = json.loads(data)
    return json.dumps(
        change(value) or value, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def line_edited(data: bytes, number: int, change: Change) -> bytes:
    lines = data.split(b"\n")
    lines[number] = edited(lines[number], change)
    return b"\n".join(lines)
