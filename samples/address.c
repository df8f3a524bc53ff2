/* SPDX-License-Identifier: MIT */

/* Address: writes addresses as everybody does. */

#include "address.h"

#include <stdio.h>
#include <string.h>

void format_address(const struct sockaddr* addr, char text[ADDRESS_SIZE]) {
  struct sockaddr_in in; /* in IPv6 addresses too, the port is there */
  char ip[INET6_ADDRSTRLEN] = "?";

  memcpy(&in, addr, sizeof(in));
  uv_ip_name(addr, ip, sizeof(ip));
  snprintf(text,
           ADDRESS_SIZE,
           addr->sa_family == AF_INET6 ? "[%s]:%d" : "%s:%d",
           ip,
           ntohs(in.sin_port));
}
