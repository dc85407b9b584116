"""Conventions of Go and Kubernetes that the command and the controller share. Reads no files.

flags       command lines with variables beside them
flagkinds   the kinds of values that flags take
flaghelp    how the help shows flags
durations   texts such as 1h30m
kubeconfig  the chosen cluster, user and context
words       which words of a command line a message may repeat
coredumps   stops core files of this process
"""
