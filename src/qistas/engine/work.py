"""One run from opening the target to the closing record; running it again resumes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.identity import TargetInfo
from qistas.contracts.protocols import AnyJudge
from qistas.contracts.records import LEDGER_FORMAT, Closing, Header, JudgeCard, Observation, Sample, Session
from qistas.contracts.version import __version__
from qistas.engine.audit import audit
from qistas.engine.book import Book
from qistas.engine.cache import ResponseCache
from qistas.engine.host import host_record
from qistas.engine.live import LiveExchanges
from qistas.engine.observing import observation_of
from qistas.engine.plan import Job, Plan, check_same_run
from qistas.engine.run import Progress, lanes_of, run_lanes
from qistas.engine.scheduler import Scheduler
from qistas.findings.compute import capabilities_of, findings_of
from qistas.ledger.reader import LedgerReader
from qistas.ledger.store import Ledger

OnProgress = Callable[[Progress], None]
_WHO = {"model": "target", "judge-target": "judging model", "attacker": "attacker"}


async def work(job: Job, ledger_path: Path, cache: ResponseCache, on_progress: OnProgress) -> int:
    """Run the job into the ledger; how many requests the target answered now.

    Raises ``TargetFailed`` when the target failed for good and ``asyncio.CancelledError`` when stopped; either
    way everything that was answered is committed.
    """
    targets = {"model": job.target, **job.roles}
    try:
        infos = {role: await target.open() for role, target in targets.items()}
        # Reading a release hashes large files: not on the event loop.
        release = await asyncio.to_thread(job.release.listing) if job.release else None
        ledger, book, plan = open_book(ledger_path, Plan(header_of(job, infos, release), job.populations))
        try:
            ledger.append(_session(job))
            await asyncio.to_thread(_load_statistics)
            return await _run(job, plan, book, infos, release, cache, on_progress)
        finally:
            ledger.close()
    finally:
        for target in targets.values():
            await target.close()


def _load_statistics() -> None:
    """What an estimate needs is loaded before the first request: on the way it would hold up all that are in flight."""
    from qistas.stats.clusters import clustered_mean

    clustered_mean([0.0, 1.0], ["a", "b"], confidence=0.95)


def header_of(job: Job, infos: dict[str, TargetInfo], release: ReleaseListing | None) -> Header:
    """The identity of this run."""
    return Header(
        format=LEDGER_FORMAT,
        qistas=__version__,
        target=infos["model"],
        standard=job.standard,
        evaluations={name: evaluation.card for name, evaluation in sorted(job.evaluations.items())},
        data=dict(sorted(job.data.items())),
        judges={name: _card_of(judge, job, infos) for name, judge in sorted(job.judges.items())},
        seed=job.settings.seed,
        budget=job.settings.budget,
        system_prompt=job.settings.system_prompt,
        release=digest(release) if release else None,
        roles={role: info for role, info in infos.items() if role != "model"},
        rerun=job.settings.rerun,
        places=job.settings.places,
        calibrations=dict(sorted(job.calibrations.items())),
        corrected=True,
        chosen=job.settings.chosen,
    )


def _card_of(judge: AnyJudge, job: Job, infos: dict[str, TargetInfo]) -> JudgeCard:
    """The judge's card, with the calibration record that was given for it; raises ``BadInput`` for another model's."""
    card = judge.card
    record = job.judge_records.get(card.id)
    if record is None:
        return card
    asked = infos.get("judge-target")
    target = None if card.rule or asked is None else asked.model.digest or asked.model.ref
    if record.target != target:
        what = f"the record of {card.id} is of the judging model {record.target}, and this run asks {target}"
        raise BadInput(Fault(what, "--judge-record", "calibrate the judge with the model that judges here"))
    return msgspec.structs.replace(card, calibration=record.calibration, calibration_reason=None)


def open_book(path: Path, plan: Plan) -> tuple[Ledger, Book, Plan]:
    """A new ledger with header and samples, or the one that stands there, if it is of the same run.

    The plan comes back with the ledger's own header: findings are those of whoever reads the ledger.
    """
    ledger = Ledger(path)
    try:
        if ledger.empty:
            ledger.append(plan.header)
        else:
            with LedgerReader(path) as reader:
                check_same_run(reader.header(), plan.header)
        digests = {
            (sample.evaluation, sample.id): ledger.append(sample)
            for samples in plan.populations.values()
            for sample in samples
        }
        ledger.flush()
        with LedgerReader(path) as reader:
            return ledger, Book(ledger, reader, digests), replace(plan, header=reader.header())
    except BaseException:
        ledger.close()
        raise


def _schedulers(
    job: Job, infos: dict[str, TargetInfo], book: Book, cache: ResponseCache
) -> dict[str, Scheduler]:
    return {
        role: Scheduler(
            target,
            infos[role],
            book,
            cache=cache,
            retry=job.settings.retry,
            concurrency=job.settings.concurrency,
            who=_WHO.get(role, role),
        )
        for role, target in {"model": job.target, **job.roles}.items()
    }


async def _run(
    job: Job,
    plan: Plan,
    book: Book,
    infos: dict[str, TargetInfo],
    release: ReleaseListing | None,
    cache: ResponseCache,
    on_progress: OnProgress,
) -> int:
    settings = job.settings
    asked_before = book.asked
    schedulers = _schedulers(job, infos, book, cache)
    exchanges = LiveExchanges(book, schedulers, job.target, meters=job.meters, release=release)
    # What is done is held as its observation: a task for each of a million samples would not be let go.
    made: dict[tuple[str, str], Observation | asyncio.Future[Observation]] = {}
    capabilities = capabilities_of(plan.header)

    async def observed(key: tuple[str, str], sample: Sample) -> Observation:
        observation = await observation_of(
            job.evaluations[sample.evaluation],
            sample,
            exchanges,
            judges=job.judges,
            capabilities=capabilities,
            system_prompt=settings.system_prompt,
            sample_digest=book.sample_digests.get(key),
        )
        book.observe(observation)
        made[key] = observation
        return observation

    def observe(sample: Sample) -> Observation | asyncio.Future[Observation]:
        key = (sample.evaluation, sample.id)
        known = made.get(key)
        if known is None:
            known = made[key] = asyncio.ensure_future(observed(key, sample))
        return known

    try:
        await run_lanes(lanes_of(plan), observe, _Room(schedulers["model"], book.ledger), on_progress)
        await audit(job, plan, book)
        findings = findings_of(plan.header, plan.populations, book.observations, book.observation_digests)
        book.close_with(Closing(findings=findings))
        return book.asked - asked_before
    finally:
        left = [task for task in made.values() if isinstance(task, asyncio.Future)]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for scheduler in schedulers.values():
            await scheduler.close()


class _Room:
    """What may be under way: as much as the model takes, and nothing new while the disk is far behind."""

    def __init__(self, scheduler: Scheduler, ledger: Ledger) -> None:
        self.connections = scheduler.connections
        self.call_size = scheduler.call_size
        self.uncrowded = ledger.uncrowded
        self._ledger = ledger

    def crowded(self) -> bool:
        return self._ledger.crowded


def _session(job: Job) -> Session:
    return Session(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        host=host_record(),
        concurrency=job.settings.concurrency,
        timeout_seconds=job.settings.timeout_seconds,
    )
