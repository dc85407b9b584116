"""Which of several replicas leads: only that one writes to the cluster, makes keys and works on SealedSecrets.

election  decides, with a Lease, who leads, and until when by its own clock
lease     what the Lease says, and how it is read and written
identity  tells processes apart, and recognises one that has ended
"""
