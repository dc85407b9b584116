"""Verbs about project files.

init  writes a first one, by looking at the tree
show  what counts for a file, and why
"""
