"""What is timed where, and what was found."""

import time
from collections.abc import Callable

from shared.client.answers import document, items, nothing
from shared.client.errors import DeadlineExceededError
from shared.client.flow import Call, Flow, Pause, Steps
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import encode_given
from shared.documents.profile import ProfileState, ProfileView, Profiling

LOOK_EVERY_S = 0.5


class Profiles(Group[M]):
    @operation
    def put(self, profiling: Profiling, *, if_match: str | None = None) -> Flow[ProfileView]:
        """Have it timed. The same again changes nothing, unless it failed; anything else begins anew."""
        return Call(
            method="PUT",
            path=path("profiles", profiling.name),
            content=encode_given(profiling),
            headers={} if if_match is None else {"If-Match": f'"{if_match}"'},
            read=document(ProfileView),
        )

    @operation
    def list(self) -> Flow[tuple[ProfileView, ...]]:
        return Call(method="GET", path=path("profiles"), read=items(ProfileView))

    @operation
    def get(self, name: str) -> Flow[ProfileView]:
        return _get(name)

    @operation
    def delete(self, name: str) -> Flow[None]:
        """What is being timed is taken from its nodes."""
        return Call(method="DELETE", path=path("profiles", name), read=nothing)

    @operation
    def wait(
        self, name: str, *, deadline_s: float = 3600.0, clock: Callable[[], float] = time.monotonic
    ) -> Flow[ProfileView]:
        """As it is once it has finished or failed; raises DeadlineExceededError with what is missing."""
        return _until_over(name, deadline_s=deadline_s, clock=clock)


def lacking(view: ProfileView) -> str:
    """What is missing, in one line."""
    return "; ".join(
        f"{one.tier}{f' on {one.node}' if one.node else ''}: {one.reason or 'under way'}"
        for one in view.tiers
        if one.times is None
    )


def _get(name: str) -> Call[ProfileView]:
    return Call(method="GET", path=path("profiles", name), read=document(ProfileView))


def _until_over(name: str, *, deadline_s: float, clock: Callable[[], float]) -> Steps[ProfileView]:
    deadline = clock() + deadline_s
    while True:
        view = yield from _get(name)
        if view.state is not ProfileState.MEASURING:
            return view
        if clock() >= deadline:
            raise DeadlineExceededError(f"{name} was not done within {deadline_s:g} s: {lacking(view)}")
        yield from Pause(LOOK_EVERY_S)
