/* gen_zone - write a zone file of N telephone numbers, 5 RRs each.
 * usage: gen_zone -n N [-s SEED] [-z ZONE] [-u] [-N NSADDR] > zonefile
 *   -u  unshared: CNAM text unique per number (default: drawn from a pool of
 *       20000 names; rn= and sip host are per carrier in both cases)
 * Owners are relative to $ORIGIN; 2 NAPTR + TXT RRset of 3 per number. */
#include "numgen.h"
#include "cnam.h"
#include <unistd.h>
int main(int argc, char **argv)
{
	uint64_t n = 1000, seed = 1; const char *zone = "e164.example"; int uns = 0, c;
	const char *ns = "127.0.0.1";
	while ((c = getopt(argc, argv, "n:s:z:uN:")) != -1) switch (c) {
		case 'n': n = strtoull(optarg, 0, 0); break;
		case 's': seed = strtoull(optarg, 0, 0); break;
		case 'z': zone = optarg; break;
		case 'u': uns = 1; break;
		case 'N': ns = optarg; break;
		default: fprintf(stderr, "usage: gen_zone -n N [-s seed] [-z zone] [-u] [-N nsaddr]\n"); return 2;
	}
	struct stock s; stock_init(&s, n, seed);
	static char obuf[1 << 20]; setvbuf(stdout, obuf, _IOFBF, sizeof obuf);
	printf("$ORIGIN %s.\n$TTL 3600\n@ SOA ns1.%s. hostmaster.%s. 1 3600 900 1209600 300\n@ NS ns1\nns1 A %s\n",
	       zone, zone, zone, ns);
	for (uint32_t k = 0; k < s.nb; k++) {
		const struct block *b = &s.b[k];
		for (unsigned x = 0; x < 1000; x++) {
			if (!in_block(&s, b, x)) continue;
			char num[12], own[24], cnam[40];
			e164(b->id, x, num); owner(num, own);
			uint64_t h = mix64(seed ^ ((uint64_t)b->id * 1000 + x));
			cnam_text(cnam, sizeof cnam, h, num, uns);
			printf("%s NAPTR 10 100 \"u\" \"E2U+sip\" \"!^.*$!sip:+%s@sip.carrier%u.example!\" .\n"
			       " NAPTR 20 100 \"u\" \"E2U+pstn:tel\" \"!^.*$!tel:+%s;npdi;rn=+1%03u555%04u!\" .\n"
			       " TXT \"ocn=%u\"\n TXT \"cnam=%s\"\n TXT \"otc=%u\"\n",
			       own, num, b->ocn, num, 200 + b->ocn % 800u, b->ocn, b->ocn, cnam, 1000 + (unsigned)(h >> 40) % 9000);
		}
	}
	return 0;
}
