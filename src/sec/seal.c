/*
 * The group's secrets on disk and the sealing of TSIG secrets in the state.
 *
 * The secrets file, text so that it can be carried by hand:
 *	e164d secrets 1
 *	seal-key <base64>
 *	pepper <base64>
 *	check <base64 of BLAKE2b-256 over the lines before>
 *
 * Layer 6; any thread.
 */
#include "sec/seal.h"

#include "sec/sec.h"
#include "sys/file.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILE_CAP = 512, /* bytes of the secrets file at most */
	B64 = sodium_base64_VARIANT_ORIGINAL,
};

_Static_assert(SEAL_KEY_LEN == crypto_secretbox_KEYBYTES, "key");
_Static_assert(SEAL_EXTRA ==
	crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES, "extra");

static const char heading[] = "e164d secrets 1\n";

void
secrets_generate(struct group_secrets *out)
{
	sec_random(out->seal_key, sizeof out->seal_key);
	sec_random(out->pepper, sizeof out->pepper);
}

/* The file's text for these secrets. @return its length. */
static size_t
secrets_write(char text[FILE_CAP], const struct group_secrets *secrets)
{
	char key[64], pepper[64], check[64];
	uint8_t sum[32];

	sodium_bin2base64(key, sizeof key, secrets->seal_key, SEAL_KEY_LEN,
	    B64);
	sodium_bin2base64(pepper, sizeof pepper, secrets->pepper, PEPPER_LEN,
	    B64);
	int len = snprintf(text, FILE_CAP, "%sseal-key %s\npepper %s\n",
	    heading, key, pepper);
	crypto_generichash(sum, sizeof sum, (const uint8_t *)text,
	    (unsigned long long)len, NULL, 0);
	sodium_bin2base64(check, sizeof check, sum, sizeof sum, B64);
	len += snprintf(text + len, FILE_CAP - (size_t)len, "check %s\n",
	    check);
	sec_wipe(key, sizeof key);
	sec_wipe(pepper, sizeof pepper);
	return (size_t)len;
}

enum status
secrets_save(const struct group_secrets *secrets, const char *path,
    struct reason *reason)
{
	char text[FILE_CAP];

	size_t len = secrets_write(text, secrets);
	enum status status = file_replace(&file_ops_system, path, text, len,
	    0600, reason);
	sec_wipe(text, sizeof text);
	return status;
}

/* The base64 value behind `word ` at the start of line *at, which moves on. */
static bool
read_line(const char **at, const char *word, uint8_t out[32])
{
	size_t word_len = strlen(word);
	const char *end = strchr(*at, '\n');
	size_t got = 0;

	if (end == NULL || strncmp(*at, word, word_len) != 0)
		return false;
	const char *value = *at + word_len;
	if (end < value || sodium_base642bin(out, 32, value,
		(size_t)(end - value), NULL, &got, NULL, B64) != 0 ||
	    got != 32)
		return false;
	*at = end + 1;
	return true;
}

/* Others must not be able to read it: better to stop than to go on so. */
static enum status
check_mode(const char *path, struct reason *reason)
{
	struct stat info;

	if (stat(path, &info) != 0) {
		bool is_missing = errno == ENOENT;
		reason_set(reason, "%s: %s%s", path, strerror(errno),
		    is_missing ? "; put it back from a backup, the keys of "
		    "the registry cannot be read without it" : "");
		return is_missing ? ERR_NOT_FOUND : ERR_IO;
	}
	if ((info.st_mode & 077) != 0) {
		reason_set(reason, "%s can be read by others (mode %03o); run "
		    "chmod 600 on it, and think of the keys as known", path,
		    (unsigned)info.st_mode & 0777u);
		return ERR_DAMAGED;
	}
	return OK;
}

enum status
secrets_load(struct group_secrets *out, const char *path,
    struct reason *reason)
{
	char text[FILE_CAP];
	size_t len = 0;
	struct group_secrets read;
	uint8_t want[32], have[32];

	enum status status = check_mode(path, reason);
	if (status != OK)
		return status;
	status = file_load(path, text, sizeof text - 1, &len, reason);
	if (status != OK)
		return status;
	text[len] = '\0';
	const char *at = text;
	bool is_good = strncmp(at, heading, sizeof heading - 1) == 0;
	if (is_good) {
		at += sizeof heading - 1;
		is_good = read_line(&at, "seal-key ", read.seal_key) &&
		    read_line(&at, "pepper ", read.pepper);
	}
	if (is_good) {
		crypto_generichash(have, sizeof have, (const uint8_t *)text,
		    (size_t)(at - text), NULL, 0);
		is_good = read_line(&at, "check ", want) && *at == '\0' &&
		    sodium_memcmp(want, have, sizeof want) == 0;
	}
	sec_wipe(text, sizeof text);
	if (is_good)
		*out = read;
	else
		reason_set(reason, "%s is no secrets file or is damaged; put "
		    "it back from a backup", path);
	sec_wipe(&read, sizeof read);
	return is_good ? OK : ERR_DAMAGED;
}

size_t
secret_seal(uint8_t *out, const uint8_t *secret, size_t len,
    const struct group_secrets *secrets)
{
	sec_random(out, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, secret, len,
	    out, secrets->seal_key);
	return len + SEAL_EXTRA;
}

enum status
secret_open(uint8_t *out, const uint8_t *sealed, size_t sealed_len,
    const struct group_secrets *secrets)
{
	if (sealed_len < SEAL_EXTRA)
		return ERR_DAMAGED;
	if (crypto_secretbox_open_easy(out, sealed +
		crypto_secretbox_NONCEBYTES, sealed_len -
		crypto_secretbox_NONCEBYTES, sealed, secrets->seal_key) != 0)
		return ERR_DAMAGED;
	return OK;
}
