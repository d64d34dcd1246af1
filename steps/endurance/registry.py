"""Every fault, in the order in which they are played: `nox -s endurance -- --list`."""

from __future__ import annotations

from steps.endurance.environments import faults as environments
from steps.endurance.fault import Fault
from steps.endurance.faults import (
    clients,
    corpora,
    database,
    issuer,
    network,
    refusals,
    server,
    sizes,
)

FAULTS: tuple[Fault, ...] = (
    *database.FAULTS,
    *refusals.FAULTS,
    *network.FAULTS,
    *server.FAULTS,
    *clients.FAULTS,
    *sizes.FAULTS,
    *issuer.FAULTS,
    *corpora.FAULTS,
    *environments.FAULTS,
)
