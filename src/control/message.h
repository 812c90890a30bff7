/*
 * JSON objects of the control socket and of `--json`: texts, numbers, lists.
 * The only user of jansson. Layer 9; a message belongs to one thread.
 */
#ifndef CONTROL_MESSAGE_H
#define CONTROL_MESSAGE_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct message;

/* An empty object, to be given to message_destroy (NULL is allowed there).
 * No memory ends the process, here and in the functions that set. */
struct message *message_create(void);
void message_destroy(struct message *message);

/* Set a member; text that is not UTF-8 is set with '?' for its bad bytes. */
void message_set_text(struct message *message, const char *key,
    const char *text);
void message_set_number(struct message *message, const char *key,
    uint64_t number);
void message_set_flag(struct message *message, const char *key, bool flag);
void message_set_nothing(struct message *message, const char *key);

/* Make an empty list, so that it is there also without items. */
void message_set_list(struct message *message, const char *key);

/* Append a text, or an object to be filled, to the list key. */
void message_append_text(struct message *message, const char *key,
    const char *text);
struct message *message_append(struct message *message, const char *key);

/* A text member, valid as long as the message; NULL if there is none. */
const char *message_text(const struct message *message, const char *key);

/* A number member >= 0. @return false if there is none. */
bool message_number(const struct message *message, const char *key,
    uint64_t *out);

/* A member that is true. */
bool message_flag(const struct message *message, const char *key);

/* A list of texts: its length (0 if it is none), and one of them or NULL. */
size_t message_count(const struct message *message, const char *key);
const char *message_item(const struct message *message, const char *key,
    size_t i);

/* Compact text, to be given to free; len without NUL. */
char *message_encode(const struct message *message, size_t *len);

/*
 * Read an object; duplicate keys and NUL characters are refused.
 * @return OK; ERR_MALFORMED with reason.
 */
MUST_CHECK enum status message_decode(struct message **out, struct blob text,
    struct reason *reason);

/* Print for people and scripts: indented, keys as they were set, newline. */
void message_print(const struct message *message, FILE *out);

#endif
