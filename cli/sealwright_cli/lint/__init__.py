"""What is wrong with the manifests of a repository, by rules that each have an id. Asks no cluster and opens nothing.

tree       many files on all cores, and what shows only between files
repairs    the safe corrections, written into the files
placing    what counts for each file: rules, a certificate, whether Helm renders it
onefile    one file's text into findings
files      rules SW0: texts that cannot be read, and comments about rules
objects    rules SW1: fields, names and labels of SealedSecrets
ciphers    rules SW2: ciphertexts, and the certificate
templates  rules SW3: templates
made       rules SW4: the Secret that will be made
plaintext  rules SW5: what must not be in a repository
seen       one SealedSecret as rules see it, however odd it is
places     where fields and comments stand in a text
ignoring   comments that switch rules off
settings   which rules run, and what they compare with
rules      the table of rules
reports    findings as text, JSON, SARIF and GitHub's workflow commands
finding    one finding
"""
