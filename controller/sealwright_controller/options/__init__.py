"""The flags and environment variables of the controller; `settings` turns them into values.

table       which flags there are
flags       how flags are given, as Go programs take them
values      what flags take
addresses   addresses to listen on
durations   durations and times
selectors   label selectors
"""
