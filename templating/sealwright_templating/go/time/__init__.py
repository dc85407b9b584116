"""Go's time package, as far as templates need it: instants, durations, layouts.

A template gets an instant from Sprig's date functions and may call all its methods. Time zones other than UTC and fixed
offsets are needed only to print an instant, so `zones.py` does just that. The process's zone, Go's time.Local, is
always UTC here, as in a controller's container: a template gives the same text wherever it is rendered.
"""
