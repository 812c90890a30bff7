/*
 * Settings of e164d and e164ctl: one YAML file, one typed struct that does not
 * change after loading, one schema table (settings.def). Layer 7.
 */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "base/status.h"
#include "net/net.h"
#include "sys/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	SETTINGS_ADDRESSES_MAX = NET_ADDRESSES_MAX,
	SETTINGS_PATH_MAX = 1024,
};

struct settings {
	char registrar[64];
	char state[SETTINGS_PATH_MAX];   /* directory */
	char control[SETTINGS_PATH_MAX]; /* socket path */
	struct net_address dns[SETTINGS_ADDRESSES_MAX];
	size_t n_dns;
	struct net_address tls[SETTINGS_ADDRESSES_MAX];
	size_t n_tls;
	struct net_address peer;
	bool has_peer;
	struct net_address secondaries[SETTINGS_ADDRESSES_MAX];
	char secondary_keys[SETTINGS_ADDRESSES_MAX][256]; /* "" unsigned */
	size_t n_secondaries;
	char user[64];          /* to run as; "" stay as started */
	enum log_format log_format;
	enum log_level log_level;
	unsigned threads;       /* query threads */
	uint64_t cache_bytes;   /* of Berkeley DB */
	uint64_t image_bytes;   /* most the image may take */
	uint64_t ballast_bytes; /* file that keeps room for recovery */
	uint64_t low_disk_bytes; /* below this much free: no updates */
	struct net_limits tcp;
	bool is_sha1_allowed;  /* TSIG keys for hmac-sha1 */
	unsigned tsig_mac_min; /* bytes of a truncated MAC */
	char version_bind[256]; /* "" = refused */
	char id_server[256];    /* "" = refused */
};

/*
 * Load and check a file. All errors are found, not only the first; each is
 * printed as file:line:column, the line, a caret, and the nearest valid
 * spelling.
 * @param errors where to print, e.g. stderr.
 * @return OK; ERR_NOT_FOUND, ERR_MALFORMED, ERR_IO (all printed).
 */
MUST_CHECK enum status settings_load(struct settings *out, const char *path,
    FILE *errors);

enum { SETTINGS_CHANGES_MAX = 64 }; /* as many as there are options */

/* Options that differ, by their paths. */
struct settings_changes {
	const char *paths[SETTINGS_CHANGES_MAX];
	size_t n;
};

/*
 * Take over from a freshly loaded file what can change while the registrar
 * runs; the other fields of now are not touched, so others may read them.
 * @param taken out: options that are taken over.
 * @param waiting out: options that differ and need a restart.
 */
void settings_take(struct settings *now, const struct settings *loaded,
    struct settings_changes *taken, struct settings_changes *waiting);

#endif
