"""Reddit's feeds as it writes them: Atom, newest first, with markup around the words of a post."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape


@dataclass(frozen=True)
class RedditPost:
    """One invented post; None leaves a field out."""

    number: int
    at: datetime
    title: str | None = "An invented post"
    words: str = ""  # HTML, as Reddit makes it of what the author wrote
    subreddit: str = "invented"

    @property
    def name(self) -> str:
        """Return what Reddit calls it."""
        return f"t3_inv{self.number}"

    @property
    def link(self) -> str:
        """Return where it stands."""
        return f"https://www.reddit.com/r/{self.subreddit}/comments/inv{self.number}/an_invented_post/"

    def xml(self) -> str:
        """Write it as an entry."""
        own = f'<!-- SC_OFF --><div class="md">{self.words}</div><!-- SC_ON -->' if self.words else ""
        by = '&#32; submitted by &#32; <a href="https://www.reddit.com/user/invented_one"> /u/invented_one </a>'
        links = f'<br/> <span><a href="{self.link}">[link]</a></span> <span><a href="{self.link}">[comments]</a></span>'
        title = "" if self.title is None else f"<title>{escape(self.title)}</title>"
        author = "<author><name>/u/invented_one</name><uri>https://www.reddit.com/user/invented_one</uri></author>"
        return (
            f'<entry>{author}<category term="{self.subreddit}" label="r/{self.subreddit}"/>'
            f'<content type="html">{escape(own + by + links)}</content><id>{self.name}</id>'
            f'<link href="{self.link}" /><updated>{self.at.isoformat()}</updated>'
            f"<published>{self.at.isoformat()}</published>{title}</entry>"
        )


def feed(posts: Iterable[RedditPost]) -> bytes:
    """Write a feed of these, newest first."""
    entries = "".join(post.xml() for post in sorted(posts, key=lambda post: post.at, reverse=True))
    head = '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
    return f"{head}<title>An invented feed</title>{entries}</feed>".encode()
