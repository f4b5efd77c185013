"""Persons of a bundle: salted hashes of their accounts, opened by whoever holds name and salt."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from adapters.bundle.verifier.trouble import Bad, brief

PERSON = re.compile(r"#[0-9a-f]{64}", re.ASCII)

_NAMING = frozenset({"as", "by", "confirmed_by", "person", "proposed_by"})
"""Names under which plans hold what stands for a person."""

OPENED_PERSON = ("name", "number", "person", "posts", "salt")
CLOSED_PERSON = ("number", "person", "posts")
OPENING = ("name", "person", "salt")


def names_of(rows: Any, members: tuple[str, ...], item: str) -> dict[str, str]:
    """Return hash → name of persons, each of which has to be the hash of that name.

    Where nobody is named the name is empty.
    """
    if not isinstance(rows, list):
        raise Bad(item, "no-names")
    found: dict[str, str] = {}
    for row in rows:
        if not isinstance(row, dict) or tuple(row) != members or row["person"] in found:
            raise Bad(item, "no-names", ", ".join(members))
        person = row["person"]
        if not isinstance(person, str) or not PERSON.fullmatch(person):
            raise Bad(item, "no-names", brief(person))
        if "salt" in row:
            opened = f"{row['salt']}\0{row['name']}".encode("utf-8", "surrogatepass")
            if f"#{hashlib.sha256(opened).hexdigest()}" != person:
                raise Bad(item, "other-person", brief(row["name"]))
        found[person] = str(row.get("name", ""))
    return found


def renamed(content: Any, names: dict[str, str]) -> Any:
    """Return a plan with names in the place of hashes."""
    if isinstance(content, list):
        return [renamed(part, names) for part in content]
    if not isinstance(content, dict):
        return content
    return {
        key: names.get(part, part)
        if key in _NAMING and isinstance(part, str)
        else renamed(part, names)
        for key, part in content.items()
    }


def persons_in(content: Any) -> set[str]:
    """Return the persons that a plan names, as hashes."""
    if isinstance(content, str):
        return {content} if PERSON.fullmatch(content) else set()
    parts = content.values() if isinstance(content, dict) else content
    if not isinstance(content, (dict, list)):
        return set()
    return {person for part in parts for person in persons_in(part)}
