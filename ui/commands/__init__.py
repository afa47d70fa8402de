"""One file a command; ui.cli registers each by one line."""
