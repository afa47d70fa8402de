"""`buzz audit` as a user meets it: a sample drawn, labelled with keys, reported, out to a file and in again."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filling import Posted, fill
from in_process import InProcess

from collector.store import Store
from ui.auditing import Said, Shown, Walked, walk

POSTS = [Posted(f"post number {at}", native_id=str(at), sentiment=("positive", "negative")[at % 2]) for at in range(40)]


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    (tmp_path / "config.toml").write_text('[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\n')
    with Store.open(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'buzz.db')}") as store:
        fill(store, *POSTS)
    return tmp_path


def test_an_audit_from_the_sample_to_the_report(folder: Path, buzz: InProcess) -> None:
    def run(*words: object, given: bytes = b"") -> str:
        done = buzz("audit", *words, "--db", "buzz.db", folder=folder, given=given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    drawn = json.loads(run("sample", "--size", 30, "--seed", 7, "--title", "squid game", "--json"))
    assert (drawn["sample"], drawn["title"], drawn["drawn"], drawn["posts"]) == (1, "Squid Game", 30, 40)
    assert drawn["strata"][0] == {"language": "en", "given": "negative", "posts": 20, "drawn": 15}
    assert "Sample 2: 30 of 40 posts, seed 7.\n" in run("sample", "--size", 30, "--seed", 7)
    shown = run("label", "--sample", 1, "--by", "Ann", given=b"p n\nu x?p s q")
    assert shown.startswith("Sample 1: 30 posts to label. p positive")
    assert "1 of 30 · mastodon · 2022-02-01 · Squid Game\n  │ post number " in shown
    assert shown.endswith("  positive, sarcasm, not sure\n" + shown.split("not sure\n")[-1])
    assert "4 labelled, 26 left." in shown
    assert '"labelled": 26' in run("label", "--sample", 1, "--by", "Ann", "--json", given=b"p" * 30)
    assert "30 posts of 2 samples are labelled (labels: Ann 30)." in run("report")
    assert json.loads(run("report", "--json", "--sample", 1))["labels"] == 30
    assert run("export", "l.csv") == "l.csv: 30 rows.\n"
    assert run("import", "l.csv") == "l.csv: 0 new labels, 30 known before.\n"
    assert run("export", "b.csv", "--blank", "--by", "Ben", "--sample", 1) == "b.csv: 30 rows.\n"
    blank = (folder / "b.csv").read_text(encoding="utf-8-sig")
    assert not {"given", "positive", "negative"} & set(blank.replace("\r\n", ",").split(","))
    assert run("import", "b.csv") == "b.csv: 0 new labels, 0 known before.\n"


def test_faults_are_told_in_words(folder: Path, buzz: InProcess) -> None:
    def run(*words: object) -> tuple[int, str]:
        done = buzz("audit", *words, "--db", "buzz.db", folder=folder)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    (folder / "l.csv").write_text(
        "platform,native_id,class\nmastodon,1,great\nmastodon,2,neutral\nmastodon,99,neutral\n"
    )
    code, said = run("import", "l.csv")
    assert (code, said.splitlines()) == (
        4,
        [
            "buzz: l.csv line 2: class is 'great', not positive, neutral or negative",
            "buzz: l.csv line 4: no post 99 of mastodon is stored here",
            "buzz: l.csv: 1 line could not be read; all others are kept",
        ],
    )
    assert run("label") == (4, "buzz: no sample is drawn yet: `buzz audit sample` draws one\n")
    assert run("label", "--by", " ") == (3, "buzz: --by: the name is empty\n")
    assert run("sample", "--since", "2022-02-02", "--until", "2022-02-01")[0] == 3
    assert run("sample", "--language", "ko")[0] == 4
    assert run("sample", "--title", "Squib Game") == (
        3, 'buzz: no title is called "Squib Game"; did you mean "Squid Game"?\n',
    )  # fmt: skip
    assert run("import", "none.csv") == (4, "buzz: none.csv cannot be read: No such file or directory\n")
    assert run("export", "no/l.csv")[0] == 4
    assert run("sample", "--size", 30)[0] == 0
    assert run("report", "--sample", 5) == (4, "buzz: there is no sample 5: there is 1\n")


class Notes:
    """What was said and saved; posts of `gone` cannot be saved."""

    def __init__(self, *gone: int) -> None:
        self.gone = gone
        self.said: list[str] = []
        self.saved: list[tuple[int, Said]] = []

    def save(self, post: Shown, said: Said) -> bool:
        self.saved.append((post.post_id, said))
        return post.post_id not in self.gone

    def walk(self, keys: str, *texts: str) -> Walked:
        at = datetime(2022, 2, 1, tzinfo=UTC)
        posts = [Shown(number, "x", at, ("A\nB",), text, None, invented=True) for number, text in enumerate(texts)]
        return walk(posts, keys, self.said.append, self.save)


def test_back_labels_a_post_again_and_flags_do_not_stick() -> None:
    notes = Notes()
    assert notes.walk("xpbbnu?!Nq", "one", "two", "three") == Walked(3, 0)
    assert notes.saved == [
        (0, Said("positive", sarcasm=True, unsure=False)),
        (0, Said("negative", sarcasm=False, unsure=False)),
        (1, Said("neutral", sarcasm=False, unsure=False)),
        (2, Said("negative", sarcasm=False, unsure=True)),
    ]


def test_a_post_that_has_changed_is_passed_over_and_the_end_of_keys_stops() -> None:
    notes = Notes(0)
    assert notes.walk("ps", "one", "two", "three") == Walked(0, 2)
    assert "  The post has changed or gone this very moment: passed over." in notes.said
    assert notes.walk("", "one") == Walked(0, 0)


def test_no_text_can_look_like_a_line_of_ours() -> None:
    notes = Notes()
    notes.walk("q", "good\r\n\x1b[2J2 of 9 · x\u2028\u202enegative\x85\x0b\x0c|")
    head, *lines = notes.said[0].strip().split("\n")
    assert head == "1 of 1 · x · 2022-02-01 · A B · invented sample post"
    assert all(line.startswith("  │ ") for line in lines)
    assert "\x1b" not in notes.said[0]
    assert "\u202e" not in notes.said[0]
