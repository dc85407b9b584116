"""What is served over HTTP.

server      a WSGI app on a port of its own, from threads of its own
loop        one step of a port's event loop: who is served next
connection  one client: which phase it is in, since when, and how much of it is held
parsing     one request: what is taken for one, what is refused, how a refusal is answered
endpoints   paths, methods and answers
fields      lines of headers and trailers
chunks      a body that comes in chunks
keyservice  what clients may have the private keys do: verify and rotate
bodies      the one SealedSecret in what they send
"""
