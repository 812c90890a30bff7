/*
 * Key files as tsig-keygen writes them: made and read. Refuses a file with
 * more than one key, so that nobody signs with another one than he thinks.
 * Layer 6; any thread.
 */
#include "sec/key_file.h"

#include "base/check.h"
#include "sec/sec.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
	BASE64_CAP = sodium_base64_ENCODED_LEN(KEY_SECRET_MAX,
	    sodium_base64_VARIANT_ORIGINAL),
	SECRET_MIN = 16, /* bytes of a secret that somebody else made */
};

size_t
key_file_secret_len(enum mac_algorithm algorithm)
{
	size_t len = mac_len(algorithm);

	ensure(len > 0 && len <= KEY_SECRET_MAX);
	return len;
}

void
key_file_generate(struct key_file *key)
{
	key->len = key_file_secret_len(key->algorithm);
	sec_random(key->secret, key->len);
}

size_t
key_file_format(char out[KEY_FILE_MAX], const struct key_file *key)
{
	char base64[BASE64_CAP];
	char name[NAME_TEXT_MAX];

	require(key->len <= KEY_SECRET_MAX);
	size_t name_len = strlen(dname_format(name, sizeof name, &key->name));
	if (name_len > 1)
		name_len--;
	sodium_bin2base64(base64, sizeof base64, key->secret, key->len,
	    sodium_base64_VARIANT_ORIGINAL);
	int n = snprintf(out, KEY_FILE_MAX, "key \"%.*s\" {\n"
	    "\talgorithm %s;\n\tsecret \"%s\";\n};\n", (int)name_len, name,
	    mac_name(key->algorithm), base64);
	sec_wipe(base64, sizeof base64);
	ensure(n > 0 && n < KEY_FILE_MAX);
	return (size_t)n;
}

/* ------------------------------------------------------------------ reading */

/* A word, a quoted string, or one of { } ; */
struct token {
	const char *text; /* of a string without its quotes */
	size_t len;       /* 0 and text NULL: the end, or no token */
};

struct scanner {
	const char *pos;
	const char *end;
};

/* Behind a comment that begins here, else here. */
static const char *
skip_comment(const char *p, const char *end)
{
	const char *close = NULL;

	if (*p == '#' || (end - p >= 2 && memcmp(p, "//", 2) == 0)) {
		close = memchr(p, '\n', (size_t)(end - p));
		return close != NULL ? close : end;
	}
	if (end - p < 2 || memcmp(p, "/*", 2) != 0)
		return p;
	for (close = p + 2; end - close >= 2; close++) {
		if (memcmp(close, "*/", 2) == 0)
			return close + 2;
	}
	return end;
}

static void
skip_space(struct scanner *s)
{
	while (s->pos < s->end) {
		const char *next = s->pos;
		if (strchr(" \t\r\n", *next) != NULL && *next != '\0')
			next++;
		else
			next = skip_comment(next, s->end);
		if (next == s->pos)
			return;
		s->pos = next;
	}
}

static struct token
next_token(struct scanner *s)
{
	static const char stop[] = " \t\r\n{};\"";
	struct token none = { NULL, 0 };

	skip_space(s);
	if (s->pos == s->end)
		return none;
	const char *start = s->pos;
	if (*start == '"') {
		const char *close = memchr(start + 1, '"',
		    (size_t)(s->end - start - 1));
		if (close == NULL)
			return none;
		s->pos = close + 1;
		return (struct token){ start + 1, (size_t)(close - start - 1) };
	}
	s->pos++;
	if (*start != '{' && *start != '}' && *start != ';') {
		while (s->pos < s->end && *s->pos != '\0' &&
		    strchr(stop, *s->pos) == NULL)
			s->pos++;
	}
	return (struct token){ start, (size_t)(s->pos - start) };
}

static bool
token_is(struct token token, const char *text)
{
	return token.text != NULL && token.len == strlen(text) &&
	    memcmp(token.text, text, token.len) == 0;
}

