"""What a forger does to the files of a bundle."""

from __future__ import annotations

import json
from collections.abc import Callable

from engine.note import Note
from tests.contract.signing import Pen
from tests.integration.bundles import TARGET, Change, edited, line_edited

Files = dict[str, bytes]
Forgery = Callable[[Files], object]


def number_of(files: Files, **wanted: object) -> int:
    """The line of the first event of which all of ``wanted`` holds."""
    for number, line in enumerate(files["events.jsonl"].splitlines()):
        event = json.loads(line)
        if all(event[name] == value for name, value in wanted.items()):
            return number
    raise AssertionError(wanted)


def event(change: Change, **wanted: object) -> Forgery:
    def forge(files: Files) -> None:
        number = number_of(files, **wanted)
        files["events.jsonl"] = line_edited(files["events.jsonl"], number, change)

    return forge


def document(name: str, change: Change) -> Forgery:
    def forge(files: Files) -> None:
        files[name] = edited(files[name], change)

    return forge


def line_of(name: str, number: int, change: Change) -> Forgery:
    def forge(files: Files) -> None:
        files[name] = line_edited(files[name], number, change)

    return forge


def without_line(*names: str, number: int) -> Forgery:
    def forge(files: Files) -> None:
        for name in names:
            lines = files[name].splitlines(keepends=True)
            del lines[number]
            files[name] = b"".join(lines)

    return forge


def swapped(files: Files) -> None:
    lines = files["events.jsonl"].splitlines(keepends=True)
    first = number_of(files, instance=TARGET, sequence=2)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    files["events.jsonl"] = b"".join(lines)


def done_by_somebody_else(files: Files) -> None:
    persons = [row["person"] for row in json.loads(files["persons.json"])]
    number = number_of(files, kind="recorded")

    def other(event: dict[str, str]) -> None:
        event["actor"] = next(person for person in persons if person != event["actor"])

    files["events.jsonl"] = line_edited(files["events.jsonl"], number, other)


def notice(change: Change) -> Forgery:
    """A change to the entry of the first notice."""

    def forge(files: Files) -> None:
        def entry(row: dict[str, str]) -> None:
            row["entry"] = edited(row["entry"].encode(), change).decode()

        files["notices.jsonl"] = line_edited(files["notices.jsonl"], 0, entry)

    return forge


def sent_to_another(files: Files) -> None:
    rows = [json.loads(line) for line in files["notices.jsonl"].splitlines()]
    entries = [json.loads(row["entry"]) for row in rows]
    number = next(n for n, entry in enumerate(entries) if entry["entry"] == "sent")
    persons = [row["person"] for row in json.loads(files["persons.json"])]
    other = next(person for person in persons if person != entries[number]["recipient"])

    def change(row: dict[str, str]) -> None:
        sent = {**entries[number], "recipient": other}
        row["entry"] = json.dumps(sent, ensure_ascii=False, separators=(",", ":"))

    files["notices.jsonl"] = line_edited(files["notices.jsonl"], number, change)


def exchanged_leaves(files: Files) -> None:
    exchanged(files, "index", 0, 1)


def exchanged_numbers(files: Files) -> None:
    """Of two events of different histories that one checkpoint sealed."""
    exchanged(files, "position", 0, number_of(files, instance=TARGET, sequence=1))


def exchanged(files: Files, member: str, one: int, other: int) -> None:
    rows = [json.loads(line) for line in files["leaves.jsonl"].splitlines()]
    rows[one][member], rows[other][member] = rows[other][member], rows[one][member]
    files["leaves.jsonl"] = b"".join(
        json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows
    )


def rewritten_by_another_key(files: Files) -> None:
    pen = Pen("duban/test", "2")
    log = json.loads(files["log.json"])
    for row in log["checkpoints"]:
        text = Note.parse(row["note"]).text
        row["note"] = str(Note(text).signed_by([pen]))
    files["log.json"] = json.dumps(log, ensure_ascii=False, separators=(",", ":")).encode()


def text_removed_quietly(files: Files) -> None:
    lines = files["texts.jsonl"].splitlines()
    number, row = next((n, r) for n, x in enumerate(lines) if "text" in (r := json.loads(x)))
    gone = {k: v for k, v in row.items() if k not in ("salt", "text")} | {"removed_by": 1}
    files["texts.jsonl"] = line_edited(files["texts.jsonl"], number, lambda _row: gone)
