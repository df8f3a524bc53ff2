# SPDX-License-Identifier: MIT

"""The servers under test: how each is started, and whether it can be."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
READY_SECONDS = 20

NGINX = """
daemon off; master_process off; pid {dir}/nginx.pid; error_log stderr crit;
worker_rlimit_nofile {files};
events {{ worker_connections {conns}; }}
http {{
  access_log off;
  client_body_temp_path {dir}/nginx-1; proxy_temp_path {dir}/nginx-2;
  fastcgi_temp_path {dir}/nginx-3; uwsgi_temp_path {dir}/nginx-4;
  scgi_temp_path {dir}/nginx-5;
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {cert}; ssl_certificate_key {cert};
    ssl_protocols TLSv1.2 TLSv1.3;
    client_header_timeout 300s;
    return 200;
  }}
}}
"""

# In front of a server without TLS.
NGINX_FRONT = """
load_module modules/ngx_stream_module.so;
daemon off; master_process off; pid {dir}/nginx.pid; error_log stderr crit;
worker_rlimit_nofile {files};
events {{ worker_connections {conns}; }}
stream {{
  access_log off;
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {cert}; ssl_certificate_key {cert};
    ssl_protocols TLSv1.2 TLSv1.3;
    proxy_pass 127.0.0.1:{backend};
    proxy_buffer_size 64k;
  }}
}}
"""

HAPROXY = """
global
  nbthread 1
  maxconn {conns}
  no strict-limits
defaults
  mode http
  timeout client 300s
  timeout server 300s
  timeout connect 5s
  timeout http-request 300s
frontend bench
  bind 127.0.0.1:{port} backlog 4096 ssl crt {cert}
  http-request return status 200
"""

HAPROXY_FRONT = """
global
  nbthread 1
  maxconn {conns}
  no strict-limits
  tune.bufsize 65536
defaults
  mode tcp
  timeout client 300s
  timeout server 300s
  timeout connect 5s
frontend bench
  bind 127.0.0.1:{port} backlog 4096 ssl crt {cert}
  default_backend bench
backend bench
  server bench 127.0.0.1:{backend}
"""

# Programs that h2o starts to ask for OCSP responses would be taken for a part of
# the server, and end while it is measured.
H2O = """
user: root
num-threads: 1
max-connections: {conns}
listen:
  host: 127.0.0.1
  port: {port}
  ssl:
    certificate-file: {cert}
    key-file: {cert}
    ocsp-update-interval: 0
http1-request-timeout: 300
hosts:
  "localhost":
    paths:
      "/":
        redirect: "https://localhost/"
"""

TEMPLATES = {
    "nginx": NGINX,
    "nginx-front": NGINX_FRONT,
    "haproxy": HAPROXY,
    "haproxy-front": HAPROXY_FRONT,
    "h2o": H2O,
}


class Missing(Exception):
    """This server cannot be run here."""


def program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None:
        raise Missing(f"{name} is not installed")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Servers:
    """Starts servers whose programs are in |build| and whose certificates are
    in |certs|, pinned to the processor |core|."""

    def __init__(self, build, certs, core):
        self.build = build
        self.certs = certs
        self.pin = [] if core is None else ["taskset", "-c", str(core)]

    def built(self, name):
        path = os.path.join(self.build, "bench", name)
        if not os.access(path, os.X_OK):
            raise Missing(f"{path} is not built")
        return path

    def cert(self, key):
        """The file with the certificate and its key of that kind."""
        name = "server.pem" if key == "ecdsa" else "rsa.pem"
        return os.path.join(self.certs, name)

    def command(self, name):
        """The command of a server of our own, without its options."""
        if name == "node":
            return [program("node"), os.path.join(HERE, "node.js")]
        if name in ("asyncio", "uvloop"):
            # Where Debian's modules are.
            return ["/usr/bin/python3", os.path.join(HERE, "aio.py"), name]
        return [self.built("server" if name == "tlsloop" else name)]

    def configured(self, name, cert, backend):
        """The command of somebody else's server, and its port."""
        kind = name.removesuffix("-front")
        port = free_port()
        path = os.path.join(self.certs, f"{name}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                TEMPLATES[name].format(
                    dir=self.certs,
                    port=port,
                    backend=backend,
                    cert=cert,
                    conns=12000,
                    files=20000,
                )
            )
        return [program(kind), "-f" if kind == "haproxy" else "-c", path], port

    @contextlib.contextmanager
    def run(self, name, key):
        """A server for the time of a block: its port and process ids. One in
        front of another is measured with it."""
        cert = self.cert(key)
        if not name.endswith("-front"):
            with self.started(name, cert) as server:
                yield server
            return
        with self.started("plaintext", cert) as (backend, behind):
            with self.started(name, cert, backend) as (port, pids):
                yield port, pids + behind

    @contextlib.contextmanager
    def started(self, name, cert, backend=None):
        if name in TEMPLATES:
            command, port = self.configured(name, cert, backend)
        else:
            command, port = self.command(name), 0
            command += ["--port", "0", "--cert", cert, "--key", cert]
        with tempfile.TemporaryFile() as log:
            child = subprocess.Popen(
                self.pin + command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if port == 0 else log,
                stderr=log,
            )
            try:
                if port == 0:
                    port = read_port(child, name, log)
                else:
                    wait_port(child, port, name, log)
                yield port, [child.pid, *descendants(child.pid)]
            finally:
                child.send_signal(signal.SIGKILL)
                child.wait()
                if child.stdout is not None:
                    child.stdout.close()


def descendants(pid):
    """The processes below |pid|: h2o signs in one of its own."""
    below = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        path = f"/proc/{pid}/task/{thread}/children"
        with open(path, encoding="ascii") as file:
            for child in map(int, file.read().split()):
                below += [child, *descendants(child)]
    return below


def said(log):
    log.seek(0)
    return log.read().decode(errors="replace")[-500:]


def read_port(child, name, log):
    """Reads the line "listening on 127.0.0.1:N"."""
    timer = threading.Timer(READY_SECONDS, child.kill)
    timer.start()
    line = child.stdout.readline().decode()
    timer.cancel()
    if not line.startswith("listening on 127.0.0.1:"):
        raise Missing(f"{name} does not start: {said(log)}")
    return int(line.rsplit(":", 1)[1])


def wait_port(child, port, name, log):
    end = time.monotonic() + READY_SECONDS
    while not listening(port):
        if child.poll() is not None or time.monotonic() > end:
            raise Missing(f"{name} does not start: {said(log)}")
        time.sleep(0.02)
