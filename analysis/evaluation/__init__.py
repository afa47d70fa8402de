"""How good are the labels? The product's own labellers on posts that people judged, beside the package's VADER.

`metrics` counts, `sets` and `gold` read what people judged, `scoring` runs the engines, `intervals` simulates shows,
`run` does it all, `floors` compares with the figures that may not be lost, `page` writes docs/accuracy.md.
What is measured is never learned from: analysis.scorers.training says what is held out.
"""
