/*
 * sd_notify without libsystemd. Layer 10; any thread.
 */
#include "server/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
notify_send(const char *lines)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return;
	size_t len = strlen(path);
	if (len >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@') /* abstract name */
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	ssize_t sent = sendto(fd, lines, strlen(lines), MSG_NOSIGNAL,
	    (const struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	(void)sent;
	close(fd);
}

/* A number above 0 and nothing else; 0 otherwise. */
static unsigned long long
environment_number(const char *name)
{
	const char *text = getenv(name);
	char *end = NULL;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return 0;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0 ? number : 0;
}

bool
notify_has_watchdog(void)
{
	if (environment_number("WATCHDOG_USEC") == 0)
		return false;
	return getenv("WATCHDOG_PID") == NULL ||
	    environment_number("WATCHDOG_PID") ==
	    (unsigned long long)getpid();
}
