"""The panels of a title's screen, one file each."""
