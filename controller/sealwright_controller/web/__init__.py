"""What is served over HTTP.

server      a WSGI app on its own port, with its own threads
loop        one step of a port's event loop: which client is served next
connection  one client: its phase, since when, and how many bytes are held for it
parsing     one request: what is accepted, what is refused, how a refusal is answered
endpoints   paths, methods and answers
fields      lines of headers and trailers
chunks      a body that comes in chunks
keyservice  what clients may do with the private keys: verify and rotate
bodies      the one SealedSecret in a request's body
"""
