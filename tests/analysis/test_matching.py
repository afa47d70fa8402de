"""Search on both databases: the same answers as the naive reading of the language, whatever is asked."""

from random import Random

from filling import Posted, fill
from naive_search import random_posts, random_query

from analysis.frames.posts import PostFilter, count_posts
from analysis.frames.reader import Reader
from analysis.frames.streams import stream_posts
from analysis.search import SearchError
from collector.store import Store

QUERIES = 90

HOSTILE = [
    "'; DROP TABLE post; --",
    '" OR 1=1 --',
    'zombie"',
    '"',
    '""',
    "'",
    "''",
    "NEAR(a b)",
    "tokens:zombie",
    "^zombie",
    "{a b}: c",
    "a + b",
    "a & b | !c",
    "a <-> b",
    "a:*",
    "*",
    "***",
    "zombie**",
    "-",
    "--",
    "-(",
    "(",
    ")",
    "()",
    "((((((((((a))))))))))",
    "OR",
    "a OR",
    "OR OR OR",
    "AND",
    "\0",
    "a\0b",
    "zombie\x00",
    "\ud800",
    "\\",
    "\\'",
    "%",
    "_",
    "😂",
    "👨‍👩‍👧",
    "🇰🇷",
    "\u200b",
    "\u202e",
    "title:\0",
    'title:"',
    "lang:",
    "lang:'",
    "since:9999-12-31 until:9999-12-31",
    "since:0001-01-01",
    "until:0001-01-01T00:00+14:00",
    "since:x",
    "is:copy",
    "is:",
    "https://example.org/?q=1",
    "x" * 1000,
    "좀",
    "좀" * 1000,
    "a " * 63 + "b",
    "-a " * 60,
    "(" * 500,
    '"a' * 300,
    "x" * 10_000,
    "a OR " * 2000,
    "y" * 500 + ":z",
    "lang:" + "z" * 500,
    f"since:{'9' * 500}",
]


def test_random_queries_are_answered_as_the_naive_reading_does(store: Store) -> None:
    random = Random(3)
    written = random_posts(random, 100)
    fill(store, *written)
    found_some = 0
    with Reader(store.url) as reader:
        for _ in range(QUERIES):
            query, holds = random_query(random)
            expected = {post.native_id for post in written if holds(post)}
            chunks = stream_posts(reader, PostFilter(search=query))
            found = {native_id for chunk in chunks for native_id in chunk["native_id"]}
            assert (query, found) == (query, expected)
            found_some += 0 < len(expected) < len(written)
    assert found_some > QUERIES / 3


def test_hostile_queries_are_answered_or_refused_in_one_sentence(store: Store) -> None:
    fill(store, Posted(text="zombie a b c 1 😂"), Posted(text="좀좀좀"))
    with Reader(store.url) as reader:
        said = {query: _answer(reader, query) for query in HOSTILE}
    assert {query: answer for query, answer in said.items() if isinstance(answer, int) and answer > 2} == {}
    sentences = [answer for answer in said.values() if isinstance(answer, str)]
    assert [each for each in sentences if not each.startswith("the search") or len(each) > 300 or "\n" in each] == []
    assert [said[query] for query in ("zombie\x00", "😂", "좀", "zombie**", "a\0b")] == [1, 1, 1, 1, 1]


def _answer(reader: Reader, query: str) -> int | str:
    try:
        return count_posts(reader, search=query)
    except SearchError as fault:
        return str(fault)
