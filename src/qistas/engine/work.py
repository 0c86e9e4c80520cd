"""One run from opening the target to the closing record; running it again resumes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from qistas.contracts.canonical import digest
from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.identity import TargetInfo
from qistas.contracts.records import LEDGER_FORMAT, Closing, Header, Observation, Sample, Session
from qistas.contracts.version import __version__
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
            return await _run(job, plan, book, infos, release, cache, on_progress)
        finally:
            ledger.close()
    finally:
        for target in targets.values():
            await target.close()


def header_of(job: Job, infos: dict[str, TargetInfo], release: ReleaseListing | None) -> Header:
    """The identity of this run."""
    return Header(
        format=LEDGER_FORMAT,
        qistas=__version__,
        target=infos["model"],
        standard=job.standard,
        evaluations={name: evaluation.card for name, evaluation in sorted(job.evaluations.items())},
        data=dict(sorted(job.data.items())),
        judges={name: judge.card for name, judge in sorted(job.judges.items())},
        seed=job.settings.seed,
        budget=job.settings.budget,
        system_prompt=job.settings.system_prompt,
        release=digest(release) if release else None,
        roles={role: info for role, info in infos.items() if role != "model"},
        rerun=job.settings.rerun,
        places=job.settings.places,
        calibrations=dict(sorted(job.calibrations.items())),
    )


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
        for samples in plan.populations.values():
            for sample in samples:
                ledger.append(sample)
        ledger.flush()
        with LedgerReader(path) as reader:
            return ledger, Book(ledger, reader), replace(plan, header=reader.header())
    except BaseException:
        ledger.close()
        raise


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
    targets = {"model": job.target, **job.roles}
    schedulers = {
        role: Scheduler(
            target, infos[role], book, cache=cache, retry=settings.retry, concurrency=settings.concurrency
        )
        for role, target in targets.items()
    }
    exchanges = LiveExchanges(book, schedulers, job.target, meters=job.meters, release=release)
    tasks: dict[tuple[str, str], asyncio.Future[Observation]] = {}

    async def observed(sample: Sample) -> Observation:
        observation = await observation_of(
            job.evaluations[sample.evaluation],
            sample,
            exchanges,
            judges=job.judges,
            capabilities=capabilities_of(plan.header),
            system_prompt=settings.system_prompt,
        )
        book.observe(observation)
        return observation

    def observe(sample: Sample) -> asyncio.Future[Observation]:
        key = (sample.evaluation, sample.id)
        if key not in tasks:
            tasks[key] = asyncio.ensure_future(observed(sample))
        return tasks[key]

    try:
        await run_lanes(lanes_of(plan), observe, schedulers["model"].connections, on_progress)
        findings = findings_of(plan.header, plan.populations, book.observations)
        book.close_with(Closing(findings=findings))
        return book.asked - asked_before
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        for scheduler in schedulers.values():
            await scheduler.close()


def _session(job: Job) -> Session:
    return Session(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        host=host_record(),
        concurrency=job.settings.concurrency,
        timeout_seconds=job.settings.timeout_seconds,
    )
