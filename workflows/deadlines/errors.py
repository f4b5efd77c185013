"""What can be wrong with a deadline: its text, its days, or what it is asked to count."""

from __future__ import annotations

from engine.errors import N_, EngineError


class DeadlineError(EngineError):
    """Base of every complaint about a deadline."""

    code = "deadline"


class DeadlineSyntax(DeadlineError):
    """The text is not of the deadline language."""

    code = "deadline-syntax"
    template = N_(
        "Cannot read the deadline “{text}” at column {column}: found {found}, expected {expected}. "
        "A near example: {example}"
    )


class NoSuchDay(DeadlineError):
    """A month without that day, or 29 February in a common year."""

    code = "deadline-no-such-day"
    template = N_("There is no day {day}; for the last day of a month write: end of {month}")


class BadNumber(DeadlineError):
    """A number outside its range."""

    code = "deadline-bad-number"
    template = N_("{number} cannot be the {what} of a deadline; it must be from {low} to {high}.")


class AmbiguousThird(DeadlineError):
    """旬前, which people read in two ways."""

    code = "deadline-ambiguous"
    template = N_(
        "“{text}” can mean before it begins or by its end; "
        "write {first}前 or {last}前, or leave out 前."
    )


class AmbiguousPeriod(DeadlineError):
    """第三季度前, which people read in two ways."""

    code = "deadline-ambiguous-period"
    template = N_("“{text}” can mean before it begins or by its end; write {first}前 or {last}前.")


class VagueDay(DeadlineError):
    """Words that name no day."""

    code = "deadline-vague"
    template = N_(
        "“{text}” names no moment that can be computed. Say what is planned, for example: {example}"
    )


class UnknownFestival(DeadlineError):
    """A festival that the law does not know."""

    code = "deadline-unknown-festival"
    template = N_("There is no statutory festival {name}; known are: {known}.")


class NoFestivals(DeadlineError):
    """A calendar, or a year, of which no festivals are known."""

    code = "deadline-no-festivals"
    template = N_(
        "Calendar {calendar} does not know when {festival} of {year} is; write the date itself."
    )


class WindowReversed(DeadlineError):
    """A window that would close before it opens."""

    code = "deadline-window-reversed"
    template = N_(
        "The window opens on {opens} and closes before that, on {closes}; "
        "if it closes in the year after, say so: next year"
    )


class BadRecurrence(DeadlineError):
    """A recurrence that cannot be computed."""

    code = "deadline-bad-recurrence"
    template = N_("The recurrence {text} cannot be used: {problem}.")


class RepeatedSetting(DeadlineError):
    """A setting is given twice, or together with its opposite."""

    code = "deadline-repeated-setting"
    template = N_("The deadline “{text}” has {setting} twice or with its opposite; keep one.")


class NotRecurring(DeadlineError):
    """Occurrences were asked of a rule that has only one date."""

    code = "deadline-not-recurring"
    template = N_("The deadline {text} does not recur; it has one date, not occurrences.")


class NaiveMoment(DeadlineError):
    """An event came with a moment that names no time zone."""

    code = "deadline-naive-moment"
    template = N_("Event {event} is dated {moment} without a time zone; record it with one.")