static bool
expect(struct scanner *s, const char *text)
{
	return token_is(next_token(s), text);
}

static enum status
take_algorithm(struct key_file *key, struct token token,
    struct reason *reason)
{
	if (token.text != NULL &&
	    mac_find(&key->algorithm, token.text, token.len))
		return OK;
	reason_set(reason, "algorithm '%.*s': expected hmac-sha256 or another "
	    "of hmac-sha1, -sha224, -sha384, -sha512",
	    (int)(token.len < 40 ? token.len : 40),
	    token.text != NULL ? token.text : "");
	return ERR_UNSUPPORTED;
}

static enum status
take_secret(struct key_file *key, struct token token, struct reason *reason)
{
	if (token.text != NULL && token.len > 0 &&
	    sodium_base642bin(key->secret, sizeof key->secret, token.text,
		token.len, " \t\r\n", &key->len, NULL,
		sodium_base64_VARIANT_ORIGINAL) == 0 && key->len > 0)
		return OK;
	reason_set(reason, "the secret is no base64 of 1 to %d bytes",
	    KEY_SECRET_MAX);
	return ERR_MALFORMED;
}

/* What stands between the braces. */
static enum status
take_body(struct key_file *key, struct scanner *s, struct reason *reason)
{
	bool has_algorithm = false;
	bool has_secret = false;
	struct token word;

	while (!token_is(word = next_token(s), "}")) {
		enum status status = ERR_MALFORMED;
		struct token value = next_token(s);
		if (token_is(word, "algorithm") && !has_algorithm) {
			status = take_algorithm(key, value, reason);
			has_algorithm = true;
		} else if (token_is(word, "secret") && !has_secret) {
			status = take_secret(key, value, reason);
			has_secret = true;
		}
		if (status != OK)
			return status;
		if (!expect(s, ";"))
			return ERR_MALFORMED;
	}
	return has_algorithm && has_secret ? OK : ERR_MALFORMED;
}

/* The whole file. @param reason says something already. */
static enum status
take_file(struct key_file *key, struct scanner *s, struct reason *reason)
{
	if (!expect(s, "key"))
		return ERR_MALFORMED;
	struct token name = next_token(s);
	if (name.text == NULL ||
	    dname_parse(&key->name, name.text, name.len, NULL) != OK ||
	    key->name.len < 2) {
		reason_set(reason, "the key's name is no domain name");
		return ERR_MALFORMED;
	}
	if (!expect(s, "{"))
		return ERR_MALFORMED;
	enum status status = take_body(key, s, reason);
	if (status != OK)
		return status;
	bool is_closed = expect(s, ";");
	skip_space(s);
	return is_closed && s->pos == s->end ? OK : ERR_MALFORMED;
}

enum status
key_file_parse(struct key_file *out, const char *text, size_t len,
    struct reason *reason)
{
	struct scanner s = { text, text + len };
	struct key_file key = { .len = 0 };

	reason_set(reason, "no key statement as tsig-keygen writes it, or more "
	    "than one");
	enum status status = take_file(&key, &s, reason);
	if (status == OK)
		*out = key;
	sec_wipe(&key, sizeof key);
	return status;
}

enum status
key_secret_parse(struct key_file *out, const char *text, size_t len)
{
	const char *colon = len > 0 ? memchr(text, ':', len) : NULL;

	if (colon == NULL)
		return ERR_MALFORMED;
	size_t name_len = (size_t)(colon - text);
	if (!mac_find(&out->algorithm, text, name_len))
		return ERR_UNSUPPORTED;
	const char *secret = colon + 1;
	size_t secret_len = len - name_len - 1;
	if (sodium_base642bin(out->secret, sizeof out->secret, secret,
		secret_len, NULL, &out->len, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    out->len < SECRET_MIN)
		return ERR_MALFORMED;
	return OK;
}
