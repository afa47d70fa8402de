"""Files instead of a live platform: X, Bluesky and Mastodon archives, and tables. One file a format."""
