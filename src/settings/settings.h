/*
 * Settings of e164d and e164ctl: one YAML file, one typed struct that does not
 * change after loading, one schema table (settings.def). Layer 7.
 */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "base/status.h"
#include "net/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	SETTINGS_ADDRESSES_MAX = 16,
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

#endif
