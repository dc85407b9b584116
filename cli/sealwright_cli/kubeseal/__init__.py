"""kubeseal's command line, so that `sealwright-kubeseal` can replace it.

front    flags → the commands of sealwright
flags    kubeseal's flags, and the help
"""
