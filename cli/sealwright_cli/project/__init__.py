"""`.sealwright.yaml`: what a project says about its files: certificates, namespaces, scopes, labels, lint.

settings  what counts for one file: the one call of verbs
targets   several targets in one run: certificates, and names of files
results   which target a sealed file is for
model     a project as data
finding   the project file above a file, and whether it may be trusted
reading   the text of a project file as data; imported only if there is one
table     all fields of a project file
shapes    forms of values: reading them, and their JSON schema
ruleids   the ids of lint's rules, which it may name
surveying what a tree holds, for a first project file
writing   the text of a first project file, and pins in an existing one
"""
