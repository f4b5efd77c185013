"""The command line of the verifier: what is asked, what is printed, how it ends."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from adapters.bundle.verifier.archive import Archive
from adapters.bundle.verifier.checks import EVENTS, Verification
from adapters.bundle.verifier.persons import OPENING, names_of
from adapters.bundle.verifier.seals import LOG, SealedLog
from adapters.bundle.verifier.sentences import said, sentence
from adapters.bundle.verifier.stamps import TimeStamp, openssl, require_signature
from adapters.bundle.verifier.trouble import Bad, brief

SOUND, WRONG_USE, BROKEN, IN_PART = 0, 2, 3, 4
NOTE_BEGINS = "-----BEGIN CHECKPOINT-----\n"
NOTE_ENDS = "-----END CHECKPOINT-----\n"
"""What stands around a checkpoint in a message that was sent outside."""

_LARGEST_NOTE = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    """Verify a bundle; return 0 when all is proven, 3 when something is wrong, 4 in between."""
    asked = _asked(arguments)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    chinese = asked.lang == "zh"
    try:
        whole, lines = _verified(asked, chinese)
    except Bad as bad:
        detail = f" ({brief(bad.detail)})" if bad.detail else ""
        what = f"{brief(bad.item)}: {sentence(bad.code, chinese)}{detail} [{bad.code}]"
        _print(f"{said('BAD', chinese)}: {what}")
        _print(said("Nothing after this was looked at.", chinese))
        return BROKEN
    for line in lines:
        _print(line)
    return SOUND if whole else IN_PART


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _verified(asked: argparse.Namespace, chinese: bool) -> tuple[bool, list[str]]:
    """Return whether all is proven, and what there is to say where nothing is wrong.

    Raises:
        Bad: something is; whatever reading hostile bytes may raise, too.

    """
    try:
        names = _names(asked.names)
        run = Verification(Archive(asked.bundle), names)
        log = run.run()
        trust = _trusted(asked.trust) if log.stamps else ""
        for stamp, note, item in log.stamps if trust else ():
            require_signature(stamp, note, trust, item)
        outside = [log.require_note(_note(file), file) for file in asked.checkpoint]
        vouched = [log.require_key(key, "--key") for key in asked.key]
    except Bad:
        raise
    except Exception as error:  # noqa: BLE001 - hostile bytes may raise anything; none is a crash
        raise Bad(brief(asked.bundle), "unreadable", brief(repr(error))) from None
    if not log.keys and not outside:
        raise Bad(LOG, "unsigned")
    whole = not run.counts["unsealed"]
    if asked.whole and not whole:
        raise Bad(EVENTS, "not-whole", str(run.counts["unsealed"]))
    told = _summary(run, log, outside, vouched, chinese)
    told += _stamps(log, trust, chinese)
    verdict = said("GOOD" if whole else "GOOD, IN PART", chinese)
    return whole, [verdict, *(f"  {line}" for line in told)]


def _summary(
    run: Verification, log: SealedLog, outside: list[int], vouched: list[int], chinese: bool
) -> list[str]:
    counts: dict[str, object] = dict(run.counts)
    lines = []
    if run.manifest["trial"]:
        lines.append("This is a TRIAL: its clock was set by hand.")
    if run.manifest["known_at"]:
        lines.append(
            "It is of what had been sealed by {known_at}; what was recorded later is left out on "
            "purpose."
        )
    if run.manifest["as_of"]:
        lines.append("Its report tells how things stood at {as_of}.")
    counts |= {name: run.manifest[name] for name in ("as_of", "known_at")}
    lines.append(
        "{events} events of {instances} histories; every number follows, every move is an edge."
    )
    lines.append("{proven} events are, byte for byte, what the log sealed.")
    lines.append("{editions} of the machines, plans and calendars are those that the log sealed.")
    if counts["unsealed"]:
        lines.append(
            "NOT PROVEN: {unsealed} of {events} events. They were not sealed when the bundle was "
            "made, and may have been changed since; all others are proven."
        )
    lines.append(
        "Of {persons} persons {named} are named, each proven by the salt beside the name."
        if counts["named"]
        else "The log holds a salted hash of each person; who they are is not said, nor needed "
        "for the proof (--names FILE)."
    )
    lines.append("{told} times somebody was to be told of an event; {sent} notices were sent.")
    lines.append("{texts} texts are those that were sealed; {removed} were removed by law.")
    lines.append(
        "{evidence} files of evidence are what was handed in; {left_out} are not in the bundle."
    )
    lines.append("{count} checkpoints, each the beginning of the next; the last has {size} leaves.")
    counts |= {"count": len(log.seals), "size": log.last.size}
    told = [said(line, chinese, **counts) for line in lines]
    by = {(key.name, key.id.hex()) for seal in log.seals for key in seal.by}
    signed = "Signed by {name}, key {id}: compare it with what you hold."
    told += [said(signed, chinese, name=name, id=key_id) for name, key_id in sorted(by)]
    if not by:
        told.append(said("Nobody signed the log.", chinese))
    held = "The checkpoint from outside, of {size} leaves, is of the same log."
    told += [said(held, chinese, size=size) for size in outside]
    for size in vouched:
        told.append(
            said("The key from outside vouches for the first {size} leaves.", chinese, size=size)
        )
    if not outside and not vouched:
        alone = (
            "No checkpoint and no key from outside was given (--checkpoint FILE, --key KEY): this "
            "shows that the bundle agrees with itself, not who made it, nor that a later one is "
            "not shorter."
        )
        told.append(said(alone, chinese))
    return told


def _trusted(file: str | None) -> str:
    """Return the file of certificates that are trusted, if one was given and openssl is there."""
    if file is not None and not _text(file).strip():
        raise Bad(file, "unreadable")
    return file if file is not None and openssl() else ""


def _stamps(log: SealedLog, trust: str, chinese: bool) -> Iterator[str]:
    """Yield what there is to say of time stamps: the first and the last of each authority."""
    first: dict[str, TimeStamp] = {}
    last: dict[str, TimeStamp] = {}
    for stamp, _, _ in log.stamps:
        first.setdefault(stamp.authority, stamp)
        last[stamp.authority] = stamp
    told = "Time stamp of {authority}: it saw checkpoint {size} at {moment}."
    for authority, begin in first.items():
        ends = (begin,) if begin is last[authority] else (begin, last[authority])
        for one in ends:
            values = {"authority": authority, "size": one.size, "moment": one.moment}
            yield said(told, chinese, **values)
    if not log.stamps:
        return
    checked = "The signatures of all {stamps} time stamps were checked by openssl, below {trust}."
    alone = (
        "NOT PROVEN: who made the {stamps} time stamps. Only that they are of these checkpoints "
        "was checked; for their signatures give certificates that you trust (--trust FILE) where "
        "openssl is installed."
    )
    line = checked if trust else alone
    yield said(line, chinese, stamps=len(log.stamps), trust=brief(trust))


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    language = os.environ.get("DUBAN_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    parser = argparse.ArgumentParser(
        description="Verify an evidence bundle of duban. / 验证 duban 证据包。",
        epilog="Ends with 0 when all is proven, 4 when some events were not sealed, 3 when "
        "something is wrong. / 全部证明返回 0，部分事件未封存返回 4，不通过返回 3。",
    )
    here = Path(__file__).resolve().parent
    unpacked = (here / "manifest.json").exists()
    parser.add_argument(
        "bundle",
        nargs="?" if unpacked else None,
        default=str(here),
        help="the zip, or the folder it was unpacked to / zip 文件，或解压后的文件夹",
    )
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint that you hold from elsewhere / 您另行留存的检查点",
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY",
        help="a key that you hold from elsewhere, NAME+ID+KEY / 您另行留存的公钥",
    )
    parser.add_argument("--names", metavar="FILE", help="who the persons are / 人员姓名文件")
    parser.add_argument(
        "--trust",
        metavar="FILE",
        help="certificates of time-stamping authorities, in PEM / 您信任的时间戳机构证书",
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="fail with 3 unless every event is proven / 须每个事件均获证明方为通过",
    )
    parser.add_argument(
        "--lang",
        choices=("en", "zh"),
        default="zh" if (language or "").lower().startswith("zh") else "en",
        help="the language to speak / 语言",
    )
    return parser.parse_args(arguments)


def _text(file: str) -> str:
    with Path(file).open("rb") as reading:
        return reading.read(_LARGEST_NOTE).decode("utf-8")


def _note(file: str) -> str:
    """Return the checkpoint in a file, be it alone or in a message as mail has written it."""
    text = _text(file).replace("\r\n", "\n")
    _, begin, rest = text.partition(NOTE_BEGINS)
    note, end, _ = rest.partition(NOTE_ENDS)
    return note if begin and end else text


def _names(file: str | None) -> dict[str, str]:
    if file is None:
        return {}
    return names_of(json.loads(_text(file)), OPENING, file)


if __name__ == "__main__":
    sys.exit(main())
