"""Which addresses an endpoint made by the API may have."""

import pytest

from mtchat.core.addresses import is_address, is_public


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::",
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1",
        "169.254.169.254", "fe80::1", "fe80::1%eth0",
        "224.0.0.1", "224.0.1.1", "ff02::1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "2001:db8::1",
        "192.0.0.192", "192.88.99.1", "168.63.129.16", "3fff::1", "5f00::1", "fec0::1", "::ffff:192.0.0.192",
        "64:ff9b:1::1", "::127.0.0.1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::",
        "not an address", "", "localhost",
    ],
)  # fmt: skip
def test_everything_else_is_not_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), ("[::1]", True), ("::1", True), ("a.example", False)]
)
def test_an_address_is_told_from_a_name(host: str, expected: bool) -> None:
    assert is_address(host) is expected
