"""What can be wrong with a file, as one clear sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import N_, EngineError, Refused


class FileTrouble(Refused):
    """A file cannot be read or kept."""

    code = "file"
    template = N_("The file {file} cannot be used: {problem}. {hint}")


class EvidenceRefused(Refused):
    """A file that the plan does not take as evidence."""

    code = "evidence-refused"
    template = N_("{file} cannot be kept as evidence: {problem}. Allowed: {allowed}.")


_SAID = {
    errno.ENOENT: (N_("there is no such file"), N_("Check the path.")),
    errno.EISDIR: (N_("it is a folder"), N_("Name a file in it.")),
    errno.EACCES: (N_("you may not read it"), N_("Check its permissions.")),
    errno.EPERM: (N_("you may not read it"), N_("Check its permissions.")),
    errno.ELOOP: (N_("it is a symbolic link"), N_("Name the file that it leads to.")),
    errno.EEXIST: (N_("it is there already"), N_("Name another one.")),
    errno.ENXIO: (N_("it is no ordinary file"), N_("Name a file, not a device or pipe.")),
    errno.ENOSPC: (N_("the disk is full"), N_("Make room and repeat; nothing was changed.")),
    errno.EDQUOT: (N_("the disk is full"), N_("Make room and repeat; nothing was changed.")),
}


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the operating system says of a file into one clear sentence.

    Raises:
        FileTrouble: the block met an error of the operating system.

    """
    try:
        yield
    except EngineError:
        raise
    except OSError as error:
        problem, hint = _SAID.get(error.errno or 0, (error.strerror or str(error), ""))
        shown = path if error.errno in _SAID else repr(str(path)[:80])
        raise FileTrouble(file=shown, problem=problem, hint=hint) from None
    except ValueError as error:
        if "null" not in str(error):  # of the block, and not of the name of its file
            raise
        raise FileTrouble(file=repr(str(path)[:80]), problem=str(error), hint="") from None
