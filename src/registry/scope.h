/*
 * What kind of name an owner is: the table of DESIGN "the state is a zone".
 * Decides who may write it, where it is kept and whether it is served.
 * Layer 2; pure.
 */
#ifndef REGISTRY_SCOPE_H
#define REGISTRY_SCOPE_H

#include "base/bytes.h"
#include "e164/tn.h"

enum scope {
	SCOPE_PUBLIC,  /* image and store; query, AXFR */
	SCOPE_WHOIS,   /* below w: store only (w itself, the cut, is public) */
	SCOPE_PRIVATE, /* at or below _registry: store only, registrars only */
	SCOPE_PSEUDO,  /* at or below _has, _pin, _code, _dryrun, and _key below
	                * an OCN: in an UPDATE only */
};

enum name_kind {
	NAME_APEX,
	NAME_NUMBER,       /* N: tn is the number */
	NAME_BLOCK,        /* *.P: tn is the prefix P, 1..15 digits */
	NAME_OCN,          /* <ocn>._ocn */
	NAME_POOL,         /* <prefix>._pool: tn is the prefix */
	NAME_WHOIS_NUMBER, /* N.w */
	NAME_WHOIS_BLOCK,  /* *.P.w */
	NAME_HAS,          /* _has.N */
	NAME_PIN,          /* _pin.N */
	NAME_CODE,         /* _code.N */
	NAME_DRY_RUN,      /* _dryrun, at the apex */
	NAME_KEY,          /* <key>._key.<ocn>._ocn: a key of the OCN */
	NAME_OTHER,        /* hosts, CNAMEs, delegations, ...; in any scope */
};

struct name_class {
	enum scope scope;
	enum name_kind kind;
	struct tn tn; /* for the kinds that have one */
	char ocn[5];  /* NAME_OCN, NAME_KEY: four characters and NUL, upper
	               * case */
};

/*
 * Classify an owner. Total: every valid owner gets a class. _has, _pin, _code
 * and _dryrun are pseudo directly at the apex (kind OTHER, but DRY_RUN for the
 * last) and at a number; deeper labels below other names mean nothing.
 * Thread: any.
 */
struct name_class name_classify(struct blob owner);

/*
 * Where an owner is kept: name_classify(owner).scope, cheaper.
 * Thread: any.
 */
enum scope owner_scope(struct blob owner);

#endif
