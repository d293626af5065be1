/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include "planwatch/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

static void __attribute__((format(printf, 2, 0)))
write_line(const char *prefix, const char *format, va_list arguments)
{
	/* Not allocated: that memory is out must be said, too. Two paths fit. */
	char message[2 * PATH_MAX + 512];

	(void)vsnprintf(message, sizeof(message), format, arguments);
	(void)fprintf(stderr, "%splanwatchd: ", getenv("JOURNAL_STREAM") ? prefix : "");
	text_print(message, stderr);
	(void)fputc('\n', stderr);
}

#define DEFINE_LOG(name, prefix)                       \
	void name(const char *format, ...)             \
	{                                              \
		va_list arguments;                     \
		va_start(arguments, format);           \
		write_line(prefix, format, arguments); \
		va_end(arguments);                     \
	}

DEFINE_LOG(log_error, SD_ERR)
DEFINE_LOG(log_warning, SD_WARNING)
DEFINE_LOG(log_info, SD_INFO)
