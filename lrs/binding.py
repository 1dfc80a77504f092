"""What a credential that learners can see may touch: what is its own learner's."""

from lrs.credentials import Credential
from lrs.errors import ForbiddenError


def refuse_foreign_agent(credential: Credential, agent_key: bytes) -> None:
    if credential.bound_actor_key is not None and agent_key != credential.bound_actor_key:
        raise ForbiddenError("bound_actor", "This credential is for its own actor only.")


def refuse_foreign_registration(credential: Credential, registration: str | None) -> None:
    if credential.bound_registration is not None and registration != credential.bound_registration:
        raise ForbiddenError(
            "bound_registration", "This credential is for its own registration only, which must be given."
        )


def refuse_bound(credential: Credential) -> None:
    """For what belongs to all learners."""
    if credential.bound_actor_key is not None:
        raise ForbiddenError("bound_actor", "This credential may change what is its own actor's only.")
