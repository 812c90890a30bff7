/*
 * Text of rare record types, by ldns. Its functions assert on odd input, so
 * they get words without control characters, bounded, and wire form that has
 * been checked. Layer 6; any thread.
 */
#include "zonefile/rdata_ldns.h"

#include "dns/rdata.h"

#include <ldns/ldns.h>

#include <stdlib.h>
#include <string.h>

enum {
	LINE_MAX_BYTES = 140 * 1024, /* 64 KiB in hexadecimal, and air */
	LINE_HEAD_BYTES = 40, /* ". 0 IN TYPE", with air */
	WORD_AIR = 4, /* space, quotes, NUL */
	RR_FIXED = 11, /* root owner, type, class, TTL, length */
};

uint16_t
type_by_mnemonic(const char *mnemonic)
{
	if (strlen(mnemonic) > 20)
		return 0;
	return (uint16_t)ldns_get_rr_type_by_name(mnemonic);
}

/* One line as ldns reads it: ". 0 IN TYPE words". @return NULL: too long. */
static char *
join_words(uint16_t type, const struct word *words, size_t n)
{
	size_t len = LINE_HEAD_BYTES;

	for (size_t i = 0; i < n; i++) {
		if (words[i].len + WORD_AIR > LINE_MAX_BYTES - len)
			return NULL;
		len += words[i].len + WORD_AIR;
	}
	char *line = malloc(len);
	if (line == NULL)
		return NULL;
	int used = snprintf(line, LINE_HEAD_BYTES, ". 0 IN TYPE%u", type);
	char *mnemonic = ldns_rr_type2str((ldns_rr_type)type);
	if (mnemonic != NULL)
		used = snprintf(line, LINE_HEAD_BYTES, ". 0 IN %s", mnemonic);
	free(mnemonic);
	size_t at = (size_t)used;
	for (size_t i = 0; i < n; i++) {
		line[at++] = ' ';
		if (words[i].is_quoted)
			line[at++] = '"';
		memcpy(line + at, words[i].text, words[i].len);
		at += words[i].len;
		if (words[i].is_quoted)
			line[at++] = '"';
	}
	line[at] = '\0';
	return line;
}

enum status
text_to_rdata(uint8_t *out, size_t *out_len, uint16_t type,
    const struct word *words, size_t n, struct reason *reason)
{
	ldns_rr *rr = NULL;
	char *line = join_words(type, words, n);
	enum status status = ERR_MALFORMED;
	size_t len = 0;

	if (line == NULL) {
		reason_set(reason, "the record is too long");
		return ERR_MALFORMED;
	}
	ldns_status result = ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL);
	if (result != LDNS_STATUS_OK || rr == NULL) {
		const char *why = ldns_get_errorstr_by_id(result);
		reason_set(reason, "%s", why != NULL ? why : "not understood");
		goto out;
	}
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		if (rdf == NULL || ldns_rdf_data(rdf) == NULL ||
		    ldns_rdf_size(rdf) > RDATA_MAX - len) {
			reason_set(reason, "not understood, or too long");
			goto out;
		}
		memcpy(out + len, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
		len += ldns_rdf_size(rdf);
	}
	*out_len = len;
	status = OK;
out:
	ldns_rr_free(rr);
	free(line);
	return status;
}

/* The record alone in wire form, as ldns reads it. */
static ldns_rr *
rr_from_rdata(uint16_t type, struct blob rdata)
{
	uint8_t *wire = malloc(RR_FIXED + rdata.len);
	ldns_rr *rr = NULL;
	size_t at = 0;

	if (wire == NULL)
		return NULL;
	struct writer w = writer_make(wire, RR_FIXED + rdata.len);
	write_u8(&w, 0);
	write_u16(&w, type);
	write_u16(&w, CLASS_IN);
	write_u32(&w, 0);
	write_u16(&w, (uint16_t)rdata.len);
	write_bytes(&w, rdata.data, rdata.len);
	if (ldns_wire2rr(&rr, wire, writer_len(&w), &at,
	    LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		rr = NULL;
	free(wire);
	return rr;
}

size_t
rdata_to_text(char *out, size_t cap, uint16_t type, struct blob rdata)
{
	ldns_rr *rr = rr_from_rdata(type, rdata);
	size_t len = 0;

	if (rr == NULL)
		return 0;
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));
		size_t text_len = text == NULL ? cap : strlen(text);
		if (text_len + 2 > cap - len) {
			free(text);
			len = 0;
			break;
		}
		if (len > 0)
			out[len++] = ' ';
		memcpy(out + len, text, text_len + 1);
		len += text_len;
		free(text);
	}
	ldns_rr_free(rr);
	return len;
}
