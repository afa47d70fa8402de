"""Prepares the demo: the packaged sample through the real importer into a database of its own."""

import hashlib
import tempfile
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from collector import config as configs
from collector.errors import ConfigError
from ui.console import Console
from ui.workspace import Workspace

DATABASE = "buzzchart.db"
MADE_OF = "sample.txt"  # says which sample the database holds, written last
EXPORTED = "posts.csv"


def prepare(folder: Path, console: Console) -> Workspace:
    """Make the demo's folder, or take it as it is when it holds today's sample. Returns its workspace."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / configs.FILE_NAME
        if not config.exists():
            config.write_text(configs.template(), encoding="utf-8")
        workspace = Workspace.open(config, str(folder / DATABASE))
        mark = folder / MADE_OF
        today = _digest()
        if not mark.is_file() or mark.read_text(encoding="utf-8") != today:
            for old in folder.glob(f"{DATABASE}*"):
                old.unlink()
            _fill(workspace, console)
            _export(workspace, folder / EXPORTED)
            mark.write_text(today, encoding="utf-8")
    except OSError as fault:
        raise ConfigError(f"{folder} cannot be written ({fault.strerror}): name another with --folder") from fault
    return workspace


def _digest() -> str:
    """Tell one sample, and the version that read it, from another."""
    digest = hashlib.sha256(version("buzzchart").encode())
    packaged = [resources.files("collector").joinpath("sample"), resources.files("analysis").joinpath("labellers")]
    for root in packaged:
        for path in sorted(Path(str(root)).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.name.encode() + path.read_bytes())
    digest.update(configs.template().encode())
    return digest.hexdigest()


def _fill(workspace: Workspace, console: Console) -> None:
    from collector.archive.importer import Options, import_files  # noqa: PLC0415 - not needed when the demo is there already
    from collector.collect_rankings import import_file  # noqa: PLC0415 - as above
    from collector.sample.generate import rankings_files, write_sample  # noqa: PLC0415 - as above
    from ui.pipeline import finish  # noqa: PLC0415 - as above

    with workspace.store() as store, tempfile.TemporaryDirectory(prefix="buzzchart-") as scratch:
        for sample in write_sample(Path(scratch)):
            import_files(
                store,
                workspace.config,
                [sample.path],
                options=Options(format=sample.format, sample=True),
                since=sample.since,
                until=sample.until,
            )
        for path in rankings_files():
            import_file(store, path, form="csv")
        finish(store, workspace.config, console)


def _export(workspace: Workspace, path: Path) -> None:
    from analysis.export import Export, write_file  # noqa: PLC0415 - pandas would slow every command's start

    with workspace.reader() as reader:
        write_file(reader, Export("posts"), path)
