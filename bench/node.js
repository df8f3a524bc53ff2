// SPDX-License-Identifier: MIT

// The bench server on Node's tls.

'use strict';

const fs = require('fs');
const tls = require('tls');

const CHUNK = Buffer.alloc(64 * 1024);
const ANSWER = Buffer.from('!');

const options = {};
for (let i = 2; i + 1 < process.argv.length; i += 2) {
  options[process.argv[i].slice(2)] = process.argv[i + 1];
}

class Conn {
  constructor(socket) {
    this.socket = socket;
    this.left = 0; // bytes still to receive
    this.toSend = 0;
    this.rest = null;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('drain', () => this.goOn());
    socket.on('data', (data) => this.serve(data));
  }

  serve(data) {
    if (this.toSend > 0 || this.rest !== null) {
      this.rest = this.rest ? Buffer.concat([this.rest, data]) : data;
      if (this.toSend > 0) return;
      data = this.rest;
      this.rest = null;
    }
    while (data.length > 0) {
      if (this.left > 0) {
        const n = Math.min(this.left, data.length);
        this.left -= n;
        data = data.subarray(n);
        if (this.left === 0) this.socket.write(ANSWER);
      } else if (data.length < 9) {
        this.rest = data;
        return;
      } else {
        const kind = data[0];
        const n = Number(data.readBigUInt64BE(1));
        data = data.subarray(9);
        if (kind === 0x45) {
          this.echo(data);
          return;
        }
        if (kind === 0x53) {
          this.toSend = n;
          this.send();
          if (this.toSend > 0) {
            this.rest = data.length > 0 ? data : null;
            return;
          }
        } else if (kind === 0x52) {
          this.left = n;
          if (n === 0) this.socket.write(ANSWER);
        } else {
          this.socket.destroy();
          return;
        }
      }
    }
  }

  echo(data) {
    const socket = this.socket;
    socket.removeAllListeners('data');
    socket.removeAllListeners('drain');
    socket.on('drain', () => socket.resume());
    socket.on('data', (more) => {
      if (!socket.write(more)) socket.pause();
    });
    if (data.length > 0) socket.write(data);
  }

  send() {
    while (this.toSend > 0) {
      const n = Math.min(this.toSend, CHUNK.length);
      this.toSend -= n;
      if (!this.socket.write(n === CHUNK.length ? CHUNK : CHUNK.subarray(0, n)))
        break;
    }
  }

  goOn() {
    this.send();
    if (this.toSend === 0 && this.rest !== null) {
      const data = this.rest;
      this.rest = null;
      this.serve(data);
    }
  }
}

const server = tls.createServer(
  {
    cert: fs.readFileSync(options.cert),
    key: fs.readFileSync(options.key),
  },
  (socket) => new Conn(socket),
);
server.on('tlsClientError', () => {});
server.listen({ host: '127.0.0.1', port: Number(options.port), backlog: 4096 },
  () => console.log(`listening on 127.0.0.1:${server.address().port}`));
