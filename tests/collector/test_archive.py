import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from archives import DID, START, account_event, event, gzipped, json_lines, table
from mastodon_stub import status
from sqlalchemy import text
from x_stub import post

import collector.archive.importer
from collector.archive.detect import detect
from collector.archive.importer import ImportReport, Options, import_files
from collector.config import Config, TitleSettings
from collector.errors import ConfigError, InputError
from collector.records import Counts
from collector.store import Store

WATCHED = (
    TitleSettings(name="Hellbound", hashtags=("Hellbound", "지옥"), phrases=("Hellbound",)),
    TitleSettings(name="Squid Game", hashtags=("SquidGame",), phrases=("Squid Game",)),
)
CONFIG = Config(titles=WATCHED)


def bring(store: Store, *files: Path, config: Config = CONFIG, **options: object) -> ImportReport:
    return import_files(store, config, files, options=Options(**options))  # type: ignore[arg-type]


def ask(store: Store, sql: str) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def posts(count: int) -> list[dict[str, object]]:
    """Invented posts of X, every second one about Squid Game."""
    return [
        post(START + timedelta(minutes=number), tag=("SquidGame", "dinner")[number % 2], number=number)
        for number in range(count)
    ]


# --- formats


def test_flat_posts_of_x_are_read_and_those_of_watched_titles_stored(store: Store, tmp_path: Path) -> None:
    report = bring(store, json_lines(tmp_path / "flat.jsonl", posts(10)))
    assert report.counts == Counts(read=10, stored=5, known=0, skipped=0, matched=5)
    assert ask(store, "SELECT DISTINCT platform, sample FROM post") == [("x", False)]
    assert ask(store, "SELECT COUNT(*) FROM raw_post") == [(0,)]


def test_pages_of_x_and_lines_of_errors_are_read(store: Store, tmp_path: Path) -> None:
    ten = posts(10)
    lines = [
        {"data": ten[:6], "includes": {"users": [{"id": "42", "username": "invented"}]}, "meta": {"result_count": 6}},
        {"errors": [{"title": "Not Found Error"}]},
        {"data": ten[6], "matching_rules": []},
        {"data": ten[7:], "errors": [{"detail": "x"}], "meta": {}},
        {"meta": {"result_count": 0}},
    ]
    report = bring(store, json_lines(tmp_path / "pages.jsonl", lines), keep_all=True)
    assert (report.counts, report.ignored) == (Counts(read=10, stored=10, matched=5), 2)


def test_reposts_are_left_out_and_told(store: Store, tmp_path: Path) -> None:
    repost = post(START, referenced_tweets=[{"type": "retweeted", "id": "1"}])
    report = bring(store, json_lines(tmp_path / "p.jsonl", [*posts(2), repost]))
    assert report.counts == Counts(read=3, stored=1, skipped=1, matched=1)
    assert report.reasons == {"it is a repost; the original counts": 1}
    assert report.faults == ["p.jsonl line 3: it is a repost; the original counts"]


def test_events_of_jetstream_are_read(store: Store, tmp_path: Path) -> None:
    tagged = {
        "facets": [
            {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "지옥"}], "index": {}},
            {"features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org"}]},
        ],
        "tags": ["SquidGame"],
        "langs": ["ko", "en"],
    }
    like = {
        "did": DID,
        "time_us": 1,
        "kind": "commit",
        "commit": {"collection": "app.bsky.feed.like", "operation": "create"},
    }
    identity = {"did": DID, "time_us": 1, "kind": "identity", "identity": {"did": DID}}
    report = bring(store, json_lines(tmp_path / "e.jsonl", [like, identity, event(1, text="보고 있다", **tagged)]))
    assert (report.counts, report.ignored) == (Counts(read=1, stored=1, matched=1), 2)
    uri = f"at://{DID}/app.bsky.feed.post/rkey1"
    assert ask(store, "SELECT platform, native_id, uri, url, text, language, hashtags FROM post") == [
        ("bluesky", uri, uri, f"https://bsky.app/profile/{DID}/post/rkey1", "보고 있다", "ko", "SquidGame 지옥")
    ]
    assert ask(store, "SELECT COUNT(*) FROM mention") == [(2,)]


