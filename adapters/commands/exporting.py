"""`duban export`: a cycle or an instance as a bundle that a stranger can verify."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import click

from adapters.bundle.contents import Contents
from adapters.bundle.past import PastBundle, past_bundle
from adapters.bundle.writing import Wanted, Written, write_bundle
from adapters.commands.auditing import read_note
from adapters.commands.files import FILE, NoEvidenceFolder
from adapters.commands.looking_back import past_options
from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session, path_of, unknown
from adapters.commands.words import command, option
from adapters.evidence.folder import EvidenceFolder
from adapters.evidence.trouble import FileTrouble, told
from adapters.json_shapes import dump
from adapters.terminal.screen import BAD, FAINT, GOOD, WARN
from engine.definition import ADMINISTRATOR
from engine.errors import N_, NotFound, NotPermitted
from engine.note import Checkpoint
from engine.ports import Reader
from workflows.roles import AUDITOR
from workflows.running.desk import desk
from workflows.running.people import holds_on, is_administrator
from workflows.running.sight import scope_of


@command(
    "export",
    N_(
        "Write CYCLE as an evidence bundle: one zip with events, plan, machines, evidence, proofs, "
        "a report to read, and the program that verifies it on any machine.\n\n"
        "Nobody is named in it unless --named, and all is proven without names. The same input "
        "gives the same bytes.\n\n"
        "With --known-at it ends with what had been sealed by then, and is what it would have been "
        "then. With --as-of its report tells how things stood; the events in it are all there are, "
        "or all up to --known-at."
    ),
)
@click.argument("cycle", required=False)
@option("--bundle", type=FILE, required=True, metavar="FILE", help=N_("The zip to write."))
@option("--instance", metavar="KEY", help=N_("Only this instance and what is below it."))
@option("--named", is_flag=True, help=N_("With the names of persons; administrators, auditors."))
@option(
    "--names",
    type=FILE,
    metavar="FILE",
    help=N_("Write apart who the persons are, with proof; administrators, auditors."),
)
@option(
    "--checkpoint",
    "held",
    type=FILE,
    multiple=True,
    metavar="NOTE",
    help=N_("A checkpoint that somebody holds: prove that the log goes on from it; repeat it."),
)
@option("--without-files", is_flag=True, help=N_("Leave out the files of evidence."))
@json_option
@pass_session
@past_options
def export(  # noqa: PLR0913, PLR0917 - click hands over what was typed
    session: Session,
    cycle: str | None,
    bundle: str,
    instance: str | None,
    named: bool,
    names: str | None,
    held: tuple[str, ...],
    without_files: bool,
    as_json: bool,
) -> None:
    """Write a bundle."""
    target = path_of(bundle)
    key = instance or session.the_cycle(cycle)
    if instance and cycle and instance.partition("/")[0] != cycle:
        raise NotFound(what="instance", key=instance, hint=f"duban list {cycle}")
    with session.reading(key) as at:
        if at.unit.find(key) is None:
            raise unknown(at.unit, key)
        past = _past(session, key)
        reader = at.unit if session.past is None else session.past.reader
        if "/" not in key:
            _require_everything(session, key)
        if named or names:
            _require_named(reader, session.account, reader.now.astimezone(at.zone).date(), key)
        wanted = Wanted(
            within=key,
            named=named,
            trial=session.trial,
            with_files=not without_files,
            sizes=frozenset(Checkpoint.parse(read_note(name).text).size for name in held),
            past=past,
        )
        contents = Contents(reader, at.plan, key, named=named, past=past)
        done = write_bundle(contents, _folder(session), wanted, target)
    if names:
        _write_names(path_of(names), done)
    digest = _digest(target)
    if as_json:
        click.echo(dump(_shape(target, digest, done) | session.moments(key)))
    else:
        _show(session, target, digest, done)


def _past(session: Session, key: str) -> PastBundle | None:
    """Return as of when the bundle is to be."""
    if session.past is None:
        return None
    past = session.past.store(key).past
    return past_bundle(session.past.reader, key, past, known=not session.past.all_known)


def _require_everything(session: Session, cycle: str) -> None:
    """Refuse a whole cycle to those who may read only a part of it: it would not verify.

    Raises:
        NotPermitted: the person may not read everything.

    """
    with session.whole.store.reading() as reader:
        if not scope_of(session.whole, reader, cycle, session.account).everything:
            everything = desk(session.whole, reader, cycle).plan.reading.everything
            raise NotPermitted(
                person=session.account,
                act="export",
                key=cycle,
                allowed=sorted({*everything, ADMINISTRATOR, AUDITOR}),
            )


def _require_named(reader: Reader, person: str, day: date, key: str) -> None:
    """Refuse names to those who are neither administrator nor auditor.

    Raises:
        NotPermitted: the person is neither.

    """
    auditor = any(
        t.post == AUDITOR and not t.body and holds_on(t, day) for t in reader.tenures(person=person)
    )
    if not auditor and not is_administrator(reader, person, day):
        raise NotPermitted(
            person=person, act="export names", key=key, allowed=[ADMINISTRATOR, AUDITOR]
        )


def _folder(session: Session) -> EvidenceFolder | None:
    try:
        return session.evidence
    except NoEvidenceFolder:
        return None


def _write_names(path: Path, done: Written) -> None:
    text = json.dumps(done.names, ensure_ascii=False, indent=1)
    with told(path):
        if path.exists():
            raise FileTrouble(
                file=path, problem=N_("it is there already"), hint=N_("Name another one.")
            )
        path.touch(mode=0o600)
        path.write_text(f"{text}\n", encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shape(path: Path, digest: str, done: Written) -> dict[str, object]:
    return {
        "bundle": str(path),
        "sha256": digest,
        "events": done.events,
        "instances": done.instances,
        "unsealed": done.unsealed,
        "evidence": done.evidence,
        "left_out": done.left_out,
    }


def _show(session: Session, path: Path, digest: str, done: Written) -> None:
    screen, t = session.marked_screen, session.words
    screen.line((t.text("{file} is written.", file=path), GOOD), f"  SHA-256 {digest}")
    counts = t.text(
        "{events} events of {instances} histories, {evidence} files of evidence.",
        events=done.events,
        instances=done.instances,
        evidence=done.evidence,
    )
    screen.line(counts)
    if done.unsealed:
        said = t.text(
            "{count} events are not sealed yet, and nothing proves them; seal first: duban seal",
            count=done.unsealed,
        )
        screen.line((said, WARN))
    if done.left_out:
        said = t.text(
            "{count} files are not in it: {files}", count=len(done.left_out), files=done.left_out
        )
        screen.line((said, BAD))
    screen.line((t.text("Anybody verifies it so:"), FAINT))
    screen.line(
        (f"unzip -p {path.name} verify.py > verify.py && python3 verify.py {path.name}", FAINT),
        indent=2,
    )
