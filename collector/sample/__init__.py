"""The invented posts of `buzz demo`, written for this project, and the true ranking figures to set beside them.

No post here was ever written by a fan: the words are in posts.jsonl, how each language dresses them up is in
voices.toml, and when how much of it appears is in story.py. People, handles, servers and likes are invented as well.

The ranking figures are facts, written down anew for the three titles alone, each row with its source:
rankings/netflix_weekly.csv (Netflix's own weekly lists: the world's with hours; the countries' of the weeks 2022-01-02
to 2022-02-27 and of each premiere week; No. 1 places and countries counted over all countries of the list) and
rankings/flixpatrol_daily.csv (FlixPatrol's daily ranks and points as the press printed them, with the address).
"""

from collector.sample.generate import SampleFile, rankings_files, write_sample

__all__ = ["SampleFile", "rankings_files", "write_sample"]
