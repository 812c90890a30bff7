/* gen_csv - the numbers of gen_zone (same -n -s -u) as a file for
 * `e164ctl import --format csv`.
 * usage: gen_csv -n N [-s SEED] [-u] > numbers.csv */
#include "numgen.h"
#include "cnam.h"
#include <unistd.h>

int main(int argc, char **argv)
{
	uint64_t n = 1000, seed = 1;
	int unshared = 0, c;

	while ((c = getopt(argc, argv, "n:s:u")) != -1) switch (c) {
		case 'n': n = strtoull(optarg, 0, 0); break;
		case 's': seed = strtoull(optarg, 0, 0); break;
		case 'u': unshared = 1; break;
		default:
			fprintf(stderr, "usage: gen_csv -n N [-s seed] [-u]\n");
			return 2;
	}
	struct stock s;
	stock_init(&s, n, seed);
	printf("number,ocn,naptr_sip,lrn,cnam,otc,assignee,zip,location\n");
	for (uint32_t k = 0; k < s.nb; k++) {
		const struct block *b = &s.b[k];
		for (unsigned x = 0; x < 1000; x++) {
			if (!in_block(&s, b, x)) continue;
			char num[12], cnam[40];
			e164(b->id, x, num);
			uint64_t h = mix64(seed ^ ((uint64_t)b->id * 1000 + x));
			cnam_text(cnam, sizeof cnam, h, num, unshared);
			printf("%s,%u,sip:+%s@sip.carrier%u.example,1%03u555%04u,%s,%u,,,\n",
			       num, b->ocn, num, b->ocn, 200 + b->ocn % 800u, b->ocn,
			       cnam, 1000 + (unsigned)(h >> 40) % 9000);
		}
	}
	return ferror(stdout) || fflush(stdout);
}
