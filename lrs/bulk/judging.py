"""A piece of a file becomes an accepted statement, or is rejected: by the rules of the door."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from core.envelope import AcceptedStatement
from core.xapi.errors import StatementError
from core.xapi.statements import Statement, read_statement
from core.xapi.times import format_timestamp
from core.xapi.versions import Version
from lrs.accepting import accept_statement
from lrs.bulk.attached import KeptData, MissingDataError, check_attachments
from lrs.bulk.pieces import Piece
from lrs.bulk.rejected import Rejected, is_json, reject, reject_fault
from lrs.credentials import Credential
from lrs.errors import ForbiddenError

# Clocks differ by a little.
MOST_AHEAD = timedelta(minutes=5)
# There was no xAPI before, and each month of a broken clock's would become a partition.
EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)


class Terms(NamedTuple):
    """On which statements are taken. Of several versions the first whose rules a statement keeps is its own."""

    credential: Credential
    versions: Sequence[Version]
    most_bytes: int
    keeps_authority: bool = False
    keeps_stored: bool = False


class Candidate(NamedTuple):
    piece: Piece
    accepted: AcceptedStatement
    version: Version


class StoredError(Exception):
    """The time at which another store had the statement cannot be kept."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def judge(piece: Piece, terms: Terms, kept: KeptData) -> Candidate | Rejected:
    if piece.text is None or piece.fault is not None:
        return reject_fault(piece, piece.fault or "too_large", terms.most_bytes)
    try:
        return Candidate(piece, *_accept(piece.text, piece.position, terms, kept))
    except MissingDataError as error:
        return reject(piece, "missing_data", str(error), error.path)
    except StatementError as error:
        reason = "invalid_statement" if error.path or is_json(piece.text) else "malformed"
        return reject(piece, reason, str(error), error.path or None)
    except ForbiddenError as error:
        return reject(piece, error.code, error.message)
    except StoredError as error:
        return reject(piece, error.reason, str(error), "stored")


def make_id(tenant: UUID, position: int, text: bytes) -> str:
    """For a statement without one: the same whenever the same file is imported again."""
    return str(uuid5(tenant, f"{position} {sha256(text).hexdigest()}"))


def _accept(text: bytes, position: int, terms: Terms, kept: KeptData) -> tuple[AcceptedStatement, Version]:
    statement, version = _read(text, terms.versions)
    credential = terms.credential
    statement_id = statement.id or make_id(credential.tenant_uuid, position, text)
    accepted = accept_statement(credential, version, statement, statement_id, keeps_authority=terms.keeps_authority)
    check_attachments(statement, version, kept)
    if terms.keeps_stored:
        accepted = msgspec.structs.replace(accepted, stored=_stored(statement))
    return accepted, version


def _read(text: bytes, versions: Sequence[Version]) -> tuple[Statement, Version]:
    errors = []
    for version in versions:
        try:
            return read_statement(text, version), version
        except StatementError as error:
            errors.append(error)
    # That a statement names the other version says less than what is wrong by that one.
    raise next((error for error in errors if error.path != "version"), errors[0])


def _stored(statement: Statement) -> datetime:
    stored = statement.stored
    if stored is None:
        raise StoredError("no_stored", "stored: missing. To keep it, each statement must have it.")
    if stored > datetime.now(UTC) + MOST_AHEAD:
        raise StoredError("stored_ahead", f"stored: {format_timestamp(stored)} is in the future.")
    if stored < EARLIEST:
        raise StoredError("stored_too_early", f"stored: {format_timestamp(stored)} is before {EARLIEST:%Y-%m-%d}.")
    return stored.replace(microsecond=stored.microsecond // 1000 * 1000)
