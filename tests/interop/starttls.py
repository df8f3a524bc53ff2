# SPDX-License-Identifier: MIT

"""starttls-server and starttls-client, with swaks, OpenSSL and Python."""

import smtplib
import ssl
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

OPENSSL = need_tool("openssl")
SWAKS = need_tool("swaks")
MESSAGE = b"Subject: dots\n\n.one\n..two\nthree.\n.\nthe last line\n"
HELLO = b"EHLO me\r\n"


def smtp_server(certs, cert="server.pem"):
    return our_server("samples/starttls-server", "--cert", certs(cert))


def send(certs, port, *options, data=MESSAGE, to="you@example.org"):
    command = [built("samples/starttls-client"), "--ca", certs("root.pem")]
    command += ["--to", to, "--from", "me@example.org", *options]
    return run([*command, "localhost", str(port)], data)


def mail(server):
    """The next mail that the server has printed."""
    head = server.line()
    need(head.startswith("mail from "), head)
    size = int(head.rsplit(", ", 1)[1].split()[0])
    return head.rsplit(", ", 1)[0], server.child.stdout.read(size)


def verifying(certs):
    return ssl.create_default_context(cafile=certs("root.pem"))


class Session:
    """A client by hand."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.expect(b"220 ")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, data):
        self.socket.sendall(data)

    def expect(self, code):
        """Reads one answer, byte by byte, so that no more is taken."""
        answer = b""
        last = b""
        while not (last.endswith(b"\r\n") and last[3:4] == b" "):
            if last.endswith(b"\r\n"):
                last = b""
            byte = self.socket.recv(1)
            need(byte, f"the server has ended after {answer}")
            answer += byte
            last += byte
        need(answer.startswith(code), f"{answer} instead of {code}")
        return answer

    def upgrade(self, certs):
        self.say(HELLO)
        contains(self.expect(b"250"), b"250 STARTTLS", "the answer")
        self.say(b"STARTTLS\r\n")
        self.expect(b"220 ")
        self.wrap(certs)

    def wrap(self, certs):
        self.socket = verifying(certs).wrap_socket(
            self.socket, server_hostname="localhost"
        )


def test_both(certs):
    """starttls-client sends starttls-server a message, which comes unchanged."""
    with smtp_server(certs) as server:
        for data in (MESSAGE, b"", b"no newline", pattern(1000)):
            result = send(certs, server.port, data=data)
            succeeded(result, "sending")
            # Only LF ends a line of text, and all lines end.
            wanted = data.replace(b"\r", b"")
            if wanted and not wanted.endswith(b"\n"):
                wanted += b"\n"
            head, got = mail(server)
            equal(head, "mail from <me@example.org> to <you@example.org>", "")
            equal(got, wanted, "the message")
        equal(server.stderr(), "", "complaints")


def test_large(certs):
    """A message may be long, but not longer than starttls-server takes."""
    line = b"x" * 70 + b"\n"
    with smtp_server(certs) as server:
        # It is printed into a pipe that has to be read meanwhile.
        result = []
        data = line * (900000 // len(line))
        sender = threading.Thread(
            target=lambda: result.append(send(certs, server.port, data=data))
        )
        sender.start()
        need(mail(server)[1] == data, "the message has changed")
        sender.join()
        succeeded(result[0], "a long message")
        result = send(certs, server.port, data=line * 20000)
        equal(result.returncode, 5, "exit status")
        contains(result.stderr, b"552 too long", "the error")


def test_swaks(certs):
    """swaks sends mail to starttls-server."""
    with smtp_server(certs) as server:
        where = ["--server", "127.0.0.1", "--port", str(server.port)]
        trust = ["--tls-verify", "--tls-ca-path", certs("root.pem")]
        people = ["--from", "me@example.org", "--to", "you@example.org"]
        body = ["--body", "hello\n.dots\n"]
        for pipelined in ((), ("--pipeline",)):
            result = run(
                [SWAKS, *where, "--tls", *trust, *people, *body, *pipelined]
            )
            succeeded(result, result.stdout.decode())
            contains(result.stdout, b"TLS started with cipher", "swaks")
            contains(result.stdout, b"peer DN", "swaks")
            head, got = mail(server)
            equal(head, "mail from <me@example.org> to <you@example.org>", "")
            contains(got, b"\nhello\n.dots\n", "the message")
        result = run([SWAKS, *where, *people, *body])
        need(result.returncode != 0, "mail was taken in plaintext")
        contains(result.stdout, b"530 say STARTTLS first", "the refusal")
        equal(server.stderr(), "", "complaints")


def test_s_client(certs):
    """s_client -starttls smtp gets from starttls-server into TLS."""
    with smtp_server(certs) as server:
        for version in VERSIONS:
            command = [OPENSSL, "s_client", "-starttls", "smtp", "-quiet"]
            command += ["-connect", f"127.0.0.1:{server.port}"]
            command += ["-CAfile", certs("root.pem"), "-verify_return_error"]
            command += ["-verify_hostname", "localhost", "-crlf"]
            command += [f"-tls{version.replace('.', '_')}"]
            with process(command, stdin=PIPE) as client:
                client.wait_stderr("250 STARTTLS")
                client.child.stdin.write(b"NOOP\nQUIT\n")
                client.child.stdin.flush()
                equal(client.line(), "250 ok\r", "in TLS")
                equal(client.line(), "221 bye\r", "in TLS")
                equal(client.child.wait(TIMEOUT), 0, "exit status")
        equal(server.stderr(), "", "complaints")


def test_smtplib(certs):
    """Python's smtplib sends mail to starttls-server."""
    with smtp_server(certs) as server:
        client = smtplib.SMTP("localhost", server.port, timeout=TIMEOUT)
        client.starttls(context=verifying(certs))
        client.sendmail("me@x", ["a@x", "b@x"], MESSAGE.decode())
        client.quit()
        equal(mail(server), ("mail from <me@x> to <b@x>", MESSAGE), "mail")


