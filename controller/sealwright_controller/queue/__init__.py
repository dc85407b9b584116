"""When each object is worked on: which is next, which is retried, which is left alone for a while. Knows keys and time.

workqueue     which key is next
lanes         the lanes, and keys that workers hold
alarms        when waiting keys become ready
fairlane      the order in one lane: groups take turns
shares        how much of the workers' time each group has used
backlogshare  when the backlog is next although live keys wait
effort        what a look at one object costs, and whether it is large
recovery      which objects are retried as soon as the API server has recovered
contention    which Secrets another writer keeps reverting
"""
