"""Audits: people label a random sample of posts, and the labellers are measured by what they say."""
