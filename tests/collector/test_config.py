"""config.toml: read, refused in one sentence, overridden."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from collector import config as configs
from collector.config import Config
from collector.errors import ConfigError


def faults(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        configs.parse(text)
    return str(raised.value)


def test_the_shipped_file_is_complete_and_says_the_defaults() -> None:
    shipped = configs.parse(configs.template())
    assert shipped.model_copy(update={"titles": (), "topics": ()}) == Config().model_copy(
        update={"sources": shipped.sources, "rankings": shipped.rankings}
    )
    defaults = Config()
    for kind in ("sources", "rankings"):
        for name, settings in getattr(defaults, kind).items():
            assert getattr(shipped, kind)[name] == settings, f"[{kind}.{name}] differs from its defaults"


def test_the_shipped_file_names_every_key_of_every_source_and_ranking() -> None:

    data = tomllib.loads(configs.template())
    for kind in ("sources", "rankings"):
        for name, settings in getattr(Config(), kind).items():
            assert set(data[kind][name]) == set(type(settings).model_fields), f"[{kind}.{name}]"
    for table, model in (("titles", configs.TitleSettings), ("topics", configs.TopicSettings)):
        named = set().union(*(part.keys() for part in data[table]))
        assert named == {field.alias or key for key, field in model.model_fields.items()}


def test_out_of_the_box_three_shows_are_watched_in_several_scripts() -> None:
    shipped = configs.parse(configs.template())
    assert [title.name for title in shipped.titles] == ["All of Us Are Dead", "Squid Game", "Hellbound"]
    assert shipped.titles[0].released == date(2022, 1, 28)
    assert {"AllOfUsAreDead", "지금우리학교는", "EstamosMuertos", "今私たちの学校は"} <= set(shipped.titles[0].hashtags)
    assert "zombie choreography" in [topic.name for topic in shipped.topics]


def test_a_misspelt_key_names_line_table_and_the_nearest_right_key() -> None:
    text = '[[titles]]\nname = "Hellbound"\nphrases = ["Hellbound"]\nhastags = ["Hellbound"]\n'
    assert (
        faults(text) == 'config.toml line 4: [[titles]] "Hellbound" has an unknown key hastags; did you mean hashtags?'
    )


def test_a_misspelt_source_and_its_misspelt_key_are_both_told() -> None:
    told = faults('[sources.mastodonn]\nenabled = true\n\n[sources.mastodon]\nserver = ["a.example"]\n')
    assert "line 1: [sources] has an unknown key mastodonn; did you mean mastodon?" in told
    assert "line 5: [sources.mastodon] has an unknown key server; did you mean servers?" in told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[sources.mastodon]\nevery = "soon"\n', "line 2: [sources.mastodon] every is wrong: a span of time such as"),
        ("[sources.mastodon]\nevery = 0\n", "line 2: [sources.mastodon] every is wrong"),
        ('[[titles]]\nphrases = ["x"]\n', "line 1: [[titles]] number 1 lacks the key name"),
        ('[[titles]]\nname = "x"\n', 'line 1: [[titles]] "x" '),
        ('[[titles]]\nname = "x"\nhashtags = ["a b"]\n', "line 3"),
        (
            '[[titles]]\nname = "x"\nkind = "book"\nphrases = ["x"]\n',
            "line 3: [[titles]] \"x\" kind is wrong: Input should be 'show' or 'film', not 'book'",
        ),
        ("stroe = 1\n", "line 1: the file has an unknown key stroe; did you mean store?"),
        ("titles = 3\n", "line 1: titles is wrong"),
        ("[store]\nurl = 7\n", "line 2: [store] url is wrong"),
        ("sources = 3\n", "line 1: sources is wrong"),
        ("[[titles]\n", "config.toml is not valid TOML"),
    ],
)
def test_each_fault_says_where_and_what_was_expected(text: str, sentence: str) -> None:
    assert sentence in faults(text)


def test_two_titles_of_one_name_are_refused() -> None:
    told = faults('[[titles]]\nname = "Beef"\nhashtags = ["beef"]\n[[titles]]\nname = "BEEF"\nhashtags = ["b"]\n')
    assert 'two [[titles]] are called "BEEF"' in told


def test_a_leading_hash_is_dropped_and_durations_are_read() -> None:
    read = configs.parse('[[titles]]\nname = "x"\nhashtags = ["#SquidGame"]\n[sources.mastodon]\nevery = "90s"\n')
    assert read.titles[0].hashtags == ("SquidGame",)
    assert read.sources["mastodon"].every == timedelta(seconds=90)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="buzz init"):
        configs.find()


def test_buzz_config_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("", encoding="utf-8")
    monkeypatch.setenv("BUZZ_CONFIG", str(file))
    assert configs.find() == file


def test_the_database_lies_beside_the_config_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "there" / "config.toml"
    assert configs.store_url(Config(), beside) == f"sqlite:///{tmp_path / 'there' / 'buzzchart.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUZZ_DB", "other.db")
    assert configs.store_url(Config(), beside) == f"sqlite:///{tmp_path / 'other.db'}"
    assert configs.store_url(Config(), beside, "postgresql://x@127.0.0.1/y") == "postgresql://x@127.0.0.1/y"


def test_a_secret_comes_from_the_environment_or_says_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUZZ_TEST_SECRET", raising=False)
    with pytest.raises(ConfigError, match=r"\[store\] url reads the environment variable BUZZ_TEST_SECRET"):
        configs.secret("env:BUZZ_TEST_SECRET", "[store] url")
    monkeypatch.setenv("BUZZ_TEST_SECRET", "kept quiet")
    assert configs.secret("env:BUZZ_TEST_SECRET", "[store] url") == "kept quiet"


def test_a_folder_of_words_is_read_with_the_config(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "horror.toml").write_text("[words]\n", encoding="utf-8")
    (tmp_path / "words" / "notes.txt").write_text("not read", encoding="utf-8")
    file = tmp_path / "config.toml"
    file.write_text('[sentiment]\noverrides = "words"\n', encoding="utf-8")
    assert configs.load(file).sentiment.files == ((str(tmp_path / "words" / "horror.toml"), "[words]\n"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[sentiment]\noverrides = "none"', "[sentiment] overrides names .*none, which is no folder"),
        ("[sentiment]\nfiles = []", "[sentiment] has an unknown key files"),
        ("sentiment = 3", "sentiment is wrong"),
        ('[sentiment]\nengine = "vader"', "line 2: .sentiment. engine is wrong: .*'lexicon'"),
    ],
)
def test_a_fault_in_the_sentiment_block_is_told(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told.replace("[sentiment] ", ".sentiment. ")):
        configs.load(file)
