"""Running a plan: many samples in flight, observations taken in the seeded order, stop when decided."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

import msgspec

from qistas.contracts.documents import Criterion, EvaluationCard
from qistas.contracts.estimates import Estimate
from qistas.contracts.records import Observation, Sample
from qistas.engine.plan import Plan
from qistas.findings.compute import missing_needs
from qistas.findings.estimating import Stopper, estimate_of
from qistas.findings.order import seeded_order

Observe = Callable[[Sample], "asyncio.Future[Observation]"]
# How many requests the target takes at once just now: an endpoint's width is found while running.
Connections = Callable[[], int]


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far one criterion is: ``done`` of at most ``target_n`` samples, its estimate so far."""

    criterion: str
    done: int
    target_n: int
    finished: bool
    estimate: Estimate | None


class Lane:
    """One criterion's way through its samples."""

    def __init__(self, criterion: Criterion, card: EvaluationCard, order: Sequence[Sample]) -> None:
        self.criterion = criterion
        self.card = card
        self.order = order
        self.seen: list[Observation] = []
        self.stopper = Stopper(card, criterion, len(order))

    def look_ahead(self, connections: int) -> int:
        """How many samples may be under way beyond the last one looked at."""
        if self.card.design == "repeats":
            return 1
        return max(connections, math.ceil(0.05 * len(self.order)))

    def progress(self, *, finished: bool) -> Progress:
        """What to show of this criterion now; the estimate is made at most every twentieth of the way."""
        estimate = None
        every = max(1, len(self.order) // 20)
        if self.seen and (finished or len(self.seen) % every == 0):
            estimate = estimate_of(self.seen, self.card, self.criterion, len(self.order))
        return Progress(
            criterion=self.criterion.id,
            done=len(self.seen),
            target_n=len(self.order),
            finished=finished,
            estimate=estimate,
        )


def lanes_of(plan: Plan) -> list[Lane]:
    """A lane for every criterion that this run can measure."""
    lanes = []
    for criterion in plan.header.standard.criteria:
        card = plan.header.evaluations[criterion.evaluation]
        if missing_needs(card, plan.header):
            continue
        order = seeded_order(plan.populations[card.id], criterion, card, plan.header.seed, plan.header.budget)
        lanes.append(Lane(criterion, card, order))
    return lanes


async def run_lanes(
    lanes: Sequence[Lane], observe: Observe, connections: Connections, on_progress: Callable[[Progress], None]
) -> None:
    """Run all lanes: sampled ones side by side, those that measure this machine one after another, alone."""
    beside = [lane for lane in lanes if lane.card.design != "repeats"]
    tasks = [asyncio.ensure_future(_run_lane(lane, observe, connections, on_progress)) for lane in beside]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    for lane in lanes:
        if lane.card.design == "repeats":
            await _run_lane(lane, observe, connections, on_progress)


async def _run_lane(
    lane: Lane, observe: Observe, connections: Connections, on_progress: Callable[[Progress], None]
) -> None:
    under_way: list[asyncio.Future[Observation]] = []
    position, decided = 0, False
    while not decided and (under_way or position < len(lane.order)):
        while position < len(lane.order) and len(under_way) < lane.look_ahead(connections()):
            under_way.append(observe(lane.order[position]))
            position += 1
        observation = await asyncio.shield(under_way.pop(0))
        lane.seen.append(observation)
        decided = lane.stopper.feed(observation)
        on_progress(lane.progress(finished=decided or len(lane.seen) == len(lane.order)))
    if under_way:
        await asyncio.gather(*under_way)
