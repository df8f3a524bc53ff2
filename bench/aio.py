# SPDX-License-Identifier: MIT

"""aio.py asyncio|uvloop --port N --cert FILE --key FILE: the bench server on
Python's asyncio, with its own loop or uvloop's."""

import argparse
import asyncio
import socket
import ssl
import sys

CHUNK = bytes(64 * 1024)
COMMAND = 9


class Conn(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.kind = None
        self.left = 0  # bytes still to receive
        self.to_send = 0
        self.rest = b""
        self.full = False
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def pause_writing(self):
        self.full = True
        if self.kind == "E":
            self.transport.pause_reading()

    def resume_writing(self):
        self.full = False
        if self.kind == "E":
            self.transport.resume_reading()
        else:
            # uvloop forgets what is written from here, now and then, until
            # something else happens.
            asyncio.get_running_loop().call_soon(self.go_on)

    def go_on(self):
        self.send()
        if self.to_send == 0 and self.rest:
            self.serve(b"")

    def data_received(self, data):
        if self.kind == "E":
            self.transport.write(data)
        elif self.left > len(data):
            self.left -= len(data)
        else:
            self.serve(data)

    def serve(self, data):
        data = self.rest + data
        self.rest = b""
        while data and self.to_send == 0:
            if self.left > 0:
                n = min(self.left, len(data))
                self.left -= n
                data = data[n:]
                if self.left == 0:
                    self.transport.write(b"!")
            elif len(data) < COMMAND:
                break
            else:
                data = self.command(data[:COMMAND], data[COMMAND:])
        self.rest = data

    def command(self, command, data):
        """Begins |command|; returns what is left of the |data| after it."""
        kind, n = command[:1], int.from_bytes(command[1:], "big")
        if kind == b"E":
            self.kind = "E"
            if data:
                self.transport.write(data)
            return b""
        if kind == b"S":
            self.to_send = n
            self.send()
        elif kind == b"R":
            self.left = n
            if n == 0:
                self.transport.write(b"!")
        else:
            self.transport.abort()
            return b""
        return data

    def send(self):
        while self.to_send > 0 and not self.full:
            n = min(self.to_send, len(CHUNK))
            self.to_send -= n
            self.transport.write(CHUNK if n == len(CHUNK) else CHUNK[:n])


async def serve(args):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(args.cert, args.key)
    server = await asyncio.get_running_loop().create_server(
        Conn, "127.0.0.1", args.port, ssl=context, backlog=4096
    )
    port = server.sockets[0].getsockname()[1]
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("loop", choices=("asyncio", "uvloop"))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    args = parser.parse_args()
    if args.loop == "uvloop":
        import uvloop

        uvloop.install()
    asyncio.run(serve(args))


sys.dont_write_bytecode = True
main()