def test_injection(certs):
    """Plaintext after STARTTLS is not obeyed; it is an error."""
    with smtp_server(certs) as server, Session(server.port) as session:
        session.say(HELLO)
        session.expect(b"250")
        session.say(b"STARTTLS\r\nRSET\r\nMAIL FROM:<evil@x>\r\n")
        session.expect(b"220 ")
        equal(session.socket.recv(100)[:1] not in (b"2", b"5"), True, "TLS")
        server.wait_stderr("127.0.0.1:")
        contains(server.stderr(), "SSL", "the complaint")
        succeeded(send(certs, server.port), "the next client")


def test_early_tls(certs):
    """A client may begin TLS without waiting for the answer to STARTTLS."""
    with smtp_server(certs) as server, Session(server.port) as session:
        session.say(HELLO)
        session.expect(b"250")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = verifying(certs).wrap_bio(
            incoming, outgoing, server_hostname="localhost"
        )
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        session.say(b"STARTTLS\r\n" + outgoing.read())
        session.expect(b"220 ")
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                incoming.write(session.socket.recv(65536))
        tls.write(b"QUIT\r\n")
        session.say(outgoing.read())
        answer = b""
        while b"221" not in answer:
            try:
                answer += tls.read()
            except ssl.SSLWantReadError:
                incoming.write(session.socket.recv(65536))


def test_forgets(certs):
    """What was said before TLS does not count in it."""
    with smtp_server(certs) as server, Session(server.port) as session:
        session.upgrade(certs)
        session.say(b"MAIL FROM:<me@x>\r\n")
        session.expect(b"503 say EHLO")
        session.say(HELLO)
        need(b"STARTTLS" not in session.expect(b"250"), "it offers TLS in TLS")
        session.say(b"STARTTLS\r\n")
        session.expect(b"503 ")


