"""Running a plan: many samples in flight, observations taken in the seeded order, stop when decided."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from qistas.contracts.documents import Criterion, EvaluationCard
from qistas.contracts.estimates import Estimate
from qistas.contracts.records import Observation, Sample
from qistas.engine.plan import Plan
from qistas.findings.compute import missing_needs
from qistas.findings.estimating import Seen, Stopper, metric_of
from qistas.findings.order import seeded_order

Observe = Callable[[Sample], "Observation | asyncio.Future[Observation]"]
OnProgress = Callable[["Progress"], None]


class Room(Protocol):
    """How much may be under way; it changes while running, since an endpoint's width is found on the way."""

    def connections(self) -> int:
        """How many requests the target takes at once just now."""

    def call_size(self) -> int:
        """How many it can make use of, where they are sure to be needed."""

    def crowded(self) -> bool:
        """Whether the disk is so far behind that nothing new should begin."""

    async def uncrowded(self) -> None:
        """Return once that is over."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far one criterion is: ``done`` of at most ``target_n`` samples, its estimate so far in the metric's ``unit``."""

    criterion: str
    done: int
    target_n: int
    finished: bool
    estimate: Estimate | None
    unit: str = "proportion"


class Lane:
    """One criterion's way through its samples."""

    def __init__(self, criterion: Criterion, card: EvaluationCard, order: Sequence[Sample]) -> None:
        self.criterion = criterion
        self.card = card
        self.order = order
        self._seen = Seen(metric_of(card, criterion))
        self.stopper = Stopper(card, criterion, len(order))
        self._twentieth = math.ceil(0.05 * len(order))
        self._estimated_at = 0
        self._estimating_seconds = 0.0
        self._began = time.monotonic()

    def look_ahead(self, room: Room) -> int:
        """How many samples may be under way beyond the last one looked at.

        A lane that can stop early must not ask much more than it needs; one that cannot fills the target's calls.
        """
        if self.card.design == "repeats":
            return 1
        taken = room.connections() if self.stopper.may_stop else room.call_size()
        return max(taken, self._twentieth)

    @property
    def done(self) -> int:
        """How many samples were looked at."""
        return self._seen.looked

    def look_at(self, observation: Observation) -> bool:
        """Take the next observation; whether the criterion is decided."""
        self._seen.take(observation)
        return self.stopper.feed(observation)

    def progress(self, *, finished: bool) -> Progress:
        """What to show of this criterion now; the estimate is made at most every twentieth of the way."""
        estimate = None
        if self.done and (finished or self._estimate_is_due()):
            started = time.monotonic()
            estimate = self._seen.estimate(self.card, self.criterion, len(self.order))
            self._estimated_at = self.done
            self._estimating_seconds += time.monotonic() - started
        return Progress(
            criterion=self.criterion.id,
            done=self.done,
            target_n=len(self.order),
            finished=finished,
            estimate=estimate,
            unit=metric_of(self.card, self.criterion).unit,
        )

    def _estimate_is_due(self) -> bool:
        """An estimate looks at all that was seen: often where that costs next to nothing, else each time twice as many."""
        done = self.done
        if done % max(1, len(self.order) // 20):
            return False
        elapsed = time.monotonic() - self._began
        return done >= 2 * self._estimated_at or self._estimating_seconds < 0.01 * elapsed


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


async def run_lanes(lanes: Sequence[Lane], observe: Observe, room: Room, on_progress: OnProgress) -> None:
    """Run all lanes: sampled ones side by side, those that measure this machine one after another, alone."""
    beside = [lane for lane in lanes if lane.card.design != "repeats"]
    tasks = [asyncio.ensure_future(_run_lane(lane, observe, room, on_progress)) for lane in beside]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    for lane in lanes:
        if lane.card.design == "repeats":
            await _run_lane(lane, observe, room, on_progress)


async def _run_lane(lane: Lane, observe: Observe, room: Room, on_progress: OnProgress) -> None:
    under_way: deque[Observation | asyncio.Future[Observation]] = deque()
    position, decided = 0, False
    while not decided and (under_way or position < len(lane.order)):
        most = lane.look_ahead(room)
        while position < len(lane.order) and len(under_way) < most:
            if room.crowded():
                await room.uncrowded()
            under_way.append(observe(lane.order[position]))
            position += 1
        observation = await _seen(under_way.popleft())
        decided = lane.look_at(observation)
        on_progress(lane.progress(finished=decided or lane.done == len(lane.order)))
    for left in under_way:
        await _seen(left)


async def _seen(observation: Observation | asyncio.Future[Observation]) -> Observation:
    """The observation, once it is made; whoever stops waiting here does not stop the sample.

    Other lanes may wait for the same sample. ``asyncio.shield`` does the same with two futures and three callbacks.
    """
    if isinstance(observation, Observation):
        return observation
    if not observation.done():
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake(_: object) -> None:
            if not waiter.done():
                waiter.set_result(None)

        observation.add_done_callback(wake)
        try:
            await waiter
        finally:
            observation.remove_done_callback(wake)
    return observation.result()
