"""The Gateway over a folder: files on one side, an API's manners on the other.

gateway       what the other parts make together
validation    what an API server refuses and fills in
documents     what files hold as plain data, and plain data as YAML
files         bounded reading, atomic writing, operating system errors in the gateway's terms
walking       which files are below a folder, within bounds
manifests     folders of manifests that people put there
statusfiles   which SealedSecret is which, and its status: DIR/status
collection    objects and the versions at which they changed
sealedsecrets SealedSecrets: DIR/sealed
keyfolder     sealing keys: DIR/keys
secretfiles   Secrets as manifests: DIR/secrets
volumes       Secrets as one file per key: DIR/secrets
secretstore   which Secrets there are, and their versions
history       changes in their order, and those who wait for them
poller        the thread that reads the folders again
filewatch     calls it when something changes
lock          keeps a second controller out
eventlog      messages for people: DIR/events.log
"""
