"""`If-Match`: change it only if it is still what I saw. Pure."""

from http import HTTPStatus

from controlplane.problems import RefusedError


def check_if_match(header: str | None, etag: str | None) -> None:
    """Raise RefusedError 412 unless the header is absent or names `etag`, which is None where nothing is stored."""
    if header is None:
        return
    named = [one.strip().removeprefix("W/").strip('"') for one in header.split(",")]
    if etag is None or not ({"*", etag} & set(named)):
        now = "there is none" if etag is None else f'it is "{etag}" now'
        raise RefusedError(HTTPStatus.PRECONDITION_FAILED, f"{now}: get it again, and decide anew", field="If-Match")
