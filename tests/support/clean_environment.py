"""A clean environment as `pip install` would make it: the wheel and what it declares, and nothing of the dev group.

The dependencies are taken, file by file, from the environment that runs the tests, where the lock put them: no
network, a few seconds, and the same wheels.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from house import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

GUARD_LOG = "BUZZ_TEST_GUARD_LOG"
# each Python that starts there refuses to leave the loopback, and writes down that something tried
SITE = f"""
import os
from network_guard import NetworkGuard

class Guard(NetworkGuard):
    def _refuse(self, what):
        with open(os.environ["{GUARD_LOG}"], "a") as log:
            log.write(what + "\\n")
        super()._refuse(what)

Guard().install()
"""


def build_wheel(folder: Path) -> Path:
    """Build the wheel with the locked backend; return its path."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"))


class CleanEnvironment:
    """A virtual environment with one wheel and its declared dependencies."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        self.guard_log = folder / "left-the-loopback.txt"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
        self._install(wheel)
        for name in _closure(metadata.Distribution.at(next(self.site.glob("buzzchart-*.dist-info")))):
            _copy(metadata.distribution(name), self.site)
        shutil.copy(Path(__file__).with_name("network_guard.py"), self.site)
        (self.site / "sitecustomize.py").write_text(SITE)

    @property
    def bin(self) -> Path:
        """Where its programs are."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def site(self) -> Path:
        """Where its packages are."""
        return next(self.folder.glob("**/site-packages"))

    def names(self) -> set[str]:
        """Return what is installed."""
        return {canonicalize_name(found.name) for found in metadata.distributions(path=[str(self.site)])}

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its programs to its end, as a user would in that folder."""
        program, *rest = command
        return subprocess.run(
            [self.bin / program, *rest], cwd=cwd, env=self.variables(cwd), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    @contextmanager
    def running(self, *command: str | Path, cwd: Path) -> Iterator["subprocess.Popen[str]"]:
        """Run one of its programs beside the test; its output is a pipe. Ended by SIGTERM when the test is through."""
        program, *rest = command
        process = subprocess.Popen(
            [self.bin / program, *rest], cwd=cwd, env=self.variables(cwd), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            finally:
                process.kill()
                process.communicate()

    def attempts(self) -> list[str]:
        """Return what its programs tried to reach beyond the loopback."""
        return self.guard_log.read_text().splitlines() if self.guard_log.exists() else []

    def variables(self, home: Path) -> dict[str, str]:
        """Return the environment of a user who has set nothing."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "OPENBLAS_CORETYPE") if name in os.environ}
        return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), GUARD_LOG: str(self.guard_log)}

    def _install(self, wheel: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            self.bin / "python",
            "install",
            "-qq",
            "--no-deps",
            "--no-index",
        ]
        subprocess.run([*command, "--disable-pip-version-check", wheel], check=True, timeout=120)


def _closure(root: metadata.Distribution) -> set[str]:
    """Return the names of everything that a distribution requires, and what that requires, as pip would."""
    found: set[str] = set()
    waiting: list[tuple[metadata.Distribution, frozenset[str]]] = [(root, frozenset())]
    while waiting:
        distribution, extras = waiting.pop()
        for line in distribution.requires or ():
            requirement = Requirement(line)
            marker = requirement.marker
            if marker and not any(marker.evaluate({"extra": extra}) for extra in (extras or {""})):
                continue
            name = canonicalize_name(requirement.name)
            if name not in found or requirement.extras:
                found.add(name)
                waiting.append((metadata.distribution(name), frozenset(requirement.extras)))
    return found


def _copy(distribution: metadata.Distribution, site: Path) -> None:
    """Copy a distribution's modules and metadata; compiled ones too, its programs not."""
    for file in distribution.files or ():
        if ".." in file.parts:
            continue
        target = site / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file.locate(), target)
        except OSError:  # another file system
            shutil.copy(file.locate(), target)
