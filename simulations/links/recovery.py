"""What a lost segment costs a TCP connection: the time until it is there after all. Pure.

The timeout is max(200 ms, 2 round trips): 200 ms is the least that Linux waits (TCP_RTO_MIN), where RFC 6298 asks for
a second; it doubles with each attempt (RFC 6298, 5.5) up to 120 s. A connection's first segment waits 1 s (RFC 6298,
2.1). When three segments follow the lost one, their duplicate acknowledgements bring it again after one round trip
(RFC 5681, 3.2).
"""

LEAST_TIMEOUT_S = 0.2
FIRST_TIMEOUT_S = 1.0
MOST_TIMEOUT_S = 120.0
DUPLICATES = 3


def timeout_s(round_trip_s: float) -> float:
    return max(LEAST_TIMEOUT_S, 2 * round_trip_s)


def stall_s(losses: int, *, round_trip_s: float, following: int, first_timeout_s: float | None = None) -> float:
    """How much later a segment arrives that was lost `losses` times in a row, with `following` segments behind it."""
    if losses == 0:
        return 0.0
    is_fast = following >= DUPLICATES
    total, wait = (
        (round_trip_s, timeout_s(round_trip_s)) if is_fast else (0.0, first_timeout_s or timeout_s(round_trip_s))
    )
    for _ in range(losses - is_fast):
        total += wait
        wait = min(2 * wait, MOST_TIMEOUT_S)
    return total


def resumes_at(caught_s: float, mended_s: float, first_timeout_s: float) -> float:
    """When a sender that lost a segment at `caught_s` tries again on a link whole since `mended_s`.

    Its attempts double their distance, so that an outage of length d is followed by silence of up to about d.
    """
    attempt_s, wait = caught_s, first_timeout_s
    while attempt_s < mended_s:
        attempt_s += wait
        wait = min(2 * wait, MOST_TIMEOUT_S)
    return attempt_s
