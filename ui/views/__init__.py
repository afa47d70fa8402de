"""The screens, one file each: read frames, place plots, say something when there is nothing."""
