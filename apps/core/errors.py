"""The errors that actions, queries and permissions raise. Not here: how they are shown (middleware.py)."""

from typing import ClassVar


class DomainError(Exception):
    """An expected refusal: `message` is a sentence for people, `code` a stable word for programs.

    `field` is what it is about of that which was typed or sent, "" when it is about no single one.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "error"
    message: ClassVar[str] = "That did not work."
    field = ""

    def __init__(self, message: str = "", field: str = "") -> None:
        """Keep `message` and `field`, or the class's own when none is given."""
        self.detail = message or self.message
        self.field = field or self.field
        super().__init__(self.detail)


class Invalid(DomainError):
    """The input cannot be used as it is."""

    code = "invalid"
    message = "Something in the form is not right."


class NotAllowed(DomainError):
    """This person may not do that."""

    status = 403
    code = "not-allowed"
    message = "You may not do that."


class NotFound(DomainError):
    """There is no such thing, or not for this person."""

    status = 404
    code = "not-found"
    message = "There is nothing at this address."


class Conflict(DomainError):
    """It was true a moment ago, and is no longer."""

    status = 409
    code = "conflict"
    message = "Somebody was faster. Look at the page again, then decide."


class RateLimited(DomainError):
    """Too much in too little time; `seconds` until it may be tried again."""

    status = 429
    code = "rate-limited"
    message = "That was too much within a short time. Wait a little."

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds
