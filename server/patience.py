"""How long gunicorn waits for a slow client, so that none of them holds a thread for good.

A thread that reads half a request, or writes to a reader who takes nothing, answers nobody else.
The connection is closed once nothing has moved for so long; the log says it in a line.
"""

from __future__ import annotations

import sys
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

READ_SECONDS = 10
"""For the next part of a request."""

WRITE_SECONDS = 60
"""For one part of an answer: the largest map layer over a slow telephone takes half of it."""


def wait_for_parts(conn: Any) -> None:
    """Let a connection be read no longer than it sends; gunicorn itself waits for ever."""
    start = type(conn).init

    def start_and_wait() -> None:
        start(conn)
        conn.sock.settimeout(READ_SECONDS)

    conn.init = start_and_wait


class PatientWorker(ThreadWorker):
    """A worker with threads whose connections end when nothing moves on them."""

    def handle(self, conn: TConn) -> Any:
        """Answer the next request of a connection."""
        wait_for_parts(conn)
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request that was read whole."""
        conn.sock.settimeout(WRITE_SECONDS)
        return super().handle_request(req, conn)


class QuietLogger(Logger):
    """gunicorn's log, with a line for a slow client where it would write a traceback."""

    def exception(self, msg: object, *args: Any, **kwargs: Any) -> None:
        """Log an error that was caught."""
        if isinstance(sys.exc_info()[1], TimeoutError):
            self.info("A client was too slow; its connection is closed.")
        else:
            super().exception(msg, *args, **kwargs)
