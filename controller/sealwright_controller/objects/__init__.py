"""One object: what it says, what is to be done about it, and what is then told. Pure.

decide            what to do: a function of what is there
guards            what no SealedSecret may make: sealing keys, types on which Kubernetes acts, finalizers
forms             which form of a SealedSecret was looked at
writemark         that each change which is brought about writes its Secret
templatefailures  what may be said of templates that fail while they run
status            conditions, and what an earlier status says
reasons           the reasons that people and tools read
metadata          labels, annotations and owners, whoever wrote them
"""
