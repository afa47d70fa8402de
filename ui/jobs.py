"""Which jobs the collector runs: for each enabled source and ranking, with labels and totals; re-checks; tidying."""

import tempfile
from datetime import timedelta
from pathlib import Path

from collector.author import AuthorKeys
from collector.clock import now
from collector.collect import Saver, collect
from collector.collect_rankings import collect_rankings
from collector.config import Config
from collector.http import Http
from collector.rankings import RANKINGS
from collector.recheck import recheck
from collector.retention import care_for
from collector.scheduler import Job
from collector.source import RecheckSettings, SourceSettings
from collector.sources import SOURCES
from collector.store import Store
from collector.tidy import tidy
from ui.console import Console
from ui.pipeline import finish
from ui.workspace import Workspace


def build(store: Store, workspace: Workspace, console: Console) -> list[Job]:
    """Return the jobs of this config, sources first."""
    config = workspace.config
    sources = [_source_job(store, config, name, console) for name, part in config.sources.items() if part.enabled]
    rechecks = [_recheck_job(store, config, name, console) for name, part in config.sources.items() if _rechecks(part)]
    rankings = [_ranking_job(store, workspace, name, console) for name, part in config.rankings.items() if part.enabled]
    return [*sources, *rechecks, *rankings, Job("tidy", timedelta(days=1), lambda: _tidy(store, config, console))]


def _tidy(store: Store, config: Config, console: Console) -> None:
    done = tidy(store, config, now())
    if done.purged:
        finish(store, config, console)
    parts = [f"{done.rows} rows that are no longer needed are gone"]
    parts += [f"{done.emptied} posts have lost their words"] * bool(done.emptied)
    parts += [f"{done.purged} posts were kept for long enough and are gone"] * bool(done.purged)
    console.say(f"tidy: {', '.join(parts)}")


def _source_job(store: Store, config: Config, name: str, console: Console) -> Job:
    settings = config.sources[name]

    def run() -> None:
        saver = Saver(store, config.titles, AuthorKeys.load())
        try:
            counts = collect(saver, SOURCES[name](settings, Http()), follow=care_for(config, name).is_needed)
            console.say(f"{name}: {counts.read} posts read, {counts.matched} about watched titles, {counts.stored} new")
        finally:
            # what came in before a fault is labelled and counted as well
            finish(store, config, console)

    return Job(name, settings.every, run)


def _rechecks(settings: SourceSettings) -> bool:
    return settings.enabled and isinstance(settings, RecheckSettings) and settings.recheck


def _recheck_job(store: Store, config: Config, name: str, console: Console) -> Job:
    settings = config.sources[name]
    every = settings.recheck_every if isinstance(settings, RecheckSettings) else settings.every

    def run() -> None:
        saver = Saver(store, config.titles, AuthorKeys.load())
        try:
            counts = recheck(saver, SOURCES[name](settings, Http()), care_for(config, name))
            console.say(f"{name}: stored posts were asked for again, {counts.deleted} of them are gone there and here")
        finally:
            finish(store, config, console)

    return Job(f"recheck {name}", every, run)


def _ranking_job(store: Store, workspace: Workspace, name: str, console: Console) -> Job:
    folder = workspace.config_path.parent if workspace.config_path else Path()
    settings = workspace.config.rankings[name].relative_to(folder)

    def run() -> None:
        with tempfile.TemporaryDirectory(prefix="buzzchart-") as scratch:
            counts = collect_rankings(store, RANKINGS[name](settings, Http()), Path(scratch))
        console.say(f"{name} rankings: {counts.read} rows read, {counts.stored} new, {counts.revised} revised")

    return Job(f"rankings {name}", settings.every, run)