def test_deleted_posts_and_accounts_are_taken_out_again(store: Store, tmp_path: Path) -> None:
    other = "did:plc:another"
    lines = [
        event(1), event(2), event(2, operation="delete"), event(3, did=other), event(4, did=other),
        account_event(other, status="deactivated"), account_event(other),
    ]  # fmt: skip
    report = bring(store, json_lines(tmp_path / "e.jsonl", lines))
    assert ask(store, "SELECT native_id FROM post") == [(f"at://{DID}/app.bsky.feed.post/rkey1",)]
    assert (report.counts.read, report.deleted, report.ignored) == (4, 3, 1)


def test_an_edited_post_of_bluesky_takes_over_its_new_words(store: Store, tmp_path: Path) -> None:
    edited = event(1, operation="update", text="Squid Game after all")
    edited["time_us"] += 60_000_000
    bring(store, json_lines(tmp_path / "a.jsonl", [event(1)]))
    report = bring(store, json_lines(tmp_path / "b.jsonl", [edited]))
    assert report.counts == Counts(read=1, known=1, matched=1)
    assert ask(store, "SELECT text FROM post") == [("Squid Game after all",)]
    assert ask(store, "SELECT name FROM mention JOIN title ON title.id = title_id") == [("Squid Game",)]


@pytest.mark.parametrize("claimed", ["2031-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "soon", None])
def test_a_time_that_cannot_be_is_replaced_by_the_networks(store: Store, tmp_path: Path, claimed: object) -> None:
    bring(store, json_lines(tmp_path / "e.jsonl", [event(1, createdAt=claimed)]))
    assert ask(store, "SELECT created_at FROM post") == [(int(START.timestamp()) + 60,)]


def test_listings_things_and_dumps_of_reddit_are_read(store: Store, tmp_path: Path) -> None:
    def data(number: int, **told: object) -> dict[str, object]:
        return {
            "id": f"a{number}", "subreddit": "invented", "author": "invented_one", "author_fullname": "t2_invented",
            "created_utc": float(int(START.timestamp()) + number), "permalink": f"/r/invented/comments/a{number}/x/",
        } | told  # fmt: skip

    def thing(kind: str, of: dict[str, object]) -> dict[str, object]:
        return {"kind": kind, "data": of | {"name": f"{kind}_{of['id']}"}}

    answers = {"kind": "Listing", "data": {"children": [thing("t1", data(2, body="Squid Game again", replies=""))]}}
    comment = thing("t1", data(1, body="I love Squid Game", replies=answers))
    more = {"kind": "more", "data": {"children": ["a9"]}}
    post = thing("t3", data(0, title="Squid Game", selftext="", edited=False))
    listing = {"kind": "Listing", "data": {"children": [comment, more]}}
    whole = tmp_path / "thread.json"
    whole.write_text(json.dumps([{"kind": "Listing", "data": {"children": [post]}}, listing]), encoding="utf-8")
    assert bring(store, whole).counts == Counts(read=3, stored=3, matched=3)
    lines = [data(0, title="Squid Game", selftext=""), data(3, body="Hellbound"), data(4, body="[removed]")]
    report = bring(store, json_lines(tmp_path / "dump.jsonl", lines))
    assert report.counts == Counts(read=3, stored=1, known=1, skipped=1, matched=2)
    found = ask(store, "SELECT native_id, url FROM post ORDER BY native_id")
    assert [native_id for native_id, _ in found] == ["t1_a1", "t1_a2", "t1_a3", "t3_a0"]
    assert {platform for (platform,) in ask(store, "SELECT platform FROM post")} == {"reddit"}


def test_statuses_of_mastodon_are_read_by_line_by_page_and_as_one_list(store: Store, tmp_path: Path) -> None:
    nine = [status(number) for number in range(9)]
    lines = json_lines(tmp_path / "lines", nine[:3])
    pages = json_lines(tmp_path / "pages", [nine[:3], nine[3:6]])
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps(nine, indent=2, ensure_ascii=False), encoding="utf-8")
    assert bring(store, lines).counts == Counts(read=3, stored=3, matched=3)
    assert bring(store, pages).counts == Counts(read=6, stored=3, known=3, matched=6)
    assert bring(store, whole).counts == Counts(read=9, stored=3, known=6, matched=9)


@pytest.mark.parametrize("indent", [None, 1])
def test_a_list_larger_than_any_buffer_is_read_to_its_end(tmp_path: Path, store: Store, indent: int | None) -> None:
    path = tmp_path / "all.json"
    path.write_text(json.dumps(posts(1500), indent=indent), encoding="utf-8")
    assert bring(store, gzipped(path)).counts == Counts(read=1500, stored=750, matched=750)


def test_one_page_laid_out_over_many_lines_is_read(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"data": posts(300), "meta": {}}, indent=4), encoding="utf-8-sig")
    assert bring(store, path).counts.read == 300


