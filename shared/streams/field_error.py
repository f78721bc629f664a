"""A value that breaks a rule which no type says."""


class FieldError(ValueError):
    """Raised while a value is made; `field` is its own name for the part at fault.

    A ValueError, so that a document which holds such a value is refused with a path, as msgspec does it.
    """

    def __init__(self, reason: str, *, field: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.reason = reason
        self.field = field


def shown(text: str) -> str:
    """A foreign text as it may stand in one line of an error."""
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
