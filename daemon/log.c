/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include "planwatch/cleanup.h"
#include "planwatch/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

static void __attribute__((format(printf, 2, 0)))
write_line(const char *prefix, const char *format, va_list arguments)
{
	cleanup_free char *message = NULL, *printable = NULL;

	if (vasprintf(&message, format, arguments) < 0) {
		message = NULL;
		return;
	}
	printable = text_printable(message);
	(void)fprintf(stderr, "%splanwatchd: %s\n", getenv("JOURNAL_STREAM") ? prefix : "",
		      printable ? printable : "out of memory");
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
