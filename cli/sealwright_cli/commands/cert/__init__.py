"""Verbs about certificates.

fetch  saves the controller's
show   describes one
check  are those that are sealed with still right?
pin    writes keys into the project file
"""
