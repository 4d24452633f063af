"""`python -m tests.cluster.mailbox PORT FILE`: an SMTP server that reports each mail in a line before it accepts it."""

import asyncio
import email
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Reporting:
    """Accepts all, and writes down their Message-IDs."""

    def __init__(self, reports: Path) -> None:
        self.reports = reports

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """One mail."""
        assert isinstance(envelope.content, bytes)
        with self.reports.open("a", encoding="utf-8") as file:
            file.write(f"{email.message_from_bytes(envelope.content)['Message-ID']}\n")
        return "250 OK"


async def serve(port: int, reports: Path) -> None:
    """Until it is killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Reporting(reports), loop=loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
