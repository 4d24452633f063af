"""gunicorn's worker with threads, which refuses at its end what it will not answer."""

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):  # type: ignore[misc]  # it says nothing of its types
    """Takes what has come before it was told to end, and nothing later.

    gunicorn 27 leaves the worker's listener open until the last answer is sent: for those seconds the kernel takes
    connections that nobody will accept, and breaks them in the end. A POST on one of them fails, since Nginx cannot
    know that nobody has heard it; from a connection that is refused it goes to the next gunicorn.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """Called to pause accepting, and once at the end."""
        super().set_accept_enabled(enabled)
        if self.alive:
            return
        for listener in self.sockets:
            known = -1
            while known != self.nr_conns:
                known = self.nr_conns
                self.accept(listener)
            listener.close()
