/* SPDX-License-Identifier: MIT */

/* Address: how addresses are written. */

#ifndef SAMPLES_ADDRESS_H
#define SAMPLES_ADDRESS_H

#include <uv.h>

/* Room for any address. */
enum {
  ADDRESS_SIZE = 64
};

/* Writes |addr|, IPv4 or IPv6, into |text| as "127.0.0.1:80" or "[::1]:80". */
void format_address(const struct sockaddr* addr, char text[ADDRESS_SIZE]);

#endif /* SAMPLES_ADDRESS_H */
