"""The language of search: each example of its guide, what binds closer, and the sentence for what cannot be read."""

import re
from datetime import UTC, datetime

import pytest
from house import ROOT
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.search import FIELDS, MAX_QUERY, And, Field, Node, Not, Or, SearchError, Within, parse
from collector.search_tokens import Wanted

GUIDE = ROOT / "docs" / "search.md"


def word(*tokens: str) -> Wanted:
    return Wanted(tokens)


ZOMBIE, UNDEAD, SPOILER, LEAK = word("zombie"), word("undead"), word("spoiler"), word("leak")
JANUARY = datetime(2022, 1, 28, tzinfo=UTC)

MEANT: dict[str, Node] = {
    "zombie": ZOMBIE,
    "zombie dance": And((ZOMBIE, word("dance"))),
    '"zombie choreography"': word("zombie", "choreography"),
    "zombie OR undead": Or((ZOMBIE, UNDEAD)),
    "zombie -spoiler": And((ZOMBIE, Not(SPOILER))),
    'zombie -"season 2"': And((ZOMBIE, Not(word("season", "2")))),
    "(zombie OR undead) -(spoiler OR leak)": And((Or((ZOMBIE, UNDEAD)), Not(Or((SPOILER, LEAK))))),
    "zomb*": Wanted(("zomb",), prefix=True),
    "좀비": word("좀비"),
    "#AllOfUsAreDead": word("#allofusaredead"),
    "@netflix": word("@netflix"),
    "😂": word("😂"),
    'title:"Squid Game"': Field("title", "squid game"),
    'topic:"zombie choreography"': Field("topic", "zombie choreography"),
    "lang:ko": Field("lang", "ko"),
    "platform:mastodon": Field("platform", "mastodon"),
    "sentiment:positive": Field("sentiment", "positive"),
    "since:2022-01-28": Within(since=JANUARY),
    "since:2022-01-28T08:00": Within(since=JANUARY.replace(hour=8)),
    "until:2022-02-03": Within(until=datetime(2022, 2, 4, tzinfo=UTC)),
    "is:sample": Field("is", "sample"),
    '"OR"': word("or"),
    "lang:ko -sentiment:unscored since:2022-01-28": And(
        (Field("lang", "ko"), Not(Field("sentiment", "unscored")), Within(since=JANUARY))
    ),
    "title:Hellbound (좀비 OR zombie) -is:sample": And(
        (Field("title", "hellbound"), Or((word("좀비"), ZOMBIE)), Not(Field("is", "sample")))
    ),
}


def test_the_guide_has_an_example_of_everything_and_each_means_what_is_told() -> None:
    examples = re.findall(r"^\| `([^`]+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {query: parse(query) for query in examples} == MEANT
    assert [field for field in FIELDS if not any(f"{field}:" in query for query in examples)] == []


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("  zombie\t\n dance ", "zombie dance"),
        ("a b OR c d", "(a b) OR (c d)"),
        ("a or b", 'a "or" b'),
        ("“zombie dance”", '"zombie dance"'),
        ("zombie −spoiler", "zombie -spoiler"),
        ("（좀비　OR　안무）", "(좀비 OR 안무)"),
        ("LANG:KO Sentiment:Positive", "lang:ko sentiment:positive"),
        ("title:“Squid  Game”", 'title:"squid game"'),
        ("12:30", '"12 30"'),
        ("follow-up", '"follow up"'),
        ('zombie"dance"', "zombie dance"),
        ("-(-a)", "-(-(a))"),
    ],
)
def test_two_ways_to_write_the_same(query: str, same: str) -> None:
    assert parse(query) == parse(same)


@pytest.mark.parametrize("query", ["", "  ", "\0", "\u3000"])
def test_a_query_with_nothing_in_it_asks_for_nothing(query: str) -> None:
    assert parse(query) is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('a "b c', "character 3: the quotation mark is not closed"),
        ("a (b c", "character 3: the parenthesis is not closed"),
        ("a b)", 'character 4: ")" closes nothing'),
        ("a ()", "character 4: nothing stands between the parentheses"),
        ("OR a", 'character 1: nothing stands before OR; for the word itself, write "OR"'),
        ("a OR", 'character 5: nothing stands after OR; for the word itself, write "OR"'),
        ("(a OR )", 'character 7: nothing stands after OR; for the word itself, write "OR"'),
        ("a AND b", "character 3: AND is not needed: what stands side by side must all be there"),
        ("a NOT b", "character 3: NOT is not needed: write - before what no post may have"),
        ("a - b", 'character 3: "-" stands alone'),
        ("a & b", "character 3: & has no letter, digit or emoji to search for; leave it out"),
        ("a platfrom:x", "character 3: platfrom: is no field (did you mean platform:?)"),
        ("https://a.example", "character 1: https: is no field (there are title:, topic:, lang:"),
        ("lang: ko", "character 1: lang: has no value; write it right behind the colon, such as lang:ko"),
        ("lang:korean", "character 1: lang:korean is no code of a language"),
        ("sentiment:good", "character 1: sentiment:good is none of positive, neutral, negative, unscored"),
        ("since:yesterday", 'character 1: since: "yesterday" is not a date: write it as 2022-01-28'),
        ("is:copy", "character 1: is:copy cannot be answered yet: copies are not labelled"),
        ("is:good", "character 1: is:good is not known; there is is:sample"),
        ("(" * 9 + "a" + ")" * 9, "character 9: more than 8 parentheses in each other"),
        ("a " * 65, "character 129: more than 64 parts"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(query: str, said: str) -> None:
    with pytest.raises(SearchError, match=f"^the search, at {re.escape(said)}"):
        parse(query)


def test_a_query_that_is_too_long_is_refused() -> None:
    assert parse("a" * MAX_QUERY) is not None
    with pytest.raises(SearchError, match="1,001 characters long: shorten it to 1,000"):
        parse("a" * (MAX_QUERY + 1))


@given(st.text(st.one_of(st.sampled_from('"()-:*#@ \0OR lang'), st.characters()), max_size=60))
@example("\ud800 is:\ud800")
def test_any_text_is_a_query_or_one_sentence(query: str) -> None:
    try:
        parse(query)
    except SearchError as fault:
        said = str(fault)
    else:
        return
    assert re.match(r"the search, at character \d+: \S", said)
    assert len(said.splitlines()) == 1
    assert len(said) < 300
