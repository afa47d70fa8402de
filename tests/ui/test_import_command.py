"""`buzz import` as a person types it: the counts, the sentences, the exit codes, and the counts on real posts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import START, gzipped, json_lines
from in_process import InProcess
from sqlalchemy import func, select
from x_stub import post

from analysis.rollup import verify
from collector.errors import ConfigError
from collector.models import Covered, Label, Mention, Post, table
from collector.store import Store
from ui.commands.import_ import _apart

FIXTURES = Path(__file__).parents[1] / "fixtures"
CONFIG = """
[[titles]]
name = "Squid Game"
hashtags = ["SquidGame"]
"""
MAPPED = (
    "--platform", "x", "--map", "native_id=post_id", "author=author_key", "text=text", "created_at=created_at",
    "language=language", "likes=likes", "reposts=reposts", "replies=replies",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def archive(folder: Path, count: int) -> Path:
    return json_lines(folder / "posts.jsonl", [post(START, number=number) for number in range(count)])


def test_the_result_is_one_sentence_and_the_posts_are_labelled(
    folder: Path, buzz: InProcess, database_url: str
) -> None:
    said = buzz("import", archive(folder, 3), "--db", database_url, folder=folder)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == "3 posts read, 3 about watched titles, 3 stored, 0 known already, 0 left out.\n"
    with Store.open(database_url) as store:
        with store.reading() as connection:
            assert connection.execute(select(func.count()).select_from(table(Label))).scalar_one() == 3
        assert verify(store) == []


def test_with_json_the_counts_are_one_document(folder: Path, buzz: InProcess) -> None:
    path = archive(folder, 3)
    said = [json.loads(buzz("import", path, "--json", folder=folder).stdout) for _ in range(2)]
    assert said == [
        {"read": 3, "stored": 3, "known": 0, "skipped": 0, "matched": 3, "deleted": 0},
        {"read": 3, "stored": 0, "known": 3, "skipped": 0, "matched": 3, "deleted": 0},
    ]


def test_lines_that_do_not_parse_are_shown_with_their_numbers(folder: Path, buzz: InProcess) -> None:
    path = archive(folder, 1)
    path.write_text(path.read_text(encoding="utf-8") + "broken\n" * 7, encoding="utf-8")
    said = buzz("import", path, folder=folder)
    assert said.returncode == 0
    assert said.stderr.splitlines() == [
        *(f"buzz: left out: posts.jsonl line {number}: it is not JSON" for number in range(2, 7)),
        "buzz: 2 more are left out; altogether: 7 times: it is not JSON",
    ]


def test_a_truncated_gzip_is_one_sentence_exit_code_4_and_what_came_before_is_in(folder: Path, buzz: InProcess) -> None:
    path = gzipped(archive(folder, 3000))
    path.write_bytes(path.read_bytes()[:-2000])
    said = buzz("import", path, "--json", folder=folder)
    assert said.returncode == 4
    assert json.loads(said.stdout)["stored"] > 1000
    assert said.stderr.count("\n") == 1
    assert "is cut short: its gzip data ends too early" in said.stderr


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["missing.jsonl"], 4, "missing.jsonl cannot be read: No such file or directory"),
        (["config.toml", "--platform", "x"], 4, "config.toml is none of x, jetstream, mastodon, reddit, table"),
        (["posts.jsonl", "--format", "csv"], 3, "--format csv is unknown"),
        (["posts.jsonl", "--map", "text"], 3, "--map text: write field=column"),
        (["--map", "text=body", "id=number"], 3, "name at least one file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_with_its_exit_code(
    folder: Path, buzz: InProcess, words: list[str], code: int, sentence: str
) -> None:
    archive(folder, 1)
    said = buzz("import", *words, folder=folder)
    assert said.returncode == code
    assert sentence in said.stderr
    assert said.stderr.startswith("buzz: ")
    assert said.stderr.count("\n") == 1


def test_a_map_of_several_fields_may_follow_one_option(tmp_path: Path) -> None:
    odd = tmp_path / "a=b.csv"
    odd.touch()
    paths, mapping = _apart([str(odd), "text=body", "x.csv"], ["native_id=id"])
    assert paths == [odd, Path("x.csv")]
    assert mapping == {"native_id": "id", "text": "body"}
    with pytest.raises(ConfigError, match="name at least one file"):
        _apart(["text=body"], ["native_id=id"])


def test_hours_without_posts_are_zero_only_where_the_files_are_said_to_be_complete(
    folder: Path, buzz: InProcess
) -> None:
    file = archive(folder, 1)
    days = ("--complete-from", "2022-01-27", "--complete-to", "2022-01-30")

    def windows() -> list[tuple[object, ...]]:
        of = table(Covered)
        with Store.open(f"sqlite:///{folder / 'buzzchart.db'}") as store, store.reading() as connection:
            return [tuple(row) for row in connection.execute(select(of.c.coverage, of.c.until - of.c.since))]

    assert buzz("import", file, folder=folder).returncode == 0
    assert windows() == [("partial", 0)]
    assert buzz("import", file, *days, folder=folder).returncode == 0
    assert windows() == [("partial", 0), ("covered", 4 * 24 * 3600)]
    assert buzz("import", file, *days[:2], folder=folder).stderr == (
        "buzz: --complete-from and --complete-to go together: give both days or none\n"
    )


@pytest.mark.data
def test_real_posts_are_counted_as_they_should_be(
    tmp_path: Path, buzz: InProcess, data_set: Callable[[str], Path]
) -> None:
    posts = data_set("posts/tv_posts_2021_2022.tsv")
    (tmp_path / "config.toml").write_bytes((FIXTURES / "tv_shows.toml").read_bytes())
    first = json.loads(buzz("import", posts, *MAPPED, "--json", folder=tmp_path).stdout)
    assert (first["read"], first["skipped"]) == (23_621, 0)
    assert first["stored"] + first["known"] == first["matched"] > 14_000
    again = json.loads(buzz("import", posts, *MAPPED, "--json", folder=tmp_path).stdout)
    assert again == {**first, "stored": 0, "known": first["matched"]}
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        with store.reading() as connection:
            labelled = connection.execute(select(func.count()).select_from(table(Label))).scalar_one()
        assert labelled == first["stored"]
        assert verify(store) == []


@pytest.mark.data
def test_with_keep_all_every_different_post_is_stored(
    tmp_path: Path, buzz: InProcess, data_set: Callable[[str], Path]
) -> None:
    (tmp_path / "config.toml").write_bytes((FIXTURES / "tv_shows.toml").read_bytes())
    said = buzz("import", data_set("posts/tv_posts_2021_2022.tsv"), *MAPPED, "--keep-all", "--json", folder=tmp_path)
    counts = json.loads(said.stdout)
    assert (counts["read"], counts["stored"], counts["known"]) == (23_621, 23_550, 71)
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store, store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(table(Post))).scalar_one() == 23_550
        posts = connection.execute(select(func.count(table(Mention).c.post_id.distinct()))).scalar_one()
    assert 0 < posts <= counts["matched"]
