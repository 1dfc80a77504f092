"""`more` links: a selection and where its last page ended, signed, and good for one credential and one day."""

import base64
import binascii
import hmac
import time

import msgspec

from core.secrets import SecretKey
from lrs.credentials import Credential
from lrs.errors import BadRequestError
from lrs.selection import Selection

GOOD_FOR = 86_400
SIGNATURE_BYTES = 16


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    tenant_id: int
    credential_id: str
    issued_at: int
    selection: Selection


def sign(selection: Selection, credential: Credential, key: SecretKey) -> str:
    cursor = Cursor(credential.tenant_id, credential.credential_id, int(time.time()), selection)
    content = msgspec.json.encode(cursor)
    return base64.urlsafe_b64encode(key.sign_link(content)[:SIGNATURE_BYTES] + content).decode().rstrip("=")


def verify(token: str, credential: Credential, key: SecretKey) -> Selection:
    try:
        signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise _bad() from error
    signature, content = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, key.sign_link(content)[:SIGNATURE_BYTES]):
        raise _bad()
    cursor = msgspec.json.decode(content, type=Cursor)
    if (cursor.tenant_id, cursor.credential_id) != (credential.tenant_id, credential.credential_id):
        raise _bad()
    if time.time() - cursor.issued_at > GOOD_FOR:
        raise BadRequestError("cursor", "This more link is older than a day. Ask the first page again.")
    return cursor.selection


def _bad() -> BadRequestError:
    return BadRequestError("cursor", "This more link was not given to this credential. Ask the first page again.")
