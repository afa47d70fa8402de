"""What a scorer says of a text. Pure."""

from typing import Literal, NamedTuple

Class = Literal["positive", "neutral", "negative"]


class Odds(NamedTuple):
    """The probabilities of the three classes; they add up to 1."""

    negative: float
    neutral: float
    positive: float

    @property
    def score(self) -> float:
        """The probability of positive less that of negative: -1..1."""
        return self.positive - self.negative

    @property
    def best(self) -> Class:
        """The class with the highest probability; neutral where it is as high as another."""
        if self.neutral >= max(self.negative, self.positive):
            return "neutral"
        return "positive" if self.positive > self.negative else "negative"
