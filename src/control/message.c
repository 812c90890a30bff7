/*
 * JSON objects, by jansson: a struct message is its json_t. Layer 9; one
 * thread for each message.
 */
#include "control/message.h"

#include "base/check.h"
#include "base/utf8.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

static json_t *
json_of(struct message *message)
{
	return (json_t *)(void *)message;
}

static const json_t *
json_of_const(const struct message *message)
{
	return (const json_t *)(const void *)message;
}

static void *
checked(void *pointer)
{
	if (pointer == NULL)
		check_fail("memory", "message", __FILE__, __LINE__);
	return pointer;
}

static void
set_member(struct message *message, const char *key, json_t *value)
{
	if (json_object_set_new(json_of(message), key, checked(value)) != 0)
		check_fail("memory", "message", __FILE__, __LINE__);
}

/* jansson takes UTF-8 only. */
static json_t *
text_value(const char *text)
{
	size_t len = strlen(text);
	char *clean = checked(malloc(len + 1));

	for (size_t i = 0; i < len;) {
		size_t step = utf8_length((const uint8_t *)text + i, len - i);
		if (step == 0) {
			clean[i++] = '?';
			continue;
		}
		memcpy(clean + i, text + i, step);
		i += step;
	}
	json_t *value = json_stringn(clean, len);
	free(clean);
	return value;
}

struct message *
message_create(void)
{
	return checked(json_object());
}

void
message_destroy(struct message *message)
{
	if (message != NULL)
		json_decref(json_of(message));
}

void
message_set_text(struct message *message, const char *key, const char *text)
{
	set_member(message, key, text_value(text));
}

void
message_set_number(struct message *message, const char *key, uint64_t number)
{
	if (number > INT64_MAX)
		number = INT64_MAX;
	set_member(message, key, json_integer((json_int_t)number));
}

void
message_set_flag(struct message *message, const char *key, bool flag)
{
	set_member(message, key, flag ? json_true() : json_false());
}

void
message_set_nothing(struct message *message, const char *key)
{
	set_member(message, key, json_null());
}

void
message_set_list(struct message *message, const char *key)
{
	set_member(message, key, json_array());
}

static void
append_value(struct message *message, const char *key, json_t *value)
{
	if (!json_is_array(json_object_get(json_of(message), key)))
		message_set_list(message, key);
	if (json_array_append_new(json_object_get(json_of(message), key),
	    checked(value)) != 0)
		check_fail("memory", "message", __FILE__, __LINE__);
}

void
message_append_text(struct message *message, const char *key, const char *text)
{
	append_value(message, key, text_value(text));
}

struct message *
message_append(struct message *message, const char *key)
{
	struct message *item = message_create();

	append_value(message, key, json_of(item));
	return item;
}

const char *
message_text(const struct message *message, const char *key)
{
	return json_string_value(json_object_get(json_of_const(message), key));
}

bool
message_number(const struct message *message, const char *key, uint64_t *out)
{
	const json_t *value = json_object_get(json_of_const(message), key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*out = (uint64_t)json_integer_value(value);
	return true;
}

bool
message_flag(const struct message *message, const char *key)
{
	return json_is_true(json_object_get(json_of_const(message), key));
}

size_t
message_count(const struct message *message, const char *key)
{
	return json_array_size(json_object_get(json_of_const(message), key));
}

const char *
message_item(const struct message *message, const char *key, size_t i)
{
	return json_string_value(json_array_get(
	    json_object_get(json_of_const(message), key), i));
}

char *
message_encode(const struct message *message, size_t *len)
{
	char *text = checked(json_dumps(json_of_const(message), JSON_COMPACT));

	*len = strlen(text);
	return text;
}

enum status
message_decode(struct message **out, struct blob text, struct reason *reason)
{
	json_error_t error;
	json_t *value = json_loadb((const char *)text.data, text.len,
	    JSON_REJECT_DUPLICATES, &error);

	if (value == NULL) {
		reason_set(reason, "not JSON: %s", error.text);
		return ERR_MALFORMED;
	}
	if (!json_is_object(value)) {
		json_decref(value);
		reason_set(reason, "not a JSON object");
		return ERR_MALFORMED;
	}
	*out = (struct message *)(void *)value;
	return OK;
}

void
message_print(const struct message *message, FILE *out)
{
	char *text = checked(json_dumps(json_of_const(message),
	    JSON_INDENT(2)));

	fputs(text, out);
	fputc('\n', out);
	free(text);
}
