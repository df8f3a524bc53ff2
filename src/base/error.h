/* SPDX-License-Identifier: MIT */

/* Error: fills in the details of a failure. */

#ifndef TLSLOOP__ERROR_H
#define TLSLOOP__ERROR_H

#include "tlsloop/errno.h"

/* Where an object keeps the details of its last failure: NULL until something
 * fails, so that a healthy object pays one pointer. */
typedef tlsloop_error_t* tlsloop__error_slot_t;

/* Empties the details in |slot|, allocating them at first, and sets |code| and
 * |subject| (cut to fit, control characters replaced by '?'; NULL: none).
 * Returns the details, or NULL when memory ran out: the slot then reports
 * UV__ENOMEM through tlsloop__error_get. */
tlsloop_error_t* tlsloop__error_reset(tlsloop__error_slot_t* slot,
                                      int code,
                                      const char* subject);

/* Sets |error|'s text: its subject, |text| (NULL: what its code means), and
 * the verify message, joined by ": ". */
void tlsloop__error_set_text(tlsloop_error_t* error, const char* text);

/* Sets |error|'s verify code and message, and adds the message to its text. */
void tlsloop__error_set_verify(tlsloop_error_t* error,
                               int verify_code,
                               const char* message);

/* The details in |slot|, to add to; NULL when there are none or when there was
 * no memory for them. */
tlsloop_error_t* tlsloop__error_details(const tlsloop__error_slot_t* slot);

/* What the application sees in |slot|: the details, NULL when nothing failed,
 * or a constant that says UV__ENOMEM when there was no memory for them. */
const tlsloop_error_t* tlsloop__error_get(const tlsloop__error_slot_t* slot);

/* Frees the details in |slot|. */
void tlsloop__error_clear(tlsloop__error_slot_t* slot);

/* Shorthand for a failure without OpenSSL: resets |slot|, sets |text| (NULL:
 * what |code| means), and returns |code|. */
int tlsloop__error_fail(tlsloop__error_slot_t* slot,
                        int code,
                        const char* subject,
                        const char* text);

#endif /* TLSLOOP__ERROR_H */
