"""What every process of a run may say: one value an event, as JSON one line each. Each kind of process adds its own."""

import msgspec


class TaggedEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """As a Message: a field of a later version is passed over."""


class Noticed(TaggedEvent, frozen=True, kw_only=True, tag="notice"):
    """Nothing ends because of it, but a person should know."""

    text: str
