/*
 * Foreign names and rdata: the input is a message with a name at its start,
 * and once more the text of a name, and the rdata of the type in its first
 * two bytes. What is accepted must read back as the same.
 */
#include "fuzz/fuzz.h"

#include "dns/name.h"
#include "dns/rdata.h"
#include "registry/scope.h"

#include <string.h>

/* Text, owner and class of a name. */
static void
check_name(const struct dname *name)
{
	static const struct dname root = { .len = 1 };
	char text[NAME_TEXT_MAX];
	struct dname back;
	struct owner owner;

	FUZZ_CHECK(dname_check(name->bytes, name->len) == name->len);
	(void)dname_format(text, sizeof text, name);
	FUZZ_CHECK(dname_parse(&back, text, strlen(text), NULL) == OK);
	FUZZ_CHECK(back.len == name->len &&
	    memcmp(back.bytes, name->bytes, back.len) == 0);

	FUZZ_CHECK(owner_from_dname(&owner, name, &root) == OK);
	FUZZ_CHECK(owner_is_valid(owner_blob(&owner)));
	FUZZ_CHECK(owner_to_dname(&back, owner_blob(&owner), &root) == OK);
	FUZZ_CHECK(dname_equal(&back, name));
	FUZZ_CHECK(name_classify(owner_blob(&owner)).scope ==
	    owner_scope(owner_blob(&owner)));
}

static void
check_rdata(const uint8_t *data, size_t len)
{
	static uint8_t out[RDATA_MAX];
	size_t out_len = 0;
	uint16_t type = (uint16_t)(data[0] << 8 | data[1]);
	struct blob rdata = { data + 2, len - 2 };

	bool is_plain = rdata_check(type, rdata, NULL) == OK;
	enum status status = rdata_read(out, sizeof out, &out_len, type, data,
	    len, 2, len - 2);
	struct blob read = { out, out_len };

	/* Without compression reading is copying. */
	FUZZ_CHECK(!is_plain || (status == OK && blob_equal(rdata, read)));
	if (status == OK) {
		FUZZ_CHECK(rdata_check(type, read, NULL) == OK);
		FUZZ_CHECK(rdata_equal(type, read, read));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct dname origin = { .len = 3, .bytes = "\1z" };
	struct dname name;
	size_t offset = 0;

	if (dname_read(&name, data, len, &offset) == OK) {
		FUZZ_CHECK(offset > 0 && offset <= len);
		check_name(&name);
	}
	if (dname_parse(&name, (const char *)data, len, &origin) == OK)
		check_name(&name);
	if (len >= 2 && len <= RDATA_MAX)
		check_rdata(data, len);
	return 0;
}
