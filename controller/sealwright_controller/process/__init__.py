"""The controller's process: its memory and its log.

allocator    makes the C library give freed memory back to the system
logs         where log lines go, and what they look like
foreignlogs  what libraries log, without the values they were given
"""
