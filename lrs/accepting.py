"""What becomes of a statement that keeps the rules: the same whether a request brings it or a file."""

from core.envelope import AcceptedStatement
from core.xapi.bodies import compose
from core.xapi.records import StatementRecord, derive
from core.xapi.statements import Statement
from core.xapi.versions import Version
from lrs.credentials import Credential
from lrs.errors import ForbiddenError


def accept_statement(
    credential: Credential,
    version: Version,
    statement: Statement,
    statement_id: str,
    *,
    keeps_authority: bool = False,
) -> AcceptedStatement:
    """The authority is the credential's; its own it keeps only if it is imported from another store."""
    own = statement.authority if keeps_authority else None
    record = derive(statement, credential.tenant_id, own)
    _refuse_foreign(credential, record)
    authority = credential.authority if own is None else bytes(statement.texts["authority"])
    return AcceptedStatement(statement_id, record, compose(statement, statement_id, version, authority))


def _refuse_foreign(credential: Credential, record: StatementRecord) -> None:
    """A credential that learners can see writes for its learner only."""
    if credential.bound_actor_key is not None and record.actor_key != credential.bound_actor_key:
        raise ForbiddenError("bound_actor", "This credential may write statements of its own actor only.")
    if credential.bound_registration is not None and record.registration != credential.bound_registration:
        raise ForbiddenError("bound_registration", "This credential may write in its own registration only.")
