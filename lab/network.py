"""The one link between the host and the lab's network namespace; it goes when the namespace goes."""

from pyroute2 import IPRoute, NetlinkError, NetNS

from lab.addresses import HOST_ADDRESS, HOST_LINK, NODE_ADDRESS, NODE_LINK, PREFIX, SERVICE_RANGE
from lab.errors import LabError


def require_free_addresses() -> None:
    """LabError if another interface of the host already has the lab's addresses."""
    with IPRoute() as host:
        for address in host.get_addr(address=HOST_ADDRESS):
            link = next(iter(host.get_links(address["index"]))).get_attr("IFLA_IFNAME")
            if link != HOST_LINK:
                raise LabError(
                    f"{HOST_ADDRESS} is already an address of this machine's interface {link}, and the lab needs it: "
                    f"take it from {link}, or change the addresses in lab/addresses.py"
                )


def connect(pid: int) -> None:
    """Join the network namespace of process `pid` to the host by a veth pair, and give both ends their addresses."""
    with IPRoute() as host, NetNS(f"/proc/{pid}/ns/net") as node:
        try:
            host.link("add", ifname=HOST_LINK, kind="veth", peer={"ifname": NODE_LINK, "net_ns_fd": f"/proc/{pid}/ns/net"})
        except NetlinkError as error:
            raise LabError(f"the link {HOST_LINK} cannot be made: {error}; `python -m lab down` clears what is left of a lab") from error
        ends = ((host, HOST_LINK, HOST_ADDRESS), (node, NODE_LINK, NODE_ADDRESS))
        for side, link, address in ends:
            index = next(iter(side.link_lookup(ifname=link)))
            side.addr("add", index=index, address=address, prefixlen=PREFIX)
            side.link("set", index=index, state="up")
        node.link("set", index=next(iter(node.link_lookup(ifname="lo"))), state="up")
        # Services are reached by rules that act after a route was found; beyond them the lab has no way out.
        node.route("add", dst=SERVICE_RANGE, gateway=HOST_ADDRESS)


def disconnect() -> None:
    """Remove the host's end, if it outlived its namespace."""
    with IPRoute() as host:
        for index in host.link_lookup(ifname=HOST_LINK):
            host.link("del", index=index)
