# SPDX-License-Identifier: MIT

"""Peers that do not do as they should: one clear line for each, and echo-server
goes on serving the others."""

import struct
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

HELLO = bytes.fromhex("16030100c8010000c40303")


def dial(port):
    return socket.create_connection(("127.0.0.1", port), TIMEOUT)


def send_and_wait(port, data):
    """Sends bytes and reads to the end; returns what came."""
    with dial(port) as peer:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while part := peer.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
        return answer


def reset(peer):
    """Closes so that the other side meets a reset connection."""
    linger = struct.pack("ii", 1, 0)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    peer.close()


def complaints(server, count):
    """Waits for as many lines of the server and returns them."""
    patient(
        lambda: server.stderr().count("\n") >= count,
        f"{count} complaints in {server.stderr()!r}",
    )
    lines = server.stderr().splitlines()
    equal(len(lines), count, "number of complaints")
    return lines


def still_serves(certs, server):
    result = echo_client(certs, server.port, data=b"still there")
    succeeded(result, "a good client")
    equal(result.stdout, b"still there", "the echo")


def test_plain_text(certs):
    """echo-server tells that a peer speaks no TLS, in one line each."""
    with echo_server(certs) as server:
        for count, text in enumerate(
            (
                b"GET / HTTP/1.0\r\n\r\n",
                b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
                b"EHLO localhost\r\n",
                b"SSH-2.0-OpenSSH_9.2\r\n",
                bytes(65536),
            )
        ):
            send_and_wait(server.port, text)
            complaints(server, count + 1)
        still_serves(certs, server)


def test_garbage(certs):
    """echo-server says one line about each peer that sends garbage."""
    with echo_server(certs) as server:
        for count in range(50):
            send_and_wait(server.port, os.urandom(300))
            complaints(server, count + 1)
        still_serves(certs, server)


def test_half_a_hello(certs):
    """echo-server says one line about a peer that goes in the handshake."""
    with echo_server(certs) as server:
        for cut in range(1, len(HELLO) + 1):
            send_and_wait(server.port, HELLO[:cut])
            complaints(server, cut)
        still_serves(certs, server)


def test_reset(certs):
    """echo-server says one line about a peer that resets."""
    with echo_server(certs) as server:
        for count in range(20):
            peer = dial(server.port)
            peer.sendall(HELLO)
            reset(peer)
            complaints(server, count + 1)
        still_serves(certs, server)


def test_silence(certs):
    """echo-server serves others while many peers say nothing."""
    with echo_server(certs) as server:
        silent = [dial(server.port) for _ in range(200)]
        still_serves(certs, server)
        for peer in silent:
            peer.close()
        complaints(server, 200)
        still_serves(certs, server)


def test_descriptors(certs):
    """echo-server keeps no descriptor of a connection that has ended."""
    with echo_server(certs) as server:
        still_serves(certs, server)
        folder = f"/proc/{server.pid}/fd"
        if not os.path.isdir(folder):
            return
        before = len(os.listdir(folder))
        for _ in range(100):
            send_and_wait(server.port, b"no TLS\r\n")
            reset(dial(server.port))
        still_serves(certs, server)
        patient(
            lambda: len(os.listdir(folder)) == before,
            "the descriptors to be closed",
        )


class PlainServer:
    """Answers one connection with bytes that are no TLS."""

    def __init__(self, answer, after=0):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]
        self.answer = answer
        self.after = after
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()

    def serve(self):
        peer, _ = self.listener.accept()
        with peer:
            peer.settimeout(TIMEOUT)
            if self.after:
                peer.recv(self.after)
            if self.answer is None:
                reset(peer)
                return
            with contextlib.suppress(ConnectionError):
                peer.sendall(self.answer)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass


def test_client_plain_text(certs):
    """echo-client tells that a server speaks no TLS, in one line."""
    for answer in (
        b"220 mail.example.org ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        bytes(1000),
    ):
        with PlainServer(answer) as server:
            refused(echo_client(certs, server.port), 3, "")


def test_client_vanished(certs):
    """echo-client tells that a server just goes, in one line."""
    with PlainServer(b"") as server:
        refused(echo_client(certs, server.port), 3, "")
    with PlainServer(None, after=100) as server:
        refused(echo_client(certs, server.port), 3, "reset")


def test_client_silence(certs):
    """echo-client gives up a server that says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = echo_client(certs, port, "--timeout", "1")
        refused(result, 3, "")


main(globals())
