"""`buzz title add` and `list` as a user meets them; Wikidata is on the loopback."""

import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filling import Posted, fill
from loopback import Loopback, Reply
from only import only
from wikidata_stub import WikidataStub, labels, wikidata_server

from collector import config as configs
from collector.config import TitleSettings
from collector.store import Store
from ui import adding
from ui.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stub() -> WikidataStub:
    return WikidataStub()


@pytest.fixture
def server(stub: WikidataStub) -> Iterator[Loopback]:
    with wikidata_server(stub) as running:
        yield running


@pytest.fixture
def path(tmp_path: Path, server: Loopback) -> Path:
    file = tmp_path / "config.toml"
    watched = '# mine\n[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]  # one\n'
    file.write_text(f'[lookup]\nwikidata = "{server.url}"\n\n{watched}\n{only()}')
    return file


@pytest.fixture
def buzz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `buzz title ...`; with `typed` somebody sits at the terminal and types this."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["buzz", "title", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed or ""))
        monkeypatch.setattr(adding, "at_terminal", lambda: typed is not None)
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def added(path: Path) -> TitleSettings:
    first, second = configs.load(path).titles
    assert first.name == "Squid Game"
    return second


def test_a_title_is_proposed_and_written_with_its_names_people_and_premiere(buzz: Run, path: Path) -> None:
    before = path.read_text()
    code, out, err = buzz("add", "Night Ferry", "--yes")
    assert (code, err) == (0, "")
    title = added(path)
    assert title.hashtags[:3] == ("NightFerry", "밤배", "夜の渡し船")
    assert "NightFerryNetflix" in title.hashtags
    assert (title.kind, f"{title.released}", title.people[0]) == ("show", "2021-11-19", "Invented Actor")
    assert title.wikipedia == ("en:Night Ferry (TV series)", "ko:밤배 (드라마)", "zh-classical:夜渡")
    for line in before.splitlines():
        assert line in path.read_text()
    assert "#밤배 may be ordinary words" in out
    assert "A running collector takes it over within 2 seconds, else `buzz collect --once`" in out


def test_as_json(buzz: Run, path: Path) -> None:
    code, out, _ = buzz("add", "Night Ferry", "--yes", "--json", "--person", "Me", "--exclude", "sea", "--kind", "show")
    told = json.loads(out)
    assert (code, told["wikidata"], told["ordinary_words"]) == (0, "Q1", ["밤배"])
    assert told["added"]["people"][0] == "Me"
    assert added(path).exclude == ("sea",)


def test_a_name_that_is_there_is_refused_before_anything_is_asked(buzz: Run, path: Path, server: Loopback) -> None:
    before = path.read_text()
    code, _, err = buzz("add", "SQUID game", "--yes")
    assert code == 3
    assert 'config.toml has a title "SQUID game" already' in err
    assert (path.read_text(), server.asked) == (before, [])


@pytest.mark.usefixtures("path")
def test_several_are_listed_and_one_is_picked(buzz: Run, stub: WikidataStub, path: Path) -> None:
    stub.hits = ["Q1", "Q2"]
    code, _, err = buzz("add", "Night Ferry", "--yes")
    assert code == 3
    assert "add --pick NUMBER: 1. Night Ferry: 2021 South Korean television series (show, Q1); 2. Night Ferry: " in err
    assert "film directed by nobody, 1976 (film, Q2)" in err
    assert buzz("add", "Night Ferry", "--yes", "--pick", "3")[0] == 3
    assert buzz("add", "Night Ferry", "--yes", "--pick", "2")[0] == 0
    assert (added(path).kind, added(path).released) == ("film", None)


def test_where_somebody_sits_which_one_and_whether_to_write_is_asked(buzz: Run, stub: WikidataStub, path: Path) -> None:
    stub.hits = ["Q1", "Q2"]
    before = path.read_text()
    code, out, err = buzz("add", "Night Ferry", typed="1\nn\n")
    assert (code, path.read_text()) == (1, before)
    assert "Which one [1]" in err
    assert out.endswith("Nothing was written.\n")
    assert buzz("add", "Night Ferry", typed="9\n")[0] == 3
    assert buzz("add", "Night Ferry", typed="1\ny\n")[0] == 0
    assert added(path).kind == "show"


