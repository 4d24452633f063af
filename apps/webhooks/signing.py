"""Proof that a message is ours and new. Source: standardwebhooks.com, so that receivers find libraries for it."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"


def new_secret() -> str:
    """A key for one endpoint, in the form that receivers' libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def headers(secret: str, key: str, body: bytes, now: datetime) -> dict[str, str]:
    """What goes with the message `key`; receivers refuse what was signed long ago."""
    seconds = str(int(now.timestamp()))
    signed = b".".join([key.encode(), seconds.encode(), body])
    digest = hmac.digest(base64.b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256)
    return {
        "webhook-id": key,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