def test_answers(certs):
    """starttls-server keeps to the order of SMTP, and ends too long lines."""
    with smtp_server(certs) as server, Session(server.port) as session:
        for line, code in (
            (b"what\r\n", b"500 "),
            (b"STARTTLS now\r\n", b"501 "),
            (b"MAIL FROM:<a@x>\r\n", b"530 "),
            (b"noop\nquit\r\n", b"500 "),
        ):
            session.say(line)
            session.expect(code)
        session.upgrade(certs)
        for line, code in (
            (HELLO, b"250"),
            (b"RCPT TO:<b@x>\r\n", b"503 "),
            (b"MAIL FROM:a@x\r\n", b"501 "),
            (b"mail from:<a@x> BODY=8BITMIME\r\n", b"250 "),
            (b"MAIL FROM:<a@x>\r\n", b"503 "),
            (b"DATA\r\n", b"503 "),
            (b"RCPT TO:<" + b"b" * 300 + b">\r\n", b"501 "),
            (b"RSET\r\n", b"250 "),
            (b"DATA\r\n", b"503 "),
            (b"x" * 5000 + b"\r\n", b"500 "),
        ):
            session.say(line)
            session.expect(code)
        equal(session.socket.recv(1), b"", "the end")


def test_lone_newlines(certs):
    """A dot between lone newlines does not end a message."""
    with smtp_server(certs) as server, Session(server.port) as session:
        session.upgrade(certs)
        for line in (HELLO, b"MAIL FROM:<a@x>\r\n", b"RCPT TO:<b@x>\r\n"):
            session.say(line)
            session.expect(b"250")
        session.say(b"DATA\r\n")
        session.expect(b"354")
        body = b"one\n.\nMAIL FROM:<evil@x>\r"
        session.say(body + b"\r\n.\r\n")
        session.expect(b"250")
        equal(mail(server)[1], body + b"\n", "the message")


def test_leaves(certs):
    """starttls-server answers the close_notify of a client with its own."""
    with smtp_server(certs) as server, Session(server.port) as session:
        session.upgrade(certs)
        session.socket.unwrap()
        equal(server.stderr(), "", "complaints")


def test_stop(certs):
    """starttls-server takes its leave of clients in plaintext and in TLS."""
    command = [built("samples/starttls-server"), "--cert", certs("server.pem")]
    with process(command) as server:
        port = int(server.line().rsplit(":", 1)[1])
        sessions = [Session(port), Session(port)]
        sessions[1].upgrade(certs)
        sessions[1].say(b"NOOP\r\n")
        sessions[1].expect(b"250")
        server.child.send_signal(signal.SIGTERM)
        for session in sessions:
            session.expect(b"421 ")
            equal(session.socket.recv(1), b"", "the end")
            session.socket.close()
        equal(server.child.wait(TIMEOUT), 0, "exit status")
        equal(server.stderr(), "", "complaints")


# Servers that starttls-client does not like.


@contextlib.contextmanager
def scripted(serve):
    """A server that lets |serve| talk to one client."""
    listener = socket.create_server(("127.0.0.1", 0))
    errors = []

    def work():
        try:
            client = listener.accept()[0]
            client.settimeout(TIMEOUT)
            with client:
                serve(client)
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(TIMEOUT)
        listener.close()


def client_fails(result, status, message):
    text = result.stderr.decode(errors="replace")
    equal(result.returncode, status, f"exit status: {text}")
    equal(len(text.splitlines()), 1, f"lines of errors in {text!r}")
    contains(text, message, "the error")


def to_starttls(client, offer=b"250 STARTTLS\r\n"):
    client.sendall(b"220 hello\r\n")
    client.recv(1000)
    client.sendall(b"250-hello\r\n" + offer)
    return client.recv(1000)


