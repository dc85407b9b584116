"""From the words of a command line to a verb.

index          all verbs: where each is, and what lists of verbs say of it
words          command lines that are right, read without Typer
typerapp       the command line as Typer has it: help, completion, mistakes
kubectl        how kubectl completes the words of its plug-in
usage          the layout of help, and messages about wrong command lines
othersoptions  options of kubectl and kubeseal, and what does the same here
"""
