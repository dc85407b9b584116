"""Holds the whole product against a figure: coverage, kubeseal's recorded cases, objects that try to stop it."""
