"""Which addresses of the internet a host may make us call. Pure functions."""

import ipaddress
from typing import Final

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# What the library of Python 3.11 takes for the open internet: protocol assignments (a metadata service of a cloud among
# them), relays of 6to4, the host's side of a virtual machine of Azure, documentation, segment routing, site-local.
_ALSO_CLOSED: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20", "5f00::/16", "fec0::/10")
)


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the open internet; what is no address does not.

    Addresses of IPv4 inside IPv6 are judged by what they lead to.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    if any(found in network for network in _ALSO_CLOSED):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def is_address(host: str) -> bool:
    """Tell whether a host of a url is an IP address, and not a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
