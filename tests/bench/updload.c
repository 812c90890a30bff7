/*
 * updload: signed UPDATEs in a closed loop, with latencies.
 *
 *	updload -p PORT -k NAME:BASE64 [-s ADDRESS] [-z ZONE] [-W WINDOW]
 *	        [-r RECORDS] [-l SECONDS] [-S SEED] [-R RATE] [-T]
 *
 * Each message adds RECORDS numbers that are not there, with one NAPTR each;
 * a message of one number has "the name is not in use" as prerequisite. Keys
 * are random numbers of 11 digits. WINDOW messages are outstanding; a message
 * is sent once only. hmac-sha256. -T: one pipelined TCP connection; else UDP.
 * Prints one line of JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 65535 + 2, IDS = 65536, LATENCIES = 1 << 24 };

static const char *zone = "e164.example";
static uint8_t key_name[256];
static size_t key_name_len;
static uint8_t secret[256];
static int secret_len;
static unsigned records = 1;
static uint64_t seed = 1;
static uint64_t sent_ns[IDS];
static uint32_t *latency_us;

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t
random64(void)
{
	uint64_t x = seed++ + 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint8_t *
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

static uint8_t *
put_name(uint8_t *p, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, ".");
		*p++ = (uint8_t)len;
		memcpy(p, text, len);
		p += len;
		text += len + (text[len] == '.');
	}
	*p++ = 0;
	return p;
}

/* Digits reversed, then a pointer to the zone's name. */
static uint8_t *
put_number(uint8_t *p, const char *digits)
{
	for (int i = 10; i >= 0; i--) {
		*p++ = 1;
		*p++ = (uint8_t)digits[i];
	}
	return put16(p, 0xc00c);
}

static uint8_t *
put_naptr(uint8_t *p, const char *digits)
{
	char uri[96];
	int len = snprintf(uri, sizeof uri,
	    "!^.*$!sip:+%s@sip.carrier1510.example!", digits);

	p = put_number(p, digits);
	memcpy(p, "\0\43\0\1\0\0\16\20", 8); /* NAPTR IN 3600 */
	p = put16(p + 8, (unsigned)(4 + 2 + 8 + 1 + len + 1));
	memcpy(p, "\0\12\0\144\1u\7E2U+sip", 14);
	p += 14;
	*p++ = (uint8_t)len;
	memcpy(p, uri, (size_t)len);
	p += len;
	*p++ = 0;
	return p;
}

/* TSIG behind a message. */
static uint8_t *
put_tsig(uint8_t *message, uint8_t *p)
{
	static const uint8_t algorithm[] = "\13hmac-sha256";
	uint8_t data[ROOM + 512];
	uint8_t *d = data;
	uint64_t now_s = (uint64_t)time(NULL);
	unsigned mac_len = 32;

	memcpy(d, message, (size_t)(p - message));
	d += p - message;
	memcpy(d, key_name, key_name_len);
	d += key_name_len;
	memcpy(d, "\0\377\0\0\0\0", 6);
	d += 6;
	memcpy(d, algorithm, sizeof algorithm);
	d += sizeof algorithm;
	d = put16(d, (unsigned)(now_s >> 32));
	d = put16(d, (unsigned)(now_s >> 16) & 0xffff);
	d = put16(d, (unsigned)now_s & 0xffff);
	d = put16(d, 300);
	memcpy(d, "\0\0\0\0", 4);
	d += 4;
	memcpy(p, key_name, key_name_len);
	p += key_name_len;
	memcpy(p, "\0\372\0\377\0\0\0\0", 8);
	p = put16(p + 8, (unsigned)(sizeof algorithm + 16 + 32));
	memcpy(p, algorithm, sizeof algorithm);
	p += sizeof algorithm;
	p = put16(p, (unsigned)(now_s >> 32));
	p = put16(p, (unsigned)(now_s >> 16) & 0xffff);
	p = put16(p, (unsigned)now_s & 0xffff);
	p = put16(p, 300);
	p = put16(p, 32);
	HMAC(EVP_sha256(), secret, secret_len, data, (size_t)(d - data), p,
	    &mac_len);
	p += 32;
	memcpy(p, message, 2);
	memcpy(p + 2, "\0\0\0\0", 4);
	message[11] = 1;
	return p + 6;
}

