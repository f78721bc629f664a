"""Every path of the HTTP API is put together here, so that a name typed by a person cannot leave its place in it."""

from urllib.parse import quote


def path(*segments: str) -> str:
    """`path("nodes", name, "drain")` is `/v1/nodes/<name>/drain`."""
    return "/v1/" + "/".join(quote(segment, safe="") for segment in segments)
