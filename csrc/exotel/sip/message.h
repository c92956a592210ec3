/* SIP messages as a server sends them, read strictly enough that nothing else is taken for one (RFC 3261, 7 and 18.3).
 * Pure: no I/O, no memory of its own. */
#ifndef EXOTEL_SIP_MESSAGE_H
#define EXOTEL_SIP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

enum { EXO_SIP_HEAD_MAX = 64 * 1024, EXO_SIP_BODY_MAX = 64 * 1024 };

/* A part of what was read; start NULL: it is not there. */
typedef struct exo_sip_text {
  const char *start;
  size_t length;
} exo_sip_text;

typedef enum { EXO_SIP_GOOD, EXO_SIP_MORE, EXO_SIP_BAD } exo_sip_result;

typedef struct exo_sip_message {
  size_t length; /* bytes that it took, with line breaks before it */
  int status;    /* 0: it is a request */
  exo_sip_text reason;
  exo_sip_text branch; /* of the topmost Via */
  exo_sip_text call_id;
  long cseq;
  exo_sip_text method;   /* of CSeq */
  exo_sip_text software; /* Server, or else User-Agent */
  exo_sip_text allow;    /* the first one */
  const char *complaint; /* of EXO_SIP_BAD: what is wrong, as a clause */
} exo_sip_message;

/* Reads the first message of `bytes`. A datagram is one message and never wants more. From a stream: EXO_SIP_MORE as
 * long as what is there may become one. */
exo_sip_result exo_sip_read(exo_sip_message *message, const char *bytes, size_t length, bool datagram);

#endif
