"""What people notice when a whole machine is cut off: the fleet on machines of its own, one cable pulled at a time.

Run: `make machines`, as root. A cable that is pulled tells nobody, so each finds out by waiting. bench/faults.py says
what is measured.
"""

import sys
from functools import partial

from bench.faults import Turn, measure
from deploy.local import fleet, machines, roster
from deploy.local.fleet import Fleet
from deploy.local.machines import PLAN, Network

# Nobody comes in without it.
DOOR = "balancer"


def main() -> None:
    """Say which machine has which address, then cut off one after the other."""
    if not machines.are_allowed():
        raise SystemExit("Machines of their own are network namespaces, which only root may make.")
    with machines.connected() as network, fleet.running(network.places(roster.KINDS)) as here:
        for name, machine in network.machines.items():
            sys.stdout.write(f"{machine.address:<16}{name:<10}{', '.join(PLAN[name])}\n")
        measure(here, [turn(network, here, name) for name in PLAN if name != DOOR])


def turn(network: Network, here: Fleet, name: str) -> Turn:
    """Its cable is pulled and put back."""
    return f"{name} cut off", partial(network.cut_off, name), partial(network.join, name)


if __name__ == "__main__":
    main()
