"""A real mail server in a process of its own: `python -m tests.notifications.postman <folder>` prints its port.

Each mail that it takes is a file in the folder. Some addresses are refused: `gone@…` for good, `full@…` for now.
"""

import asyncio
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

ANSWERS = {"gone": "550 There is nobody of that name", "full": "452 Come back later", "broken": "554 Not that one"}


class Shelf:
    """Takes mails and keeps them in the order of their arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        name = address.partition("@")[0]
        if name in ("gone", "full"):
            return ANSWERS[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if envelope.rcpt_tos[0].startswith("broken"):
            return ANSWERS["broken"]
        number = len(list(self.folder.iterdir()))
        content = envelope.content
        assert isinstance(content, bytes)
        (self.folder / f"{number:06}.eml").write_bytes(content)
        return "250 OK"


async def serve(folder: Path) -> None:
    """Until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Shelf(folder)), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
