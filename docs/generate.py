"""Write anew what is generated and kept in git: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))


def pages() -> dict[Path, str]:
    """Return every generated file and what it must say."""
    from adapters.commands.page import page  # noqa: PLC0415 - after the path is set
    from cli import main  # noqa: PLC0415
    from workflows.deadlines import tables  # noqa: PLC0415
    from workflows.machines_page import MACHINES, PAGE, document  # noqa: PLC0415

    return {
        DOCS / "cli.md": page(main),
        PAGE: document(MACHINES),
        tables.PLACE: tables.document(),
    }


if __name__ == "__main__":
    for place, text in pages().items():
        place.write_text(text, encoding="utf-8")
        print(place.relative_to(DOCS.parent))
