"""The flags and environment variables of the controller; `settings` turns them into values.

table       the list of flags
flags       how flags are written: by Go's rules
values      what flags take
addresses   addresses to listen on
durations   durations and times
selectors   label selectors
"""
