# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.domain import addressing
from nova_lite.domain.errors_network import NetworkInvalid


@pytest.mark.parametrize("text", ["10.0.0.0/8", "192.0.2.0/30", "fd00::/126", "2001:db8::/64"])
def test_ranges_for_guests(text: str) -> None:
    assert str(addressing.cidr(text)) == text


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0/0", "0.0.0.0/24", "96.0.0.0/3", "127.0.1.0/24", "128.0.0.0/1", "169.254.0.0/20"]
    + ["239.1.0.0/16", "255.255.255.0/24", "10.0.0.0/31", "10.0.0.1/24", "10.0.0/24", "10.0.0.0/x"]
    + ["::/0", "::/64", "::ffff:a00:0/112", "fe80::/64", "ff02::/64", "8000::/1", "fd00::/127"],
)  # fmt: skip
def test_ranges_that_no_guest_can_have(text: str) -> None:
    with pytest.raises(NetworkInvalid):
        addressing.cidr(text)
