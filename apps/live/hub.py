"""Who hears what: listeners by topic, and what was told last, for those who come back. No network in here."""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Mapping

from apps.live import metrics

# Events that wait for a listener who is slow.
QUEUE = 16
LONGEST_REPLAY = 100
RESYNC = b"event: resync\ndata: {}\n\n"

# Of an entry in the stream: when, by the clock of Redis in milliseconds, and its number in that millisecond.
Place = tuple[int, int]
START: Place = (0, 0)
# For each topic a kind and JSON, with a space between.
Entry = tuple[Place, Mapping[str, str]]


class Listener:
    """An open page. What it has still to be sent waits here; when that is too much, it is told to look anew."""

    __slots__ = ("_is_over", "_news", "_waiting", "topics")

    def __init__(self, topics: Collection[str]) -> None:
        self.topics = topics
        self._waiting: list[bytes] = []
        self._news = asyncio.Event()
        self._is_over = False

    def put(self, event: bytes) -> None:
        """Send it as soon as possible."""
        if len(self._waiting) == QUEUE:
            self._waiting = [RESYNC]
            metrics.OVERFLOWS.inc()
        self._waiting.append(event)
        self._news.set()

    def end(self, last: bytes = b"") -> None:
        """Say this after all that waits, and nothing more."""
        self._waiting.append(last)
        self._is_over = True
        self._news.set()

    async def take(self) -> bytes:
        """What waits, as soon as there is something."""
        await self._news.wait()
        taken = b"".join(self._waiting)
        self._waiting.clear()
        self._news.clear()
        return taken

    @property
    def is_over(self) -> bool:
        """Whether all is said."""
        return self._is_over and not self._waiting


class Hub:
    """The listeners of one process, and the last messages, less than `length`, that it has heard of."""

    def __init__(self, length: int) -> None:
        self.newest = START
        self.listeners: set[Listener] = set()
        self._by_topic: dict[str, set[Listener]] = {}
        self._length = length
        self._kept: deque[tuple[Place, str]] = deque()
        self._recent: dict[str, deque[tuple[Place, bytes]]] = {}
        # Whoever has heard all up to here can be told all that came after.
        self._whole_since = START
        self.is_hearing = False

    def join(self, topics: Collection[str], after: Place | None) -> tuple[Listener, bytes]:
        """A new listener, and what they have missed since `after`."""
        listener = Listener(topics)
        self.listeners.add(listener)
        for topic in topics:
            self._by_topic.setdefault(topic, set()).add(listener)
        metrics.LISTENERS.set(len(self.listeners))
        return listener, b"" if after is None else self._missed(topics, after)

    def leave(self, listener: Listener) -> None:
        """Forget a listener, and topics that nobody hears any more."""
        self.listeners.discard(listener)
        for topic in listener.topics:
            self._by_topic[topic].discard(listener)
            if not self._by_topic[topic]:
                del self._by_topic[topic]
        metrics.LISTENERS.set(len(self.listeners))

    def restore(self, entries: Iterable[Entry]) -> None:
        """Know all entries of the stream, as they are now. Nobody is told."""
        self.newest = START
        self._kept.clear()
        self._recent.clear()
        for place, messages in entries:
            self._keep(place, messages)

    def tell(self, place: Place, messages: Mapping[str, str]) -> None:
        """Pass on one new entry of the stream."""
        for topic, event in self._keep(place, messages):
            listeners = self._by_topic.get(topic, ())
            for listener in listeners:
                listener.put(event)
            metrics.SENT.inc(len(listeners))

    def interrupt(self, now: Place) -> None:
        """What was told before may have been lost: everybody looks anew."""
        self._whole_since = now
        for listener in self.listeners:
            listener.put(RESYNC)

    def end(self, lasts: Iterable[bytes]) -> None:
        """Let all go, each with a last word of their own."""
        for listener, last in zip(self.listeners, lasts, strict=False):
            listener.end(last)

    def _missed(self, topics: Collection[str], after: Place) -> bytes:
        missed = sorted(told for topic in topics for told in self._recent.get(topic, ()) if told[0] > after)
        is_whole = after >= self._whole_since and len(missed) <= LONGEST_REPLAY
        metrics.REPLAYS.labels("whole" if is_whole else "resync").inc()
        return b"".join(event for _, event in missed) if is_whole else RESYNC

    def _keep(self, place: Place, messages: Mapping[str, str]) -> list[tuple[str, bytes]]:
        self.newest = place
        events = [(topic, _event(place, message)) for topic, message in messages.items()]
        for topic, event in events:
            self._kept.append((place, topic))
            self._recent.setdefault(topic, deque()).append((place, event))
        while len(self._kept) >= self._length:
            self._forget_oldest()
        return events

    def _forget_oldest(self) -> None:
        self._whole_since, topic = self._kept.popleft()
        self._recent[topic].popleft()
        if not self._recent[topic]:
            del self._recent[topic]


def _event(place: Place, message: str) -> bytes:
    """As server-sent events are written: JSON has no line breaks."""
    kind, _, data = message.partition(" ")
    return f"id: {place[0]}-{place[1]}\nevent: {kind}\ndata: {data}\n\n".encode()
