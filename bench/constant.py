"""The least that gunicorn can do: the same bytes for everybody. bench/cache.py serves it."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_page = Path(os.environ["PAGE"]).read_bytes()
_headers = list(json.loads(os.environ["HEADERS"]).items())


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """A WSGI application."""
    start_response("200 OK", _headers)
    return [_page]
