"""kubeseal's command line, so that `sealwright-kubeseal` can be put in its place.

front    flags → the commands of sealwright
flags    kubeseal's flags, and the help
"""
