"""When each object is worked on: whose turn it is, who comes back, who is left alone for a while. Knows keys and time.

workqueue   which key is next
fairlane    the order in one lane: groups take turns
shares      what each group has had of the workers' time
effort      what a look at one object costs, and whether it is large
recovery    who is tried again as soon as the API server is well
contention  which Secrets somebody else keeps changing back
"""
