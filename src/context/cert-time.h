/* SPDX-License-Identifier: MIT */

/* Cert-time: times of certificates as numbers. */

#ifndef TLSLOOP__CERT_TIME_H
#define TLSLOOP__CERT_TIME_H

#include <stdint.h>

/* The seconds from 1970 to a time of the Gregorian calendar, without leap
 * seconds. |month| is 1 to 12; the others may be beyond what a month, day,
 * hour or minute has, and count on. */
int64_t tlsloop__cert_seconds(int year,
                              int month,
                              int day,
                              int hour,
                              int minute,
                              int second);

#endif /* TLSLOOP__CERT_TIME_H */
