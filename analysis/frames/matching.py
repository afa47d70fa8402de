"""What a search means on a database: a tree of analysis.search into conditions on posts.

The same answers on both: each index holds the tokens of collector.search_tokens and nothing else. What is made of words
alone becomes one question to the index, which steps over what cannot match; labels and times are asked of the tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, cast, column, exists, false, func, not_, or_, select
from sqlalchemy import table as table_named
from sqlalchemy.dialects.postgresql import TSQUERY

from analysis.frames.clauses import LABEL, MENTION, POST, POST_TOPIC, TITLE, TOPIC, within
from analysis.frames.reader import Reader
from analysis.search import And, Field, Node, Not, Or, Within, parse
from collector.search_tokens import Wanted
from collector.text import fold

_INDEX = table_named("post_search", column("tokens"), column("rowid"), column("post_id"))


def matching(reader: Reader, query: str) -> list[ColumnElement[bool]]:
    """Return the conditions that a post, joined with its label, must meet; none for an empty query.

    Raises SearchError for a query that cannot be read, StoreError.
    """
    tree = parse(query)
    return [] if tree is None else [_condition(reader, tree)]


def _condition(reader: Reader, node: Node) -> ColumnElement[bool]:
    if _is_words(node):
        return _indexed(reader, node)
    match node:
        case And(parts):
            return and_(*(_condition(reader, part) for part in _gathered(parts)))
        case Or(parts):
            words = tuple(part for part in parts if _is_words(part))
            others = [part for part in parts if not _is_words(part)]
            return or_(*(_condition(reader, part) for part in ([Or(words), *others] if words else others)))
        case Not(part):
            # a post without labels has no sentiment: what is not known to be so is not so
            return not_(func.coalesce(_condition(reader, part), false()))
        case Within(since, until):
            return and_(*within(POST.c.created_at, since, until))
        case Field():
            return _labelled(reader, node)
        case _:
            raise TypeError(f"no condition for {node}")


def _is_words(node: Node) -> bool:
    """Tell whether the index alone can answer: words only, and something to begin from."""
    match node:
        case Wanted():
            return True
        case Or(parts):
            return all(map(_is_words, parts))
        case And(parts):
            return all(_is_words(_bare(part)) for part in parts) and not all(isinstance(part, Not) for part in parts)
        case _:
            return False


def _bare(node: Node) -> Node:
    return node.part if isinstance(node, Not) else node


def _gathered(parts: Sequence[Node]) -> list[Node]:
    """Put those parts of an And together that the index can answer as one."""
    if not any(_is_words(part) for part in parts):
        return list(parts)
    words = tuple(part for part in parts if _is_words(_bare(part)))
    others = [part for part in parts if part not in words]
    return [And(words), *others]


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How a database's index is asked for tokens beside each other, and for several such questions in one."""

    phrase: str
    between: str
    begins: str
    all_of: str
    any_of: str
    but_not: str

    def of(self, node: Node) -> str:
        match node:
            case Wanted(tokens, prefix):
                # no token holds a quotation mark, an apostrophe or a backslash
                return self.phrase.format(self.between.join(tokens), self.begins if prefix else "")
            case Or(parts):
                return f"({self.any_of.join(map(self.of, parts))})"
            case And(parts):
                wanted = self.all_of.join(self.of(part) for part in parts if not isinstance(part, Not))
                denied = self.any_of.join(self.of(part.part) for part in parts if isinstance(part, Not))
                return f"(({wanted}){self.but_not}({denied}))" if denied else f"({wanted})"
            case _:
                raise TypeError(f"the index knows nothing of {node}")


_FTS5 = _Spelling('"{}"{}', " ", "*", " AND ", " OR ", " NOT ")
_TSQUERY = _Spelling("('{}'{})", "' <-> '", ":*", " & ", " | ", " & !")


def _indexed(reader: Reader, node: Node) -> ColumnElement[bool]:
    if reader.engine.dialect.name == "sqlite":
        return POST.c.id.in_(select(_INDEX.c.rowid).where(_INDEX.c.tokens.op("MATCH")(_FTS5.of(node))))
    asked = cast(_TSQUERY.of(node), TSQUERY)
    return POST.c.id.in_(select(_INDEX.c.post_id).where(_INDEX.c.tokens.op("@@")(asked)))


def _labelled(reader: Reader, field: Field) -> ColumnElement[bool]:
    match field.name:
        case "lang":
            return LABEL.c.language == field.value
        case "sentiment":
            return LABEL.c.sentiment == field.value
        case "platform":
            return func.lower(POST.c.platform) == field.value
        case "is":
            return POST.c.sample.is_(True)
        case "title":
            ids = _ids(reader, TITLE, field.value)
            return exists().where(MENTION.c.post_id == POST.c.id, MENTION.c.title_id.in_(ids))
        case "topic":
            ids = _ids(reader, TOPIC, field.value)
            return exists().where(POST_TOPIC.c.post_id == POST.c.id, POST_TOPIC.c.topic_id.in_(ids))
        case _:
            raise TypeError(f"no condition for {field}")


def _ids(reader: Reader, named: Table, folded: str) -> list[int]:
    """Return the ids of titles or topics by their name, letter case and width ignored; both tables are small."""
    rows = reader.stream(select(named.c.id, named.c.name))
    return [int(row.id) for row in rows if folded == " ".join(fold(row.name).split())]
