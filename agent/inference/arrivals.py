"""Reading a micro-batch: who each record is, which version must infer it, and its tensor. Pure."""

from collections.abc import Mapping, Sequence

from agent.inference.batch import Arrivals, Consumed, Share
from agent.inference.sub_model import SubModelInUse
from shared.errors import RecordError
from shared.record import headers, trail
from shared.record.headers import Passport
from shared.record.identity import derive_id, derive_time_us

_NOTHING_SAID = Passport()


def read(
    records: Sequence[Consumed],
    *,
    cluster_id: str,
    sub_models: Mapping[str, SubModelInUse],
    serving: str | None,
) -> Arrivals:
    """`serving` is the version of records that name none; without one, such records are rejected.

    A record that cannot be read gets its reason in `rejected`, and the others are as good as without it.
    """
    rejected: dict[int, RecordError] = {}
    passports = [_passport(record, row, rejected) for row, record in enumerate(records)]
    rows_by_version = _rows_by_version(passports, sub_models, serving, rejected)
    return Arrivals(
        ids=[
            passport.id or derive_id(cluster_id, record.topic, record.partition, record.offset, record.timestamp)
            for passport, record in zip(passports, records, strict=True)
        ],
        times_us=[
            derive_time_us(record.timestamp) if passport.time_us is None else passport.time_us
            for passport, record in zip(passports, records, strict=True)
        ],
        trails=[passport.trail for passport in passports],
        others=[passport.others for passport in passports],
        shares=[
            _share(sub_models[version], rows, records, passports, rejected) for version, rows in rows_by_version.items()
        ],
        rejected=rejected,
    )


def _passport(record: Consumed, row: int, rejected: dict[int, RecordError]) -> Passport:
    try:
        passport = headers.read(record.headers)
        if passport.trail is not None:
            _check_trail(passport.trail)
    except RecordError as error:
        rejected[row] = error
        return _NOTHING_SAID
    return passport


def _check_trail(encoded: bytes) -> None:
    """A damaged trail must be found while only its own record suffers; later steps handle many at once."""
    if len(trail.parse(encoded)) >= trail.MOST_ENTRIES:
        raise RecordError(f"header {headers.TRAIL} has {trail.MOST_ENTRIES} entries already: is there a loop of tiers?")


def _rows_by_version(
    passports: Sequence[Passport],
    sub_models: Mapping[str, SubModelInUse],
    serving: str | None,
    rejected: dict[int, RecordError],
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, passport in enumerate(passports):
        if row in rejected:
            continue
        version = passport.model or serving
        if version is None:
            rejected[row] = RecordError(f"the record names no version (header {headers.MODEL} is missing)")
        elif version not in sub_models:
            loaded = ", ".join(sub_models)
            rejected[row] = RecordError(f"the record is for version {version}, which is not loaded here: {loaded} are")
        else:
            found.setdefault(version, []).append(row)
    return found


def _share(
    sub_model: SubModelInUse,
    rows: list[int],
    records: Sequence[Consumed],
    passports: Sequence[Passport],
    rejected: dict[int, RecordError],
) -> Share:
    decoded = sub_model.decode([records[row].value for row in rows], [passports[row].tensor for row in rows])
    for index, error in decoded.errors.items():
        rejected[rows[index]] = error
    kept = rows if len(decoded.kept) == len(rows) else [rows[index] for index in decoded.kept]
    return Share(sub_model=sub_model, rows=kept, tensor=decoded.batch)
