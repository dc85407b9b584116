"""Which of several replicas leads, and which works in which namespaces: only that one writes there.

election   decides, with Leases, who leads and who has which shard, and until when by its own clock
seat       one process's part in the contest for one Lease
agreement  by how many shards all work
sharding   which shard a namespace belongs to, and which process should have which
lease      what a Lease says, and how it is read and written
identity   tells processes apart, and recognises one that has ended
times      for how long a Lease holds
"""
