"""What people say on the command line and in the environment; `settings` makes values of it.

table       which flags there are
flags       how flags are given, as Go programs take them
values      what flags take
addresses   addresses to listen on
durations   durations and times
selectors   label selectors
"""
