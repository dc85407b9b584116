"""Go's time package, as far as templates can meet it: instants, durations, layouts.

A template gets an instant from Sprig's date functions and may call all its methods. Time zones other than UTC and fixed
offsets occur only where an instant is printed in one, so `zones.py` answers just that question. The zone of the
process, Go's time.Local, is always UTC here, as it is in a controller's container: a template gives the same text
wherever it is rendered.
"""
