"""Top floor: everything that a person touches, the command line and the app."""
