"""The process that the controller is: its memory, its core files, its log.

allocator    has the C library give freed memory back to the system
logs         where log lines go, and what they look like
foreignlogs  what libraries say, without what they were given
"""
