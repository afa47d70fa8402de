"""What search compares: words folded, unspaced scripts in pairs, hashtags and handles with their signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_search import holds

from collector.search_tokens import FILLER, MAX_LENGTH, MAX_PLACES, MAX_TOKENS, Wanted, indexed, tokens, wanted
from collector.text import fold, hashtags

SCRIPTS = st.sampled_from("aZ9_éßİक्াم좀비안무ㅋ振付ゾー佐々木ดีทำ😂👍🏽 '’.,-#@＃\u200d\u200c\u0301\n𠀋")

UNSPACED = st.text(st.sampled_from("좀비안무振付ゾンดีที่"), min_size=1)


def found(text: str, query: str, *, prefix: bool = False) -> bool:
    stored = indexed(text).split()
    asked = wanted(query, prefix=prefix)
    return bool(asked) and all(holds(stored, one) for one in asked)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("The zombie choreography!", "the zombie choreography"),
        ("Netflix's l’été, don't", "netflix s l été don t"),
        ("ｚｏｍｂｉｅ Straße ÉTÉ", "zombie strasse été"),
        ("snake_case 1,000 12:30", "snake_case 1 000 12 30"),
        ("좀비 안무", "좀비 비 안무 무"),
        ("bts좀비dance", "bts 좀비 비 dance"),
        ("佐々木の振付", "佐々 々木 木の の振 振付 付"),
        ("ゾンビ・ダンス", "ゾン ンビ ビ ダン ンス ス"),
        ("ท่าเต้น", "ท่ ่า าเ เต ต้ ้น น"),
        ("می‌خواهم क्या बात", "میخواهم क्या बात"),
        ("ok 👍🏽😂", "ok 👍 🏽 😂"),
        ("#SquidGame #오징어게임", "squidgame 오징 징어 어게 게임 임 #squidgame #오징어게임"),
        ("@Some_One@a.example me@b.example", "some_one a example me b example @some_one"),
        ("", ""),
        ("?!…", ""),
    ],
)
def test_a_text_becomes_these_tokens(text: str, stored: str) -> None:
    assert indexed(text) == stored


def test_the_platforms_own_hashtags_are_found_with_their_sign() -> None:
    assert indexed("a text", ["Hellbound", "지옥"]) == "a text #hellbound #지옥"


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("zombie", [Wanted(("zombie",))]),
        ("zombie dance", [Wanted(("zombie", "dance"))]),
        ("follow-up", [Wanted(("follow", "up"))]),
        ("좀비", [Wanted(("좀비",))]),
        ("춤", [Wanted(("춤",), prefix=True)]),
        ("좀비 춤", [Wanted(("좀비", "비", "춤"), prefix=True)]),
        ("좀비 안무", [Wanted(("좀비", "비", "안무"))]),
        ("#SquidGame", [Wanted(("#squidgame",))]),
        ("@some.one", [Wanted(("@some",)), Wanted(("some", "one"))]),
        ("#a-b", [Wanted(("#a",)), Wanted(("a", "b"))]),
        ("?!", []),
        ("#", []),
    ],
)
def test_a_query_asks_for_these_tokens(query: str, asked: list[Wanted]) -> None:
    assert wanted(query) == asked


def test_a_hashtag_with_its_sign_is_the_whole_hashtag() -> None:
    assert found("all of #AllOfUsAreDead", "#allofusaredead")
    assert found("all of #AllOfUsAreDead", "allofusaredead")
    assert found("all of #AllOfUsAreDead", "#allofus", prefix=True)
    assert not found("all of #AllOfUsAreDead", "#allofus")
    assert not found("squidgame", "#squidgame")
    assert found("#좀비춤", "좀비")
    assert not found("#좀비춤", "#좀비")


@given(UNSPACED, UNSPACED)
def test_any_piece_of_a_text_without_spaces_is_found_and_nothing_else(text: str, piece: str) -> None:
    assert found(text, piece) == (fold(piece) in fold(text))


@given(st.text(SCRIPTS))
def test_every_text_is_found_by_itself(text: str) -> None:
    assert found(text, text) == bool(wanted(text))


@given(st.text(st.one_of(SCRIPTS, st.characters())))
def test_tokens_hold_nothing_that_a_database_reads_as_its_own_syntax(text: str) -> None:
    stored = indexed(text)
    assert stored == " ".join(stored.split(" "))
    assert not set(stored) & set("\0\t\n\"'\\:*&|!()<>")
    assert all(0 < len(token) <= MAX_LENGTH + 1 for token in stored.split())


@given(st.text(SCRIPTS))
def test_the_hashtags_are_those_that_titles_are_matched_by(text: str) -> None:
    marked = {token for token in indexed(text).split() if token.startswith("#")}
    joined = {tag.replace("\u200c", "").replace("\u200d", "") for tag in hashtags(fold(text))}
    assert marked == {f"#{tag[:MAX_LENGTH]}" for tag in joined}


def test_what_postgresql_would_drop_in_silence_is_dropped_on_both() -> None:
    often = tokens("lol " * 300 + "zombie dance")
    assert often.count("lol") == MAX_PLACES
    assert often[MAX_PLACES:300] == [FILLER] * 45
    assert often[300:] == ["zombie", "dance"]
    assert len(tokens(" ".join(map(str, range(20_000))))) == MAX_TOKENS