@pytest.mark.usefixtures("path")
def test_without_a_terminal_and_without_yes_nothing_is_written(buzz: Run) -> None:
    code, _, err = buzz("add", "Night Ferry")
    assert (code, "add --yes" in err) == (3, True)


def test_offline_the_options_are_enough(buzz: Run, path: Path, server: Loopback) -> None:
    options = ["--hashtag", "#Dunkel", "--phrase", "Sic Mundus", "--released", "2017-12-01", "--genre", "thriller"]
    assert buzz("add", "Dark", "--offline", "--yes", *options)[0] == 0
    assert server.asked == []
    title = added(path)
    assert (title.hashtags, title.phrases, title.genres) == (("Dunkel", "Dark"), ("Sic Mundus",), ("thriller",))
    assert f"{title.released}" == "2017-12-01"


def test_where_wikidata_cannot_be_asked_one_sentence_says_so_and_the_user_is_asked(
    buzz: Run, stub: WikidataStub, path: Path
) -> None:
    stub.fault = Reply({}, 503)
    code, _, err = buzz("add", "Night Ferry", typed="NightFerry Nachtfähre\n\nSome Actor, Other\ny\n2020-02-03\ny\n")
    assert code == 0, err
    assert "has a fault of its own (status 503); trying again later; going on without Wikidata" in err
    title = added(path)
    assert (title.hashtags, title.phrases) == (("NightFerry", "Nachtfähre"), ("Night Ferry",))
    assert (title.people, title.kind, f"{title.released}") == (("Some Actor", "Other"), "film", "2020-02-03")
    assert buzz("add", "Day Ferry", typed="\n\n\n\nno day\n")[0] == 3
    assert len(configs.load(path).titles) == 2


def test_what_it_would_bring_is_shown_first_where_that_is_wished(buzz: Run, path: Path) -> None:
    before = path.read_text()
    code, out, _ = buzz("add", "Night Ferry", "--preview", typed="n\n")
    assert (code, path.read_text()) == (1, before)
    assert "What the names mean: no post was found, so nothing can be told." in out
    assert (
        json.loads(buzz("add", "Night Ferry", "--preview", "--yes", "--json")[1])["preview"]["title"] == "Night Ferry"
    )
    assert added(path).kind == "show"


def test_what_wikidata_does_not_know_is_added_by_its_name(buzz: Run, stub: WikidataStub, path: Path) -> None:
    stub.hits = ["Q4"]
    code, _, err = buzz("add", "Night Ferry", "--yes")
    assert (code, added(path).phrases) == (0, ("Night Ferry",))
    assert 'Wikidata knows no film or show called "Night Ferry"' in err


def test_nothing_that_a_terminal_would_obey_is_printed(buzz: Run, stub: WikidataStub, path: Path) -> None:
    stub.items["Q1"] = stub.items["Q1"] | {"labels": labels(en="Night\x1b[31m Ferry\u202e", fr="Le bac\nde nuit")}
    code, out, _ = buzz("add", "Night\x1b[2J Ferry", "--yes")
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in path.read_text()
    assert "Le bac de nuit" in added(path).phrases


@pytest.mark.usefixtures("path")
def test_the_titles_are_listed_without_a_database_and_with_one(
    buzz: Run, tmp_path: Path, sqlite_template: Path
) -> None:
    assert buzz("list")[1] == "Squid Game (show): 1 hashtags, 0 phrases, — posts\n"
    told = json.loads(buzz("list", "--json")[1])
    assert told == {
        "titles": [
            {"title": "Squid Game", "kind": "show", "released": None, "hashtags": 1, "phrases": 0, "posts": None}
        ]
    }
    shutil.copy(sqlite_template, tmp_path / "buzzchart.db")
    with Store.open(f"sqlite:///{tmp_path / 'buzzchart.db'}") as store:
        fill(store, Posted("one"), Posted("two"), Posted("an article", platform="news"))
    assert json.loads(buzz("list", "--json")[1])["titles"][0]["posts"] == 2
