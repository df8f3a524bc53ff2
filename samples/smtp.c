/* SPDX-License-Identifier: MIT */

/* What a server of SMTP understands and answers. */

#include "smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char* on_ehlo(smtp_t* smtp, const char* rest) {
  (void) rest;
  smtp->greeted = 1;
  smtp->from[0] = smtp->to[0] = '\0';
  return smtp->secure ? "250-localhost\r\n250-PIPELINING\r\n250 8BITMIME"
                      : "250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
                        "250 STARTTLS";
}

static const char* on_starttls(smtp_t* smtp, const char* rest) {
  if (*rest != '\0')
    return "501 STARTTLS takes nothing";
  if (smtp->secure)
    return "503 this is TLS already";
  smtp->next = SMTP_UPGRADE;
  return "220 go ahead";
}

/* Takes the address, with its brackets, out of "FROM:<address> PARAMETERS". */
static int parse_path(const char* rest, const char* word, char* path) {
  const char* end;

  if (strncasecmp(rest, word, strlen(word)) != 0)
    return 0;
  rest += strlen(word);
  rest += strspn(rest, " ");
  end = strchr(rest, '>');
  if (*rest != '<' || end == NULL || end - rest + 2 > SMTP_PATH_SIZE)
    return 0;
  snprintf(path, SMTP_PATH_SIZE, "%.*s", (int) (end - rest + 1), rest);
  return 1;
}

static const char* on_mail(smtp_t* smtp, const char* rest) {
  if (!smtp->secure)
    return "530 say STARTTLS first";
  if (!smtp->greeted)
    return "503 say EHLO first";
  if (smtp->from[0] != '\0')
    return "503 there is a sender already";
  if (!parse_path(rest, "FROM:", smtp->from))
    return "501 expected FROM:<address>";
  return "250 ok";
}

static const char* on_rcpt(smtp_t* smtp, const char* rest) {
  if (smtp->from[0] == '\0')
    return "503 say MAIL first";
  if (!parse_path(rest, "TO:", smtp->to))
    return "501 expected TO:<address>";
  return "250 ok";
}

static const char* on_data(smtp_t* smtp, const char* rest) {
  (void) rest;
  if (smtp->to[0] == '\0')
    return "503 say RCPT first";
  if (smtp->message == NULL)
    smtp->message = malloc(SMTP_MESSAGE_SIZE);
  if (smtp->message == NULL)
    return "451 out of memory";
  smtp->in_data = 1;
  smtp->message_len = 0;
  return "354 end with a dot";
}

static const char* on_rset(smtp_t* smtp, const char* rest) {
  (void) rest;
  smtp->from[0] = smtp->to[0] = '\0';
  return "250 ok";
}

static const char* on_noop(smtp_t* smtp, const char* rest) {
  (void) smtp;
  (void) rest;
  return "250 ok";
}

static const char* on_quit(smtp_t* smtp, const char* rest) {
  (void) rest;
  smtp->next = SMTP_END;
  return "221 bye";
}

/* The message is complete. */
static const char* deliver(smtp_t* smtp) {
  const char* answer = "552 too long";

  if (smtp->message_len <= SMTP_MESSAGE_SIZE) {
    printf("mail from %s to %s, %zu bytes\n",
           smtp->from,
           smtp->to,
           smtp->message_len);
    fwrite(smtp->message, 1, smtp->message_len, stdout);
    answer = fflush(stdout) == 0 ? "250 taken" : "451 cannot print it";
  }
  smtp->in_data = 0;
  smtp->from[0] = smtp->to[0] = '\0';
  return answer;
}

/* A dot alone ends the message; of others that begin a line, one was put there
 * by the client (RFC 5321, 4.5.2). */
static const char* on_data_line(smtp_t* smtp, const char* line, size_t len) {
  if (len == 1 && line[0] == '.')
    return deliver(smtp);
  if (line[0] == '.') {
    line++;
    len--;
  }
  if (smtp->message_len + len + 1 <= SMTP_MESSAGE_SIZE) {
    memcpy(smtp->message + smtp->message_len, line, len);
    smtp->message[smtp->message_len + len] = '\n';
    smtp->message_len += len + 1;
  } else {
    smtp->message_len = SMTP_MESSAGE_SIZE + 1;
  }
  return NULL;
}

const char* smtp_obey(smtp_t* smtp, const char* line, size_t len) {
  static const struct {
    const char* verb;
    const char* (*obey)(smtp_t* smtp, const char* rest);
  } commands[] = {{"EHLO", on_ehlo},
                  {"HELO", on_ehlo},
                  {"STARTTLS", on_starttls},
                  {"MAIL", on_mail},
                  {"RCPT", on_rcpt},
                  {"DATA", on_data},
                  {"RSET", on_rset},
                  {"NOOP", on_noop},
                  {"QUIT", on_quit}};
  size_t i, n;

  smtp->next = SMTP_LINE;
  if (smtp->in_data)
    return on_data_line(smtp, line, len);
  for (i = 0; i < len; i++)
    if ((unsigned char) line[i] < ' ' || line[i] == 0x7f)
      return "500 there is a control character";
  for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
    n = strlen(commands[i].verb);
    if (strncasecmp(line, commands[i].verb, n) == 0 &&
        (line[n] == ' ' || line[n] == '\0'))
      return commands[i].obey(smtp, line + n + (line[n] == ' '));
  }
  return "500 what?";
}

void smtp_secure(smtp_t* smtp) {
  smtp->secure = 1;
  smtp->greeted = 0;
  smtp->from[0] = smtp->to[0] = '\0';
}

void smtp_free(smtp_t* smtp) {
  free(smtp->message);
}
