"""Writes posts in the shapes of the platforms' exports: X API v2 pages as twarc keeps them, Mastodon statuses. Pure.

Everything invented can be told by its look: authors of X have ids beyond any that X has given, Mastodon's servers are
under the reserved domain .example.
"""

import html
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from collector.sample.people import Author, SamplePost
from collector.sample.words import HASHTAG

X_EPOCH = datetime.fromtimestamp(1_288_834_974.657, UTC)
X_LANGUAGE = {"id": "in"}  # X still has the old code for Indonesian
FIRST_X_AUTHOR = 9_000_000_000_000_000_000
PAGE = 100
RETRIEVED = "2022-02-28T06:00:00+00:00"
SERVERS = ("mastodon.example", "social.example", "kdrama.example", "fans.example", "toots.example")


def x_pages(posts: Sequence[SamplePost]) -> Iterator[dict[str, Any]]:
    """Yield pages of 100, newest first, as `twarc2 search` writes them line by line."""
    newest_first = sorted(posts, key=lambda post: post.created_at, reverse=True)
    for start in range(0, len(newest_first), PAGE):
        part = newest_first[start : start + PAGE]
        data = [_tweet(post, len(newest_first) - start - index) for index, post in enumerate(part)]
        meta = {"newest_id": data[0]["id"], "oldest_id": data[-1]["id"], "result_count": len(data)}
        if start + PAGE < len(newest_first):
            meta["next_token"] = f"sample{start + PAGE:06d}"
        users = {post.author.number: _x_user(post.author) for post in part}
        yield {
            "data": data,
            "includes": {"users": list(users.values())},
            "meta": meta,
            "__twarc": {
                "url": "https://api.twitter.com/2/tweets/search/all?query=%23AllOfUsAreDead&max_results=100",
                "version": "2.8.3",
                "retrieved_at": RETRIEVED,
            },
        }


def _tweet(post: SamplePost, number: int) -> dict[str, Any]:
    text = html.escape(post.text, quote=False)  # as X does with & < >
    native = str((_milliseconds(post.created_at, X_EPOCH) << 22) + number)
    tags = [{"start": tag.start(), "end": tag.end(), "tag": tag.group(1)} for tag in HASHTAG.finditer(text)]
    return {
        "id": native,
        "conversation_id": native,
        "author_id": str(FIRST_X_AUTHOR + post.author.number),
        "created_at": f"{post.created_at:%Y-%m-%dT%H:%M:%S}.000Z",
        "text": text,
        "lang": X_LANGUAGE.get(post.language, post.language),
        "entities": {"hashtags": tags},
        "public_metrics": {
            "retweet_count": post.reposts,
            "reply_count": post.replies,
            "like_count": post.likes,
            "quote_count": post.reposts // 9,
        },
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "source": "Twitter Web App",
    }


def _x_user(author: Author) -> dict[str, Any]:
    return {
        "id": str(FIRST_X_AUTHOR + author.number),
        "username": _handle(author),
        "name": f"Invented viewer {author.number}",
        "verified": False,
        "protected": False,
        "created_at": "2021-01-01T00:00:00.000Z",
        "public_metrics": {
            "followers_count": int(author.fame * 180),
            "following_count": 150,
            "tweet_count": 900,
            "listed_count": 0,
        },
    }


def mastodon_status(post: SamplePost, number: int) -> dict[str, Any]:
    """Return one status as the first of the servers shows it, with its author's own server in `uri`."""
    server = SERVERS[post.author.number % len(SERVERS)]
    native = str((_milliseconds(post.created_at, datetime.fromtimestamp(0, UTC)) << 16) + number % 65_536)
    home = f"https://{server}"
    tags = dict.fromkeys(tag.casefold() for tag in HASHTAG.findall(post.text))
    return {
        "id": native,
        "created_at": f"{post.created_at:%Y-%m-%dT%H:%M:%S}.{post.created_at.microsecond // 1000:03d}Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": post.language,
        "uri": f"{home}/users/{_handle(post.author)}/statuses/{native}",
        "url": f"{home}/@{_handle(post.author)}/{native}",
        "replies_count": post.replies,
        "reblogs_count": post.reposts,
        "favourites_count": post.likes,
        "edited_at": None,
        "content": _content(post.text, home),
        "reblog": None,
        "account": _account(post.author, server),
        "media_attachments": [],
        "mentions": [],
        "tags": [{"name": tag, "url": f"{home}/tags/{tag}"} for tag in tags],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def _account(author: Author, server: str) -> dict[str, Any]:
    handle = _handle(author)
    return {
        "id": str(author.number + 1),
        "username": handle,
        "acct": handle if server == SERVERS[0] else f"{handle}@{server}",
        "display_name": f"Invented viewer {author.number}",
        "locked": False,
        "bot": False,
        "discoverable": True,
        "note": "",
        "url": f"https://{server}/@{handle}",
        "uri": f"https://{server}/users/{handle}",
        "followers_count": int(author.fame * 60),
        "fields": [],
    }


def _content(text: str, home: str) -> str:
    """Return the text as Mastodon's HTML: escaped, hashtags as links, paragraphs and line breaks."""
    escaped = HASHTAG.sub(
        lambda tag: (
            f'<a href="{home}/tags/{tag.group(1)}" class="mention hashtag" rel="tag">#<span>{tag.group(1)}</span></a>'
        ),
        html.escape(text, quote=False),
    )
    paragraphs = escaped.replace("\n\n", "</p><p>").replace("\n", "<br />")
    return f"<p>{paragraphs}</p>"


def _handle(author: Author) -> str:
    return f"invented_{author.number:05d}"


def _milliseconds(moment: datetime, epoch: datetime) -> int:
    return int((moment - epoch).total_seconds() * 1000)
