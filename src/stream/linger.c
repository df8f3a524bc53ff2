/* SPDX-License-Identifier: MIT */

/* Linger: a close after a fatal alert waits a moment for the peer to close.
 *
 * A system resets a connection that is closed while bytes come in, and a reset
 * can throw the alert away before the peer has read it. So our direction is
 * shut, and what comes is discarded, until the peer has closed too. */

#include "stream/pump.h"

/* For how long, in milliseconds. */
#define LINGER_TIME 1000

static int is_called_for(const tlsloop__stream_t* s) {
  return s->engine->alert_sent != 0 && s->transport.carrier != NULL &&
         s->transport_end == 0 && tlsloop__stream_is_flushed(s);
}

int tlsloop__linger_begin(tlsloop__stream_t* s) {
  if (!is_called_for(s))
    return 0;
  if (tlsloop__deadline_set(s, TLSLOOP__DEADLINE_SHUTDOWN, LINGER_TIME) != 0)
    return 0;
  if (tlsloop__transport_shutdown(&s->transport) != 0 ||
      tlsloop__transport_read_start(&s->transport) != 0) {
    tlsloop__deadline_clear_all(s);
    return 0;
  }
  s->lingering = 1;
  return 1;
}

void tlsloop__linger_end(tlsloop__stream_t* s) {
  if (!s->lingering)
    return;
  s->lingering = 0;
  tlsloop__deadline_clear_all(s);
  tlsloop__close_transport(s, 0);
}