# --- tables

ROWS = [
    ("post_id", "when", "body", "lang", "likes"),
    ("1", "2022-01-28T10:00:00Z", "Hellbound is back", "en", "3"),
    ("2", "2022-01-28 11:00:00", 'she said "watch Hellbound"', "en", ""),
    ("3", "1643371200", "#지옥 봤다", "ko", "many"),
]
MAP = {"native_id": "post_id", "created_at": "when", "text": "body"}


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|"])
def test_a_table_is_read_by_its_header_and_the_map(store: Store, tmp_path: Path, delimiter: str) -> None:
    report = bring(store, table(tmp_path / "t.csv", ROWS, delimiter), platform="forum", columns=MAP)
    assert report.counts == Counts(read=3, stored=3, matched=3)
    assert ask(store, "SELECT platform, native_id, created_at, text, language, likes FROM post ORDER BY native_id") == [
        ("forum", "1", 1643364000, "Hellbound is back", "en", 3),
        ("forum", "2", 1643367600, 'she said "watch Hellbound"', "en", None),
        ("forum", "3", 1643371200, "#지옥 봤다", "ko", None),
    ]


def test_columns_with_usual_names_need_no_map(store: Store, tmp_path: Path) -> None:
    rows = [("ID", "Date", "Text", "Retweet_Count", "hashtags"), ("7", "2022-01-28", "so good", "4", "#Hellbound|x y")]
    bring(store, table(tmp_path / "t.tsv", rows), platform="x")
    assert ask(store, "SELECT native_id, reposts, hashtags FROM post") == [("7", 4, "Hellbound x y")]


