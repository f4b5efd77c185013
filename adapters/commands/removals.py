"""What is gone from a history, or altered beside it: texts and files of evidence."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.commands.files import NoEvidenceFolder
from adapters.commands.session import Session
from adapters.evidence.inspection import evidence_breaks
from engine.ports import Reader
from engine.replay import Break
from workflows.evidence import kept
from workflows.running.quiet_removals import quiet_removals


def breaks_of_removals(session: Session, reader: Reader, cycle: str = "") -> Iterator[Break]:
    """Yield a break for every text that went quietly, and every file that is not what it was.

    Raises:
        NoEvidenceFolder: there is evidence, and nobody said where.

    """
    yield from quiet_removals(reader, cycle)
    yield from breaks_of_evidence(session, reader, cycle)


def breaks_of_evidence(session: Session, reader: Reader, cycle: str = "") -> Iterator[Break]:
    """Yield a break for every event whose file is missing, altered, or should be gone.

    Raises:
        NoEvidenceFolder: there is evidence, and nobody said where.

    """
    try:
        folder = session.evidence
    except NoEvidenceFolder:
        if not kept(reader, cycle):
            return
        raise
    yield from evidence_breaks(reader, folder, cycle)
