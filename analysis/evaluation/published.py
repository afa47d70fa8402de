"""Figures that others published, to stand beside ours: on the whole or the test part of a set where ours is another."""

from typing import NamedTuple

TWEETEVAL = "Barbieri et al., TweetEval, Findings of EMNLP 2020; leaderboard of its repository; test part"
XLM_T = "Barbieri, Espinosa Anke, Camacho-Collados, XLM-T, LREC 2022; test part, mean of 8 languages"
VADER = "Hutto and Gilbert, VADER, ICWSM 2014; the whole set"


class Published(NamedTuple):
    """What a system reached. figure: the key of ours that it compares with; set_name: that of the set."""

    set_name: str
    system: str
    figure: str
    number: float
    source: str


PUBLISHED = (
    Published("tweeteval_en", "fastText", "macro_recall", 0.629, TWEETEVAL),
    Published("tweeteval_en", "SVM", "macro_recall", 0.629, TWEETEVAL),
    Published("tweeteval_en", "RoBERTa-base", "macro_recall", 0.713, TWEETEVAL),
    Published("tweeteval_en", "BERTweet", "macro_recall", 0.734, TWEETEVAL),
    Published("umsab", "fastText", "macro_f1", 0.510, XLM_T),
    Published("umsab", "XLM-R", "macro_f1", 0.668, XLM_T),
    Published("umsab", "XLM-T", "macro_f1", 0.694, XLM_T),
    Published("vader_films", "VADER", "r", 0.451, VADER),
    Published("vader_posts", "VADER", "r", 0.881, VADER),
    Published("vader_products", "VADER", "r", 0.565, VADER),
    Published("vader_editorials", "VADER", "r", 0.492, VADER),
)