def test_quoted_fields_may_hold_line_ends_and_delimiters(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('id,date,text\r\n1,2022-01-28,"Hellbound,\r\n""wow"""\r\n2,2022-01-28,"Hellbound"\r\n', newline="")
    assert bring(store, path, platform="forum").counts == Counts(read=2, stored=2, matched=2)
    assert ask(store, "SELECT text FROM post WHERE native_id = '1'") == [('Hellbound,\r\n"wow"',)]


def test_a_quote_that_never_closes_does_not_swallow_the_rest(store: Store, tmp_path: Path) -> None:
    rows = [("id", "date", "text"), ("1", '"2022-01-28', "Hellbound")]
    rows += [(str(number), "2022-01-28", "Hellbound") for number in range(2, 2000)]
    report = bring(store, table(tmp_path / "t.csv", rows, ","), platform="forum")
    assert report.counts == Counts(read=1999, stored=1998, skipped=1, matched=1998)
    assert report.faults == ["t.csv line 2: it has 2 columns, not 3"]


def test_what_lacks_a_column_is_told_with_what_there_is(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", ROWS, ",")
    with pytest.raises(InputError, match=r"no column for created_at, text; its columns are post_id, when, body"):
        bring(store, path, platform="forum")
    with pytest.raises(InputError, match="has no column bodies; its columns are post_id"):
        bring(store, path, platform="forum", columns={"text": "bodies"})
    with pytest.raises(InputError, match="txt is not a field; the fields are native_id"):
        bring(store, path, platform="forum", columns={"txt": "body"})
    with pytest.raises(ConfigError, match="say whose posts it holds"):
        bring(store, path, columns=MAP)


# --- faults in files


def test_lines_that_do_not_parse_are_counted_and_the_rest_goes_in(store: Store, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "p.jsonl", posts(4))
    good = path.read_text(encoding="utf-8").splitlines()
    bad = ['{"id": "1", "te', "", "[]", "null", '{"id": "5", "text": "x", "created_at": "x", "author_id": "1"}', "\x00"]
    path.write_text("\n".join([*good[:2], *bad, *good[2:]]), encoding="utf-8")
    report = bring(store, path, keep_all=True)
    assert report.counts == Counts(read=9, stored=4, skipped=5, matched=2)
    assert report.faults == [
        "p.jsonl line 3: it is not JSON",
        "p.jsonl line 5: it is not an object",
        "p.jsonl line 6: it is not an object",
        "p.jsonl line 7: created_at is not a time: 'x'",
        "p.jsonl line 8: it is not JSON",
    ]


def test_only_the_first_five_faults_are_shown_and_all_are_counted(store: Store, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "p.jsonl", posts(1))
    path.write_text(path.read_text(encoding="utf-8") + "broken\n" * 1200, encoding="utf-8")
    report = bring(store, path)
    assert (report.counts.skipped, len(report.faults), report.reasons) == (1200, 5, {"it is not JSON": 1200})


def test_bytes_that_are_not_utf_8_cost_one_row_only(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "t.tsv", ROWS)
    path.write_bytes(path.read_bytes().replace(b"is back", b"\xff\xfe"))
    report = bring(store, path, platform="forum", columns=MAP)
    assert (report.counts.read, report.counts.skipped) == (3, 1)
    assert report.faults == ["t.tsv line 2: it is not UTF-8"]


def test_a_truncated_gzip_keeps_what_came_before(store: Store, tmp_path: Path) -> None:
    path = gzipped(json_lines(tmp_path / "p.jsonl", posts(3000)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    report = bring(store, path, keep_all=True)
    assert 1000 < report.counts.stored < 2000
    assert report.counts.skipped == 0
    (told,) = report.cut_short
    assert f"the {report.counts.read:,} records before are in" in told


def test_a_damaged_gzip_keeps_what_came_before(store: Store, tmp_path: Path) -> None:
    path = gzipped(json_lines(tmp_path / "p.jsonl", posts(3000)))
    data = bytearray(path.read_bytes())
    data[-6] ^= 0xFF  # the checksum
    path.write_bytes(data)
    report = bring(store, path, keep_all=True)
    assert report.counts.stored == 3000
    assert len(report.cut_short) == 1


def test_a_list_that_breaks_off_keeps_what_came_before(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(json.dumps(posts(100))[:-50], encoding="utf-8")
    report = bring(store, path, keep_all=True)
    assert report.counts == Counts(read=99, stored=99, matched=50)
    assert "its JSON breaks off in element 100" in report.cut_short[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\x89PNG\r\n\x1a\n", "is a PNG picture"),
        (b"PK\x03\x04abc", "zip archive or an Excel workbook"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"\x28\xb5\x2f\xfdabc", "unpack it with `zstd -d`"),
        (b"SQLite format 3\x00", "is an SQLite database"),
        (b"<!doctype html><p>hello, you", "looks like a web page"),
        (b"Dear diary\nit rained", "looks like text that begins with 'Dear diary'"),
        (b"\x00\x01\x02", "binary data"),
        (b'{"a": 1, "b": 2}\n', "looks like JSON objects with the keys a, b"),
        (b"[1, 2]", "looks like JSON values such as '1'"),
        (b'{"data": [{"start": "x", "tweet_count": 3}]}', "with the keys start, tweet_count"),
        (b"{broken", "JSON that is broken from the start"),
        (b"\xff\xfei\x00d\x00", "UTF-16"),
        (gzip.compress(b"x" * 1000, mtime=0)[:8], "ends too early"),
    ],
)
def test_a_file_of_the_wrong_kind_is_told_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^[^\n]*{said}[^\n]*$"):
        detect(path)


def test_a_format_that_is_asked_for_and_not_there_is_told(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "p", [status(1)])
    with pytest.raises(InputError, match="is not x; it looks like mastodon: say --format mastodon"):
        detect(path, "x")
    with pytest.raises(InputError, match="is not table; it looks like JSON"):
        detect(path, "table")
    with pytest.raises(InputError, match="is not jetstream; it looks like a table with the columns"):
        detect(table(tmp_path / "t", ROWS), "jetstream")


def test_a_format_that_nobody_knows_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--format csv is unknown; use auto, x, jetstream, mastodon, reddit or table"):
        bring(store, json_lines(tmp_path / "p", posts(1)), format="csv")


def test_every_file_is_looked_at_before_the_first_is_read(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing.jsonl cannot be read: No such file"):
        bring(store, json_lines(tmp_path / "p.jsonl", posts(4)), tmp_path / "missing.jsonl")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        bring(store, tmp_path)
    assert ask(store, "SELECT COUNT(*) FROM post") == [(0,)]


# --- coming again, and going on


def test_a_second_run_reads_all_and_stores_nothing(store: Store, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "p.jsonl", posts(2500))
    first, second = bring(store, path), bring(store, path)
    assert first.counts == Counts(read=2500, stored=1250, matched=1250)
    assert second.counts == Counts(read=2500, known=1250, matched=1250)
    assert ask(store, "SELECT COUNT(*) FROM cursor_value") == [(0,)]


def test_the_same_post_twice_in_a_file_is_stored_once(store: Store, tmp_path: Path) -> None:
    report = bring(store, json_lines(tmp_path / "p.jsonl", posts(4) * 2), keep_all=True)
    assert report.counts == Counts(read=8, stored=4, known=4, matched=4)


def test_a_file_speaks_in_part_for_the_time_between_its_first_and_last_post(store: Store, tmp_path: Path) -> None:
    bring(store, json_lines(tmp_path / "p.jsonl", posts(2100)))
    first = int(START.timestamp())
    assert ask(store, "SELECT DISTINCT source, target, coverage, since, until FROM covered") == [
        ("archive", "p.jsonl", "partial", first, first + 2099 * 60)
    ]


def test_the_time_in_which_a_file_is_complete_may_be_given(store: Store, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "p.jsonl", posts(2))
    since, until = datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 3, 1, tzinfo=UTC)
    import_files(store, CONFIG, [path], options=Options(sample=True), since=since, until=until)
    assert ask(store, "SELECT DISTINCT coverage, since, until FROM covered") == [
        ("covered", since.timestamp(), until.timestamp())
    ]
    assert ask(store, "SELECT DISTINCT sample FROM post") == [(True,)]


def test_progress_is_told_in_bytes_over_all_files(store: Store, tmp_path: Path) -> None:
    files = [json_lines(tmp_path / name, posts(1200)) for name in ("a", "b")]
    told: list[int] = []
    import_files(store, CONFIG, files, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == sum(path.stat().st_size for path in files)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from collector.archive.importer import Options, import_files
    from collector.collect import Saver
    from collector.config import Config, TitleSettings
    from collector.store import Store

    url, path, after = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    save, saved = Saver.save, []

    def save_and_die(self, origin, page):
        counts = save(self, origin, page)
        saved.append(counts)
        if len(saved) == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return counts

    Saver.save = save_and_die
    config = Config(titles=(TitleSettings(name="Squid Game", hashtags=("SquidGame",)),))
    with Store.open(url) as store:
        import_files(store, config, [path], options=Options(keep_all=True))
"""


@pytest.mark.parametrize(
    ("database_kind", "form"),
    [("sqlite", "lines"), ("sqlite", "gzip"), ("sqlite", "list"), ("postgresql", "lines")],
    indirect=["database_kind"],
)
def test_a_killed_run_goes_on_where_it_was(store: Store, database_url: str, tmp_path: Path, form: str) -> None:
    path = _written(tmp_path, form)
    config = Config(titles=(TitleSettings(name="Squid Game", hashtags=("SquidGame",)),))
    for after in (2, 1):
        run = subprocess.run(
            [sys.executable, "-c", dedent(KILLED), database_url, str(path), str(after)],
            cwd=Path(collector.archive.importer.__file__).parents[2],
            env=dict(os.environ),
            check=False,
        )
        assert run.returncode == -signal.SIGKILL
    assert ask(store, "SELECT COUNT(*) FROM post") == [(3000,)]
    report = bring(store, path, config=config, keep_all=True)
    assert report.counts == Counts(read=500, stored=500, matched=250)
    first = int(START.timestamp())
    assert ask(store, "SELECT since, until FROM covered") == [(first, first + 3499 * 60)]
    assert bring(store, path, config=config, keep_all=True).counts == Counts(read=3500, known=3500, matched=1750)


def _written(folder: Path, form: str) -> Path:
    many = posts(3500)
    if form == "list":
        path = folder / "all.json"
        path.write_text(json.dumps(many), encoding="utf-8")
        return path
    lines = json_lines(folder / "p.jsonl", many)
    return gzipped(lines) if form == "gzip" else lines


# --- real archives

REPOSTS = {  # the posts and the reposts in each archive, counted apart from our own reading
    "2sets": (200, 145), "brexit": (100, 67), "cashtags": (1, 0), "edited": (1, 0), "edited_after": (1, 0),
    "edited_before": (1, 0), "entities_test": (474, 314), "flat": (100, 47), "geo_tweets": (2, 0), "kpop": (100, 78),
    "many_urls": (1, 0), "media_tweet": (1, 0), "mentions_tweet": (1, 1), "noflat": (100, 47), "quoted_edit": (1, 0),
    "two_tweets": (1, 1), "verified_type": (1, 0), "withheld": (215, 83),
}  # fmt: skip


@pytest.mark.data
def test_real_archives_of_x_are_read_whole(store: Store, data_set: Callable[[str], Path]) -> None:
    folder = data_set("fixtures/x_api_v2/twarc-csv")
    others = {"counts", "users", "streaming_output_with_error"}
    assert {path.stem for path in folder.glob("*.jsonl")} == REPOSTS.keys() | others
    for name, (read, reposts) in REPOSTS.items():
        report = bring(store, folder / f"{name}.jsonl", keep_all=True)
        assert (name, report.counts.read, report.counts.skipped) == (name, read, reposts)
        assert report.counts.stored + report.counts.known == read - reposts
        assert set(report.reasons) <= {"it is a repost; the original counts"}


@pytest.mark.data
def test_a_real_page_and_its_flat_copy_are_the_same_posts(store: Store, data_set: Callable[[str], Path]) -> None:
    folder = data_set("fixtures/x_api_v2/twarc-csv")
    assert bring(store, folder / "noflat.jsonl", keep_all=True).counts.stored == 53
    assert bring(store, folder / "flat.jsonl", keep_all=True).counts == Counts(read=100, known=53, skipped=47)


@pytest.mark.data
def test_a_real_answer_of_xs_stream_with_a_broken_line_is_read(store: Store, data_set: Callable[[str], Path]) -> None:
    report = bring(store, data_set("fixtures/x_api_v2/twarc-csv/streaming_output_with_error.jsonl"), keep_all=True)
    assert report.counts == Counts(read=8, stored=7, skipped=1)
    assert report.reasons == {"it is not JSON": 1}


@pytest.mark.data
@pytest.mark.parametrize(("name", "look"), [("counts", "tweet_count"), ("users", "description")])
def test_xs_counts_and_users_are_no_posts(data_set: Callable[[str], Path], name: str, look: str) -> None:
    with pytest.raises(InputError, match=f"it looks like JSON objects with the keys .*{look}"):
        detect(data_set(f"fixtures/x_api_v2/twarc-csv/{name}.jsonl"))


@pytest.mark.data
def test_real_events_of_jetstream_are_read_whole(store: Store, data_set: Callable[[str], Path]) -> None:
    report = bring(store, data_set("fixtures/bluesky/jetstream_expected_v1.jsonl"), keep_all=True)
    assert report.counts == Counts(read=17, stored=17)
    assert (report.ignored, report.deleted) == (134, 1)  # 152 events in all
    day = int(datetime(2026, 7, 4, tzinfo=UTC).timestamp())
    assert ask(store, f"SELECT COUNT(*) FROM post WHERE created_at BETWEEN {day} AND {day + 86400}") == [(17,)]
