"""The Gateway over a folder: files on one side, an API server's behaviour on the other.

gateway       combines the other parts
validation    what an API server refuses and fills in
documents     file content as plain data, and plain data as YAML
files         bounded reading, atomic writing, operating system errors in the gateway's terms
walking       which files are below a folder, within bounds
manifests     folders of manifests that people put there
statusfiles   the uid and status of each SealedSecret: DIR/status
collection    objects and the versions at which they changed
sealedsecrets SealedSecrets: DIR/sealed
keyfolder     sealing keys: DIR/keys
secretfiles   Secrets as manifests: DIR/secrets
volumes       Secrets as one file per key: DIR/secrets
secretstore   which Secrets exist, and their versions
history       changes in order, and threads that wait for them
poller        the thread that reads the folders again
filewatch     wakes the poller when something changes
lock          keeps a second controller out
eventlog      messages for people: DIR/events.log
"""