def test_python_server(certs):
    """starttls-client sends mail to a server of Python's ssl."""
    heard = []

    def serve(client):
        equal(to_starttls(client), b"STARTTLS\r\n", "the command")
        client.sendall(b"220 go\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certs("server.pem"))
        with context.wrap_socket(client, server_side=True) as tls:
            for answer in (b"250 hi", b"250 ok", b"250 ok", b"354 go"):
                heard.append(tls.recv(1000))
                tls.sendall(answer + b"\r\n")
            body = b""
            while not body.endswith(b"\r\n.\r\n"):
                body += tls.recv(1000)
            heard.append(body)
            tls.sendall(b"250 taken\r\n")
            heard.append(tls.recv(1000))
            tls.sendall(b"221 bye\r\n")
            heard.append(tls.recv(1000))
            tls.unwrap()

    with scripted(serve) as port:
        succeeded(send(certs, port, data=b"a\n.b\r\nc"), "the mail")
    equal(
        heard,
        [
            b"EHLO localhost\r\n",
            b"MAIL FROM:<me@example.org>\r\n",
            b"RCPT TO:<you@example.org>\r\n",
            b"DATA\r\n",
            b"a\r\n..b\r\nc\r\n.\r\n",
            b"QUIT\r\n",
            b"",
        ],
        "what the server has heard",
    )


def test_no_starttls(certs):
    """starttls-client gives no mail to a server without STARTTLS."""
    heard = []

    def serve(client):
        heard.append(to_starttls(client, b"250 8BITMIME\r\n"))

    with scripted(serve) as port:
        client_fails(send(certs, port), 5, "does not offer STARTTLS")
    equal(heard, [b""], "what it said then")


def test_answers_before_tls(certs):
    """starttls-client takes no answer that came before TLS for one in it."""

    def serve(client):
        to_starttls(client)
        client.sendall(b"220 go\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n")
        client.recv(100000)

    with scripted(serve) as port:
        client_fails(send(certs, port), 3, "SSL")


def test_refusals(certs):
    """starttls-client says what the server has refused, and nothing odd."""

    def busy(client):
        client.sendall(b"554 no\x1b[31m way\r\n")
        client.recv(1000)

    with scripted(busy) as port:
        client_fails(send(certs, port), 5, "554 no [31m way")

    def endless(client):
        client.sendall(b"220 " + b"x" * 100000)
        client.recv(1000)

    with scripted(endless) as port:
        client_fails(send(certs, port), 5, "no end")

    def gone(client):
        client.sendall(b"220 hello\r\n")
        client.recv(1000)

    with scripted(gone) as port:
        client_fails(send(certs, port), 3, "end of file")


def test_bad_certificates(certs):
    """starttls-client gives no mail to a server that it cannot verify."""
    for cert, why in (
        ("expired.pem", "expired"),
        ("wrong-host.pem", "localhost"),
        ("other.pem", "issuer"),
        ("self-signed.pem", "self-signed"),
    ):
        with smtp_server(certs, cert) as server:
            client_fails(send(certs, server.port), 4, why)
            server.wait_stderr("alert")


def test_usage(certs):
    """Both say what is wrong with their command lines."""
    client = built("samples/starttls-client")
    server = built("samples/starttls-server")
    to = ["--to", "a@x"]
    for command, status, message in (
        ([client], 1, "expected --to"),
        ([client, *to, "localhost"], 1, "expected --to"),
        ([client, *to, "localhost", "smtp"], 1, "smtp: not a port"),
        ([client, "--to", "a>\r\nRSET", "localhost", "1"], 1, "not a mail"),
        ([client, *to, "--ca", "/no/file", "localhost", "1"], 2, "/no/file"),
        ([client, *to, "localhost", str(free_port())], 3, "refused"),
        ([server], 1, "--cert"),
        ([server, "x"], 1, "x: unexpected"),
        ([server, "--cert", "/no/file"], 2, "/no/file"),
    ):
        result = run(command)
        equal(result.returncode, status, f"exit status of {command}")
        contains(result.stderr.decode(), message, "the error")


main(globals(), limit=180)
