"""Which addresses belong to everybody."""

import socket
import threading

import pytest

from apps.core.addresses import is_public, resolve

PUBLIC = [
    *("1.1.1.1", "93.184.215.14", "172.15.255.255", "172.32.0.1", "192.0.1.1", "100.63.255.255", "100.128.0.1"),
    *("198.17.255.255", "223.255.255.255", "168.63.129.17"),
    *("2606:4700:4700::1111", "2a00:1450:4001:82a::200e", "::ffff:1.1.1.1", "64:ff9b::101:101"),
]
NOT_PUBLIC = {
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fd00:ec2::254", "fd20:ce::254"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "link-local": ["169.254.169.254", "169.254.0.23", "fe80::1", "fe80::1%eth0", "2606:4700:4700::1111%eth0"],
    "shared": ["100.64.0.1", "100.100.100.200", "100.127.255.255"],
    "this network, everybody": ["0.0.0.0", "0.1.2.3", "255.255.255.255", "::"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "192.0.0.192", "192.0.0.9", "198.18.0.1", "198.19.255.255", "192.88.99.1", "4000::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "a private one inside": [
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::7f00:1", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::101:101", "2002:7f00:1::", "2002:a9fe:a9fe::1"),
        *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::7f00:1", "100::1", "5f00::1"),
    ],
    "a cloud's own": ["168.63.129.16"],
    "none": [
        "",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "1.1.1.1 ",
        "1.1.1.1/8",
        "[::1]",
        "１.1.1.1",
    ],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_everybody_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(("kind", "address"), [(kind, one) for kind, some in NOT_PUBLIC.items() for one in some])
def test_all_others_are_not(kind: str, address: str) -> None:
    assert not is_public(address), kind


@pytest.mark.parametrize("name", ["localhost", "0x7f.1", "2130706433", "017700000001", "127.1"])
def test_resolver_says_what_a_spelling_of_this_machine_means(name: str) -> None:
    addresses = resolve(name, 30)

    assert addresses
    assert not any(map(is_public, addresses))


@pytest.mark.parametrize("name", ["", "\x00", "a" * 300, "a..b", "\ud800", "no.such.name.invalid"])
def test_resolver_says_nothing_of_what_is_no_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror

    if name.endswith(".invalid"):
        # The one that would leave this machine.
        monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert [address for address in resolve(name, 30) if is_public(address)] == []


def test_resolver_that_does_not_answer_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: gate.wait(30) and [])

    with pytest.raises(TimeoutError):
        resolve("example.org", 0.01)

    gate.set()
