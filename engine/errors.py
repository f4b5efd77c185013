"""The refusals of duban: one base class, a stable code each, values as attributes.

EngineError
├── DefinitionError          a machine's declaration contradicts itself
├── NotFound                 there is no such thing
├── Refused                  the rules say no
│   ├── UnknownTrigger · IllegalTransition · GuardRejected · NotPermitted
│   ├── ReasonRequired · AuthorityRequired · NotForcible · StragglersRefused
│   ├── BadMoment · BadFact · AlreadyExists
│   └── NothingToAnswer · StillAnswered
├── ConcurrentChange         another unit of work was faster
├── Interrupted              the store could not finish a unit; it may be tried again as it is
├── HistoryBroken            a history that the machine could not have made
└── DeliveryFailed           a notice did not reach its channel
    └── ChannelBusy          the channel has a limit, and it is reached: nothing was tried

The message of an error is a template and its values, so that the edges can
print it in the reader's language and tests never parse text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Self


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark ``message`` for the catalogues and return it unchanged."""
    return message


class Worded(str):
    """A part of a message that has values of its own, such as the problem that an error tells.

    As a text it is English; the edges put it in the reader's language.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Make the text, and keep what it was made of."""
        made = super().__new__(cls, template.format(**values))
        made.template, made.values = template, values
        return made


class EngineError(Exception):
    """Base of every error raised on purpose; catch this at the edges."""

    code: ClassVar[str] = "engine"
    template: ClassVar[str] = "{message}"

    def __init__(self, **values: object) -> None:
        """Keep ``values`` for whoever renders the message."""
        self.values = values
        super().__init__(self.template.format(**values))


class DefinitionError(EngineError):
    """A machine's declaration contradicts itself."""

    code = "definition"
    template = N_("Machine {workflow} cannot be used: {problem}.")


class NotFound(EngineError):
    """There is no such thing."""

    code = "not-found"
    template = N_("There is no {what} {key}. See what there is with: {hint}")


class Refused(EngineError):
    """The rules say no; nothing was changed."""

    code = "refused"
    template = N_("Refused: {problem}.")


class UnknownTrigger(Refused):
    """The machine has no such trigger."""

    code = "unknown-trigger"
    template = N_("{workflow} knows no trigger {trigger}; its triggers are: {known}.")


class IllegalTransition(Refused):
    """The trigger exists, but not from the current state."""

    code = "illegal-transition"
    template = N_("Cannot {trigger} {key}: it is {state}; from there you can: {allowed}.")


class GuardRejected(Refused):
    """The transition exists, but its guard does not hold."""

    code = "guard-rejected"
    template = N_("Cannot {trigger} {key} while it is {state}: still needed: {unmet}.")


class NotPermitted(Refused):
    """The act is legal, but not for this person."""

    code = "not-permitted"
    template = N_("{person} may not {act} {key}; this is for: {allowed}.")


class ReasonRequired(Refused):
    """A reason was left out where one is required."""

    code = "reason-required"
    template = N_("To {act} {key} a reason is required; say why with --reason.")


class AuthorityRequired(Refused):
    """An authority was left out where one is required."""

    code = "authority-required"
    template = N_("To {act} {key} an authority is required; name the document with --authority.")


class NotForcible(Refused):
    """The machine does not allow that state to be forced."""

    code = "not-forcible"
    template = N_(
        "{key} cannot be forced from {state} to {target}; it can be forced to: {allowed}."
    )


class StragglersRefused(Refused):
    """A cascade would leave some behind."""

    code = "stragglers"
    template = N_(
        "Cannot {trigger} {key}: {count} would be left behind: {names}. "
        "Settle them first, or leave them behind on purpose with --leave-behind."
    )


class BadMoment(Refused):
    """A date that cannot be."""

    code = "bad-moment"
    template = N_("{moment} cannot be the date of this act: {problem}.")


class BadFact(Refused):
    """A fact that the machine does not declare, or of another type."""

    code = "bad-fact"
    template = N_("{value} cannot be the value of {fact}: {problem}.")


class BadText(Refused):
    """Text that cannot be kept."""

    code = "bad-text"
    template = N_("The {field} cannot be kept: {problem}.")


class UnknownRecord(Refused):
    """The machine keeps no such record."""

    code = "unknown-record"
    template = N_("{key} keeps no record {kind}; it keeps: {known}.")


class BadRecord(Refused):
    """A record that lacks something, or has something it should not."""

    code = "bad-record"
    template = N_("The record {kind} for {key} cannot be kept: {problem}: {field}.")


class NotNow(Refused):
    """The record exists, but not in this state."""

    code = "not-now"
    template = N_(
        "{kind} cannot be recorded for {key} while it is {state}; it belongs to: {allowed}."
    )


class NothingToAnswer(Refused):
    """An answer, and nothing that it could answer."""

    code = "nothing-to-answer"
    template = N_(
        "{kind} of {key} answers {answers}, and none is recorded; record that first: {hint}"
    )


class StillAnswered(Refused):
    """What was answered cannot be taken away while its answer stands."""

    code = "still-answered"
    template = N_(
        "{answers} of {key} has an answer that stands: {kind}. Void that first; "
        "its number is shown by: {hint}"
    )


class SamePerson(Refused):
    """Who did the work may not also confirm it."""

    code = "same-person"
    template = N_("{person} did {did} on {key} and may not also {trigger} it; someone else must.")


class AlreadyExists(Refused):
    """The key is taken."""

    code = "already-exists"
    template = N_("{what} {key} exists already. {hint}")


class ConcurrentChange(EngineError):
    """Another unit of work changed the same instance first; nothing was recorded."""

    code = "concurrent-change"
    template = N_("{key} was changed by someone else at the same moment; look again and repeat.")


class Interrupted(EngineError):
    """The store could not finish a unit, through no fault of its own: it may be tried again."""

    code = "interrupted"
    template = N_("{problem}. Nothing was changed; repeat in a moment.")
    outcome_known: ClassVar[bool] = True
    """Whether it is sure that nothing was changed; only then is it tried again by itself."""
    in_unit = False
    """Whether it was a unit of work, not a reading, of which half may have been shown."""


class HistoryBroken(EngineError):
    """A recorded history could not have been produced by its machine."""

    code = "history-broken"
    template = N_(
        "History of {key} breaks at event {sequence}: {problem}. "
        "Look at it with: duban history {key}"
    )


class DeliveryFailed(EngineError):
    """A notice did not reach its channel; it will be tried again."""

    code = "delivery-failed"
    template = N_("Notice {key} was not delivered by {channel}: {problem}.")

    def __init__(
        self, *, retry_after: timedelta | None = None, whole: bool = False, **values: object
    ) -> None:
        """Keep when to try again, where the channel said so.

        ``whole``: it concerns everything that goes by this channel, not this notice alone.
        """
        self.retry_after = retry_after
        self.whole = whole
        super().__init__(**values)


class ChannelBusy(DeliveryFailed):
    """The channel takes only so much at a time; nothing was tried, and no attempt is lost."""

    code = "channel-busy"
    template = N_("Notice {key} waits: {channel} takes no more for {seconds} seconds.")
