"""Which network addresses names stand for, and which of those belong to everybody. Not here: connections."""

import queue
import socket
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# All that is given out for the public (RFC 4291); what else looks global leads into tunnels or to nobody.
PUBLIC_6 = ip_network("2000::/3")
# Translates to the IPv4 address in its last four bytes (RFC 6052); so resolvers of networks without IPv4 answer.
NAT64 = ip_network("64:ff9b::/96")
# What older tables of Python take for global, or what is, but means a machine nearby.
RESERVED = [
    ip_network(network)
    for network in (
        *("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15"),
        # Protocols' own (Teredo is 2001::/32), documentation, 6to4 with an IPv4 address inside, documentation again.
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        # Azure's machines hear their host there, and tell it secrets.
        "168.63.129.16/32",
    )
]


def is_public(text: str) -> bool:
    """Whether anybody may be sent to this IPv4 or IPv6 address, written as usual: no private, local, shared, reserved,
    documentation or multicast one, neither itself nor inside an address that leads to it.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        return _is_public_6(address)
    return _is_public_4(address)


def resolve(name: str, seconds: float) -> Sequence[str]:
    """What the machine's resolver says; nothing for a name that it does not know. Raises TimeoutError.

    It cannot be hurried, so it works in a thread that is left behind when the time is over.
    """
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answers.put([str(address) for *_, (address, *_) in found])

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty as error:
        raise TimeoutError from error


def _is_public_6(address: IPv6Address) -> bool:
    if inner := address.ipv4_mapped:
        return _is_public_4(inner)
    if address.scope_id is None and address in NAT64:
        return _is_public_4(IPv4Address(address.packed[-4:]))
    return address.scope_id is None and address in PUBLIC_6 and _is_free(address)


def _is_public_4(address: IPv4Address) -> bool:
    return _is_free(address) and not address.is_multicast


def _is_free(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not any(address in network for network in RESERVED)
