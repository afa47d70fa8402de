"""How the numbers of the multilingual model came about: nothing here is imported when posts are scored.

`python -m analysis.scorers.training` trains anew, with numpy alone; docs/model-card.md says on what and how well.
"""
