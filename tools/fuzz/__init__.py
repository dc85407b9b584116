"""Random input for everything that reads what others wrote: nothing but our own errors, in bounded time and memory.

__main__    the command line, and what it prints
running     the processes at work, and a watch over them
working     one process: batches of random inputs for one target after the other
guided      the same targets under atheris, which is guided by coverage
judging     one input: what it raised, how long it took, how much memory it needed
findings    what went wrong, and how to see it again
mutating    changes of bytes and of plain data
targets     what is tried, each with its inputs
"""
