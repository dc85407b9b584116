"""One module per verb: plain functions from options and streams to an exit status. Each ends with what it takes.

sealing   verbs that seal values
changing  verbs that change single items in place
knowing   verbs that tell something about sealed files
opening   verbs that open sealed files, or have them opened
cert      verbs about certificates
project   verbs about project files
git       verbs about Git
"""
