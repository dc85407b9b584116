"""What verbs take.

options         the options that several verbs share
projectoptions  those about project files, and about what is read of folders
spec            options, arguments and verbs as data
"""
