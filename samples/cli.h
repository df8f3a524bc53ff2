/* SPDX-License-Identifier: MIT */

/* What the command lines of samples have in common; nothing that has
 * to be known of TLS is in here. */

#ifndef TLSLOOP_SAMPLES_CLI_H
#define TLSLOOP_SAMPLES_CLI_H

#include <getopt.h>
#include <tlsloop.h>
#include <uv.h>

enum {
  EXIT_USAGE = 1,
  EXIT_SETUP = 2,
  ADDRESS_SIZE = 128 /* any address as text */
};

/* The name of the program, which each has to say for its messages. */
extern const char program[];

/* Says on standard error that something is wrong with |what|, and |why|. */
void complain(const char* what, const char* why);

/* The same, and exits. */
_Noreturn void die(int status, const char* what, const char* why);

/* What |status| means. Details, where there are some, say what it does not:
 * the file and the reason, or what exactly was wrong with the peer. */
const char* explain(int status, const tlsloop_error_t* error);

/* Exits if |status|, which a call on |ctx| returned, is an error. The details
 * of what goes wrong with a context name the file. */
void check_ctx(const tlsloop_ctx_t* ctx, int status);

/* A context for servers that have the certificate of the file |cert|. */
tlsloop_ctx_t* make_server_context(const char* cert, const char* key);

/* Reads the options, of which those with a value come first and in the order
 * of |values|; "help" is 'h'. Returns the index of the first other argument. */
int read_options(int argc,
                 char** argv,
                 const struct option* options,
                 const char** const* values,
                 const char* help);

/* The number that |text| is; exits, and says |what| it is not, unless it is
 * one from |lowest| to |highest|. */
int parse_number(const char* text, int lowest, int highest, const char* what);

/* Tells of a connection to |listener| that came to nothing: somebody who did
 * not get in is no reason to stop serving the others. */
void on_refused(tlsloop_listener_t* listener,
                int status,
                const tlsloop_error_t* error,
                const struct sockaddr* peer);

/* The IPv4 or IPv6 address that |host| and |port| are. */
void parse_address(const char* host,
                   const char* port,
                   struct sockaddr_storage* storage);

/* Writes |addr|, unless it is NULL, as "127.0.0.1:80" or "[::1]:80". */
void format_address(const struct sockaddr* addr, char text[ADDRESS_SIZE]);

/* Writes the address of the peer of |tcp|. */
void format_peer(const uv_tcp_t* tcp, char text[ADDRESS_SIZE]);

/* Makes |tcp| a handle of |loop| that is bound to |host| and |port|, of which 0
 * is any free one, and stores where that is in |name|. */
void bind_tcp(uv_loop_t* loop,
              uv_tcp_t* tcp,
              const char* host,
              const char* port,
              char name[ADDRESS_SIZE]);

/* Calls |cb| once for SIGINT or SIGTERM, of which a second one ends the
 * process; SIGPIPE is ignored. |signals| are two and keep no loop alive. */
void start_signals(uv_loop_t* loop, uv_signal_t signals[], uv_signal_cb cb);

/* Ends that. */
void stop_signals(uv_signal_t signals[]);

/* Says where clients can connect now. */
void announce(const char* where);

#endif /* TLSLOOP_SAMPLES_CLI_H */
