# SPDX-License-Identifier: MIT

"""Two TLS objects and the wire between them in memory. Each may be of Python's
ssl module or of tlsloop: they are used alike."""

from tape import WANT_READ, outcome


class End:
    """One side of a connection: an object of |context| of the module |m|."""

    def __init__(self, m, context, server_side=False, server_hostname=None,
                 session=None):
        self.incoming, self.outgoing = m.MemoryBIO(), m.MemoryBIO()
        self.obj = context.wrap_bio(
            self.incoming, self.outgoing, server_side=server_side,
            server_hostname=server_hostname, session=session)

    def forget(self):
        """Frees the object where nobody else does."""
        getattr(self.obj, "forget", int)()


class Link:
    def __init__(self, client, server):
        self.client, self.server = client, server

    def move(self):
        """Lets what was sent arrive; returns how many bytes that were."""
        moved = 0
        for from_end, to in ((self.client, self.server),
                             (self.server, self.client)):
            data = from_end.outgoing.read()
            moved += len(data)
            if data:
                to.incoming.write(data)
        return moved

    def shake(self):
        """Makes the handshakes; returns the client's outcome and the
        server's."""
        found = [WANT_READ, WANT_READ]
        while True:
            for i, end in enumerate((self.client, self.server)):
                if found[i] == WANT_READ:
                    found[i] = outcome(end.obj.do_handshake)
            if not self.move():
                return tuple(found)

    def take(self, end, size=1024):
        """What |end| reads once all has arrived."""
        self.move()
        found = outcome(end.obj.read, size)
        self.move()
        return found

    def say(self, end, peer, data):
        """What |peer| reads of what |end| writes."""
        wrote = outcome(end.obj.write, data)
        if wrote[0] != "ok":
            return wrote
        return self.take(peer)

    def forget(self):
        self.client.forget()
        self.server.forget()