static size_t
make(uint8_t *message, uint16_t id)
{
	uint8_t *p = message;
	char digits[12];

	p = put16(p, id);
	p = put16(p, 0x2800);
	p = put16(p, 1);
	p = put16(p, records == 1);
	p = put16(p, records);
	p = put16(p, 0);
	p = put_name(p, zone);
	memcpy(p, "\0\6\0\1", 4);
	p += 4;
	for (unsigned i = 0; i < records; i++) {
		snprintf(digits, sizeof digits, "1%010llu",
		    (unsigned long long)(random64() % 10000000000u));
		if (records == 1) {
			p = put_number(p, digits);
			memcpy(p, "\0\377\0\376\0\0\0\0\0\0", 10);
			p += 10;
		}
		p = put_naptr(p, digits);
	}
	return (size_t)(put_tsig(message, p) - message);
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
set_key(const char *text)
{
	const char *colon = strchr(text, ':');
	char name[256] = "";

	if (colon == NULL)
		exit(2);
	memcpy(name, text, (size_t)(colon - text));
	key_name_len = (size_t)(put_name(key_name, name) - key_name);
	secret_len = EVP_DecodeBlock(secret, (const uint8_t *)colon + 1,
	    (int)strlen(colon + 1));
	for (const char *p = colon + strlen(colon); p[-1] == '='; p--)
		secret_len--;
}

static int is_tcp;
static int fd;

static void
transmit(const uint8_t *frame, size_t len)
{
	const uint8_t *data = is_tcp ? frame : frame + 2;
	size_t left = is_tcp ? len + 2 : len;

	while (left > 0) {
		ssize_t n = send(fd, data, left, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			perror("send");
			exit(1);
		}
		data += n;
		left -= (size_t)n;
	}
}

static uint8_t in[2 * ROOM];
static size_t in_len;

/* @return an answer in in[2..], or 0: none within two seconds. */
static int
receive(void)
{
	static size_t used;

	if (!is_tcp) {
		ssize_t n = recv(fd, in + 2, ROOM, 0);
		return n >= 12;
	}
	memmove(in, in + used, in_len - used);
	in_len -= used;
	used = 0;
	for (;;) {
		if (in_len >= 2) {
			size_t need = 2 + (size_t)(in[0] << 8 | in[1]);
			if (in_len >= need) {
				used = need;
				return 1;
			}
		}
		ssize_t n = recv(fd, in + in_len, sizeof in - in_len, 0);
		if (n <= 0)
			return 0;
		in_len += (size_t)n;
	}
}

int
main(int argc, char **argv)
{
	static uint8_t frame[ROOM];
	const char *address = "127.0.0.1";
	double seconds = 5;
	double rate = 0;
	unsigned window = 64;
	int port = 0;
	int c;

	while ((c = getopt(argc, argv, "s:p:k:z:W:r:l:S:R:T")) != -1) {
		switch (c) {
		case 's': address = optarg; break;
		case 'p': port = atoi(optarg); break;
		case 'k': set_key(optarg); break;
		case 'z': zone = optarg; break;
		case 'W': window = (unsigned)atoi(optarg); break;
		case 'r': records = (unsigned)atoi(optarg); break;
		case 'l': seconds = atof(optarg); break;
		case 'S': seed = strtoull(optarg, NULL, 0) << 32; break;
		case 'R': rate = atof(optarg); break;
		case 'T': is_tcp = 1; break;
		default: return 2;
		}
	}
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	struct timeval patience = { .tv_sec = 2 };
	inet_pton(AF_INET, address, &to.sin_addr);
	fd = socket(AF_INET, is_tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		perror("connect");
		return 1;
	}
	latency_us = malloc(LATENCIES * sizeof *latency_us);

	uint64_t begin = now_ns();
	uint64_t end = begin + (uint64_t)(seconds * 1e9);
	uint64_t n_sent = 0, n_done = 0, n_lost = 0, rcodes[16] = { 0 };
	unsigned outstanding = 0;
	for (;;) {
		while (outstanding < window && now_ns() < end) {
			uint64_t due = rate > 0 ? begin +
			    (uint64_t)((double)n_sent / rate * 1e9) : 0;
			uint64_t now = now_ns();
			if (due > now && outstanding > 0)
				break;
			if (due > now)
				usleep((unsigned)((due - now) / 1000));
			size_t len = make(frame + 2, (uint16_t)n_sent);
			put16(frame, (unsigned)len);
			sent_ns[n_sent & 0xffff] = now_ns();
			transmit(frame, len);
			n_sent++;
			outstanding++;
		}
		if (outstanding == 0)
			break;
		if (!receive()) {
			n_lost += outstanding;
			outstanding = 0;
			if (is_tcp)
				break;
			continue;
		}
		uint16_t id = (uint16_t)(in[2] << 8 | in[3]);
		if (sent_ns[id] == 0)
			continue;
		latency_us[n_done % LATENCIES] =
		    (uint32_t)((now_ns() - sent_ns[id]) / 1000);
		sent_ns[id] = 0;
		n_done++;
		rcodes[in[5] & 15]++;
		outstanding--;
	}
	double spent = (double)(now_ns() - begin) / 1e9;
	size_t n = n_done < LATENCIES ? n_done : LATENCIES;
	qsort(latency_us, n, sizeof *latency_us, compare);
	printf("{\"per_s\": %.1f, \"records_s\": %.1f, \"answers\": %llu, "
	    "\"noerror\": %llu, \"lost\": %llu, \"p50_us\": %u, "
	    "\"p99_us\": %u, \"max_us\": %u}\n", (double)n_done / spent,
	    (double)rcodes[0] * records / spent, (unsigned long long)n_done,
	    (unsigned long long)rcodes[0], (unsigned long long)n_lost,
	    n > 0 ? latency_us[n / 2] : 0, n > 0 ? latency_us[n * 99 / 100] : 0,
	    n > 0 ? latency_us[n - 1] : 0);
	return 0;
}
