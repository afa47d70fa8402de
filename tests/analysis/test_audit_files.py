"""Labels as CSV: safe in spreadsheets, the same when they come back, each fault by its line and column."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from filling import NOON, Posted, fill

from analysis.audit import files, steps
from analysis.audit.files import Fault, Line
from analysis.audit.report import InForce, sentences
from analysis.frames.audits import labels
from analysis.frames.reader import Reader
from collector.audits import Judgement, judge, stored_posts
from collector.clock import to_seconds
from collector.errors import InputError
from collector.store import Store

AT = to_seconds(NOON)
NOW = InForce("test/1", lambda language: {"en": "lexicon"}.get(language, ""))


@pytest.fixture
def store(tmp_path: Path, sqlite_template: Path) -> Store:
    opened = Store.open(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'buzz.db')}")
    fill(
        opened,
        Posted('=HYPERLINK("http://a.example")\nI like it', native_id="-1", sentiment="positive"),
        Posted("words of X", native_id="2", platform="x", sentiment="negative"),
        Posted("an invented one", native_id="3", platform="x", sentiment="neutral", sample=True),
    )
    return opened


def read(text: str) -> list[Line | Fault]:
    return list(files.read(io.StringIO(text, newline=""), "labels.csv", "me"))


def test_what_is_exported_comes_back_the_same_and_adds_nothing(store: Store, tmp_path: Path) -> None:
    posts = stored_posts(store, [("mastodon", "-1"), ("x", "2"), ("x", "3")])
    said = [Judgement(post_id, "@Ann", "neutral", AT, sarcasm=True) for post_id, _ in posts.values()]
    judge(store, [*said, said[0].__class__(said[0].post_id, "Ben", "positive", AT + 1, unsure=True)])
    with Reader(store.url) as reader:
        before = labels(reader)
        assert steps.export(reader, tmp_path / "l.csv") == 4
    written = (tmp_path / "l.csv").read_text(encoding="utf-8-sig")
    assert "\nmastodon,'-1," in written
    assert ",'@Ann," in written
    assert "\"'=HYPERLINK" in written
    assert "words of X" not in written  # X's texts leave only when they are asked for
    assert "an invented one,invented sample posts" in written
    assert steps.import_file(store, tmp_path / "l.csv", "me") == steps.Imported(0, 4, [], [])
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM audit_label")
        connection.exec_driver_sql("UPDATE label SET sentiment = 'unscored', sentiment_by = 'test/2'")
    assert steps.import_file(store, tmp_path / "l.csv", "me").new == 4
    with Reader(store.url) as reader:
        after = labels(reader)
        assert steps.export(reader, tmp_path / "all.csv", "all") == 4
    kept = ["post_id", "who", "at", "said", "sarcasm", "unsure", "given_then", "given_then_by"]
    assert after[kept].values.tolist() == before[kept].values.tolist()
    assert "words of X" in (tmp_path / "all.csv").read_text(encoding="utf-8")


def test_good_lines_are_kept_and_each_fault_names_its_line_and_column(store: Store) -> None:
    text = (
        "Class;native_id;platform;by;at;sarcasm\n"
        "Positive;-1;mastodon;;;YES\n"
        "great;2;x;;;\n"
        ";2;x;;;\n"
        '"neutral";"2";x;"two\nlines";2022-02-01;no\n'
        "neutral;;x;;;\n"
        "neutral;2;x;;yesterday;\n"
        "neutral;1,48E+18;x;;;\n"
        "neutral;9;x;;;perhaps\n"
        "neutral;9;x;;;\n"
        f"neutral;2;x;{'n' * 81};;\n"
    )
    done = steps.import_lines(store, io.StringIO(text, newline=""), "l.csv", "me", clock=lambda: NOON)
    assert done.new == 2
    assert done.faults == [
        Fault(3, "class is 'great', not positive, neutral or negative"),
        Fault(7, "native_id is empty"),
        Fault(8, "at is 'yesterday', not a time such as 2022-01-28T08:00:00Z"),
        Fault(9, "native_id is 1,48E+18: a spreadsheet has cut its digits off; open the file with it as text"),
        Fault(10, "sarcasm is 'perhaps', not yes or no"),
        Fault(12, "by: the name is longer than 80 characters"),
    ]
    assert done.unknown == [Fault(11, "no post 9 of x is stored here")]
    with Reader(store.url) as reader:
        found = labels(reader)
    assert found[["who", "said", "sarcasm"]].values.tolist() == [
        ["two lines", "neutral", False],
        ["me", "positive", True],
    ]


def test_a_label_of_an_older_text_is_told(store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql(f"UPDATE post SET edited_at = {AT} WHERE native_id = '2'")
    text = "platform,native_id,class,at\nx,2,neutral,2022-01-01\nx,2,neutral,2022-03-01\n"
    done = steps.import_lines(store, io.StringIO(text), "l.csv", "me")
    assert (done.new, done.unknown) == (1, [Fault(2, "the post was edited after it was labelled: label it again")])


@pytest.mark.parametrize("text", ["", "\n", "platform,class\nx,neutral\n", "\x00\x01\n", '"platform\n'])
def test_a_file_that_is_no_such_table_is_told_so(text: str) -> None:
    with pytest.raises(InputError, match=r"labels.csv line 1: no column .*native_id"):
        read(text)


def test_hostile_cells_are_faults_and_never_exceptions() -> None:
    rows = ["\udcff,1,neutral", "x,\udcff,neutral", "x,1\0,neutral", "x,1," + "y" * 2_000_000, "x", "x,1,neutral,,,,,,"]
    found = read("platform,native_id,class\n" + "\n".join(rows))
    assert [type(one).__name__ for one in found] == ["Fault", "Fault", "Fault", "Fault", "Line"]


def test_what_no_labeller_says_is_not_taken_for_one() -> None:
    head = "platform,native_id,class,given_then,given_then_by\n"
    assert read(head + "x,1,neutral,great,a/1") == [Fault(2, "given_then is 'great' by 'a/1', which no labeller says")]
    line = read(head + "x,1,neutral,positive,")[0]
    assert isinstance(line, Line)
    assert (line.given, line.given_by) == (None, None)


def test_a_report_of_nothing_says_what_to_do(store: Store) -> None:
    with Reader(store.url) as reader:
        told = steps.reported(reader, NOW)
        with pytest.raises(InputError, match="no sample is drawn yet"):
            steps.newest(reader, None)
    assert sentences(told) == ["Nothing of a sample is labelled yet: `buzz audit label` shows the posts one by one."]
    json.dumps(told)


def test_a_report_tells_every_part(store: Store) -> None:
    given = ["positive"] * 30 + ["neutral"] * 10 + ["negative"] * 20
    fill(store, *(Posted(native_id=f"p{at}", sentiment=one) for at, one in enumerate(given)))
    fill(store, *(Posted(native_id=f"k{at}", sentiment="positive", language="ko") for at in range(8)))
    with Reader(store.url) as reader:
        number, drawing = steps.sample(store, reader, steps.Wanted(), 200, 1, "test/1")
        assert len(drawing.items) == 71
        told_of = {item.post_id: item.given for item in drawing.items}
        judge(store, [Judgement(post, "Ann", "positive", AT, sarcasm=post % 9 == 0) for post in told_of])
        judge(store, [Judgement(post, "Ben", one, AT) for post, one in list(told_of.items())[:40]])  # type: ignore[arg-type]
        told = steps.reported(reader, NOW, number)
        counts = steps.labelled_counts(reader, NOW)
    assert told["accuracy"]["posts"] == 71
    assert told["by_given"]["positive"]["share"] == 1
    assert (told["by_language"]["ko"]["few"], told["by_language"]["en"]["few"]) == (True, False)
    english = told["adjustment"][0]
    assert (english["engine"], english["language"], english["labelled"]["posts"]) == ("lexicon", "en", 62)
    assert [round(sum(row)) for row in english["rates"]] == [1, 1, 1]
    assert counts["lexicon", "en"] == pytest.approx(np.array(english["labelled"]["worth"]), abs=0.05)
    assert told["samples"][0]["labelled"] == 71
    said = "\n".join(sentences(told))
    for part in (
        "71 posts of 1 sample are labelled (labels: Ann 71, Ben 40).", "1 of them are invented sample posts.",
        "Given the right class: ", "  ko: too few to say (8 of 8)", "Sarcasm, as people marked it:",
        "Posts as labelled, en (rows", "Ann and Ben say the same of ", "  en (lexicon): 62 posts, worth ",
    ):  # fmt: skip
        assert part in said
    json.dumps(told)
