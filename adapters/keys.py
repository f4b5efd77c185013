"""Keys of the log: the private half in a file that only its owner reads, or behind a command.

It is never in the database, in a log, in an export or in an error. The public
half is an event of the office, and thereby in the log itself.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import shlex
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.entries import Entry
from engine.errors import N_, EngineError
from engine.note import ED25519, Signer, VerifierKey
from engine.ports import Reader
from workflows.running.sealing import known_keys

SUFFIX = ".key"
NEXT = ".next"
"""Behind the name of the key file while a new key takes the place of the old one."""
PATIENCE = 30
"""Seconds that a signing command may take."""

_PRIVATE = "PRIVATE+KEY+"
_LONGEST = 4096
_SIGNATURE_BYTES = 64
_SEED_BYTES = 32


class KeyTrouble(EngineError):
    """The log cannot be signed."""

    code = "key"
    template = N_("The log cannot be signed with {place}: {problem}. {hint}")


class FileSigner:
    """Signs with a key that was read from a file; nothing prints it."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Take the private key's 32 bytes."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = VerifierKey(name, self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message``."""
        return self._private.sign(message)


class CommandSigner:
    """Signs by a command of the office: it reads the text, and prints the signature in Base64."""

    def __init__(self, key: VerifierKey, command: str) -> None:
        """Let ``command`` sign for ``key``."""
        self.key = key
        self._command = command

    def sign(self, message: bytes) -> bytes:
        """Return the signature that the command made of ``message``.

        Raises:
            KeyTrouble: it made none, or one of another key.

        """
        try:
            words = shlex.split(self._command)
            ran = subprocess.run(  # noqa: S603 - the office's own command
                words, input=message, capture_output=True, timeout=PATIENCE, check=True
            )
            signature = base64.b64decode(ran.stdout.strip(), validate=True)
        except subprocess.CalledProcessError as error:
            raise self._trouble(N_("it failed")) from error
        except subprocess.TimeoutExpired:
            raise self._trouble(N_("it took too long")) from None
        except (OSError, ValueError):
            raise self._trouble(N_("it cannot be run, or printed no Base64")) from None
        if not verifies(self.key, message, signature):
            raise self._trouble(N_("its signature is not one of the log's key"))
        return signature

    def _trouble(self, problem: str) -> KeyTrouble:
        hint = N_("Try it by hand: it reads a text and prints 64 bytes in Base64.")
        return KeyTrouble(place="DUBAN_SIGNING_COMMAND", problem=problem, hint=hint)


def verifies(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    """Return whether ``key`` made the signature; an `engine.note.Verifies`."""
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Where this installation finds the keys of a database's log."""

    file: Path | None = None
    """The key file; nothing for a server's database unless it was named."""
    command: str = ""

    def signers(self, reader: Reader) -> Sequence[Signer]:
        """Return who signs now: the log's present key, and the one before until it has been told.

        None where the log has no key.

        Raises:
            KeyTrouble: there is a key, and this installation does not hold it.

        """
        known = known_keys(reader)
        if not known:
            return ()
        present = known[-1].key
        if self.command:
            return [CommandSigner(present, self.command)]
        held = {signer.key: signer for signer in self._held()}
        if present not in held:
            raise self._missing(present, held)
        signers: list[Signer] = [held[present]]
        told = reader.leaf_of(Entry.EVENT, known[-1].event.position) is not None
        if not told and len(known) > 1 and known[-2].key in held:
            signers.append(held[known[-2].key])
        elif told:
            self._settle(present)
        return signers

    def make(self, name: str) -> VerifierKey:
        """Make a key, and its file; return its public half.

        Raises:
            KeyTrouble: there is a file already, or it cannot be written.

        """
        return self._write(self._place(), name)

    def make_next(self, name: str) -> VerifierKey:
        """Make the key that comes after the one at hand, beside its file."""
        file = self._place()
        following = file.with_name(file.name + NEXT)
        following.unlink(missing_ok=True)  # of a rotation that never became an event
        return self._write(following, name)

    def _settle(self, present: VerifierKey) -> None:
        """Let the next key's file take the place of the last one's, once the log has been told."""
        file = self._place()
        following = file.with_name(file.name + NEXT)
        if following.exists() and load(following).key == present:
            following.replace(file)

    def _held(self) -> Iterator[FileSigner]:
        if self.file is None:
            return
        for file in (self.file, self.file.with_name(self.file.name + NEXT)):
            if file.exists():
                yield load(file)

    def _place(self) -> Path:
        if self.file is None:
            raise KeyTrouble(
                place="DUBAN_KEY_FILE",
                problem=N_("no file is named"),
                hint=N_("A server's database has no folder of its own: set DUBAN_KEY_FILE."),
            )
        return self.file

    def _missing(self, present: VerifierKey, held: dict[VerifierKey, FileSigner]) -> KeyTrouble:
        problem = (
            N_("it holds another key than the log's present one")
            if held
            else N_("the file is not there")
        )
        hint = N_(
            "Bring the file of the present key here (duban key show names it), or, if it is lost: "
            "duban key rotate --lost"
        )
        return KeyTrouble(place=str(self.file or "DUBAN_KEY_FILE"), problem=problem, hint=hint)

    def _write(self, file: Path, name: str) -> VerifierKey:
        seed = secrets.token_bytes(_SEED_BYTES)
        signer = FileSigner(name, seed)
        encoded = base64.b64encode(bytes([ED25519]) + seed).decode()
        text = f"{_PRIVATE}{name}+{signer.key.id.hex()}+{encoded}\n"
        try:
            number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyTrouble(
                place=str(file),
                problem=N_("there is a file of that name already"),
                hint=N_("Move it away, or name another with DUBAN_KEY_FILE."),
            ) from None
        except OSError as error:
            raise _unusable(file, error) from None
        try:
            with os.fdopen(number, "w", encoding="ascii") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
        except OSError as error:
            with suppress(OSError):
                file.unlink()
            raise _unusable(file, error) from None
        return signer.key


def load(file: Path) -> FileSigner:
    """Return the signer of a key file.

    Raises:
        KeyTrouble: it cannot be read, others can read it, or it holds no key.

    """
    try:
        number = os.open(file, os.O_RDONLY)
        with os.fdopen(number, "rb") as opened:
            state = os.fstat(opened.fileno())
            content = opened.read(_LONGEST)
    except OSError as error:
        raise _unusable(file, error) from None
    if not stat.S_ISREG(state.st_mode):
        raise _broken(file)
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyTrouble(
            place=str(file),
            problem=N_("others than its owner can read or change it"),
            hint=N_(
                "Take that from them (chmod 600), and ask whether it was copied: "
                "if it may have been, duban key rotate"
            ),
        )
    try:
        name, key_id, encoded = _parts(content.decode("ascii").strip())
        decoded = base64.b64decode(encoded, validate=True)
        signer = FileSigner(name, decoded[1:])
    except (ValueError, binascii.Error, EngineError):
        raise _broken(file) from None  # the content is a secret, in whatever shape
    if decoded[0] != ED25519 or signer.key.id.hex() != key_id:
        raise _broken(file)
    return signer


def new_name() -> str:
    """Return a name for a log that nobody named: its own, by chance."""
    return f"duban/{secrets.token_hex(8)}"


def key_file(database: Path | None, given: str | None) -> Path | None:
    """Return the key file that was named, else the one beside the database."""
    if given:
        return Path(given).expanduser()
    return database.with_name(f"{database.name}{SUFFIX}") if database else None


def _parts(text: str) -> tuple[str, str, str]:
    if not text.startswith(_PRIVATE):
        raise ValueError
    name, key_id, encoded = text.removeprefix(_PRIVATE).split("+", 2)
    return name, key_id, encoded


def _broken(file: Path) -> KeyTrouble:
    return KeyTrouble(
        place=str(file),
        problem=N_("it is no key file"),
        hint=N_("Name the right one with DUBAN_KEY_FILE."),
    )


def _unusable(file: Path, error: OSError) -> KeyTrouble:
    problem = error.strerror or type(error).__name__
    return KeyTrouble(
        place=str(file), problem=problem, hint=N_("Check the path and its permissions.")
    )
