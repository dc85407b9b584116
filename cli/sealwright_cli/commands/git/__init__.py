"""Verbs about Git.

install    sets up the drivers
uninstall  takes them back
textconv   what `git diff` shows of a file; called by Git
merge      merges three versions of a file; called by Git
"""
