# Planwatch: planwatchd (daemon), planctl (command line), planwatch-notify (its notification helper).
#
#   make            build everything into $(BUILD)
#   make run        install what is missing, build, watch PLANS=DIR and show the ticks as they happen
#   make check      install what the tests need, build, run all tests
#   make test       the tests alone
#   make system     the units under a real user manager, completions in their shells, what `make install` leaves
#   make matching   how well the diff matches items, on labelled pairs of lists
#   make lint       layers, doors, formatting, shell scripts
#   make capture    which part of the states of fast saves is on record, beside the least that can see them
#   make bench      measurements, as ratios against a floor or a peer in the same run, and the table of goals (20 minutes)
#   make lint-peers planctl lint beside markdownlint-cli2, its SARIF against the schema (needs npm; minutes)
#   make savers     every way in which programs save a file, ROUNDS=2 times each
#   make soak       writers at random against a model of the tree, for MINUTES=30
#   make soak-kill  the same, and the daemon is killed in each of ROUNDS=500
#   make faults     system calls, allocations, disks and databases that fail: the table, a quarter of an hour; `make faults-short` samples
#   make races      folders made in bursts, renamed, vanishing, a full queue of events: ROUNDS=30 of each
#   make property   the comparison of item lists on PAIRS=1000000 random ones
#   make fuzz       whatever reads foreign bytes (plans, times, configuration, socket, database) under libFuzzer, SECONDS=30 for each
#   make coverage   which branches of the library the tests take (gcov)
#   make valgrind   the unit tests under valgrind
#   make analyze    clang-tidy, cppcheck and GCC's analyzer
#   make install    PREFIX= DESTDIR=; `make uninstall` takes the same
#   make deb        the Debian package, built and held against lintian
#   make bare       the package installed, upgraded and purged in a bare Debian 12 (as root, minutes)
#
# Variables: CC, CFLAGS, BUILD (one folder for each variant), WERROR=1, SANITIZE=address,undefined, V=1.

VERSION := 0.1.0
BUILD ?= build
# One spelling for one folder: the dependency files name their targets by it.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
PREFIX ?= /usr/local
DESTDIR ?=
PLANS ?= examples
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))

PKG_CONFIG ?= pkg-config
core_packages := sqlite3 libcjson libzstd libxxhash inih
daemon_packages := libsystemd
notify_packages := libnotify

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough \
	-Wnull-dereference -Wdouble-promotion -Wconversion -Wno-sign-conversion \
	-Wno-overlength-strings $(if $(findstring clang,$(CC)),-Wmissing-variable-declarations -Wcomma,\
	-Wjump-misses-init -Wlogical-op -Wduplicated-cond -Wduplicated-branches)
CFLAGS ?= -O2 -g
ALL_CFLAGS := -std=gnu17 $(WARNINGS) $(if $(WERROR),-Werror) -fno-common -fvisibility=hidden \
	-fstack-protector-strong $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer,-D_FORTIFY_SOURCE=2) $(CFLAGS)
ALL_CPPFLAGS := -Iinclude -D_GNU_SOURCE -DPLANWATCH_VERSION='"$(VERSION)"' \
	-include include/planwatch/banned.h $(CPPFLAGS)
ALL_LDFLAGS := -Wl,--as-needed -Wl,-z,relro,-z,now $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(LDFLAGS)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

lib_objects := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard lib/*.c)))
daemon_objects := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard daemon/*.c)))
cli_objects := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard cli/*.c)))
daemon_whole := $(addprefix $(BUILD)/daemon/,main.o roots.o requests.o)
notify_objects := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard cli/notify/*.c)))
bench_objects := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/bench/*.c)))
bench_floors := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/bench/floors/*.c)))
unit_sources := $(sort $(wildcard tests/unit/test_*.c))
unit_tests := $(patsubst %.c,$(BUILD)/%,$(unit_sources))
fault_programs := $(addprefix $(BUILD)/tests/faults/,ticker witness storm crawl)
programs := $(BUILD)/planctl $(BUILD)/planwatchd $(BUILD)/planwatch-notify

# What the libraries of a list of packages need. Asked of pkg-config only for what is built, so that `make deps` can come first.
pkg_cflags = $(shell $(PKG_CONFIG) --cflags $(1))
pkg_libs = $(shell $(PKG_CONFIG) --libs $(1))

.PHONY: all
all: $(programs)

$(BUILD)/libplanwatch.a: $(lib_objects)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/planctl: $(cli_objects) $(BUILD)/libplanwatch.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(call pkg_libs,$(core_packages))

# libinotifytools ships no pkg-config file.
$(BUILD)/planwatchd: $(daemon_objects) $(BUILD)/libplanwatch.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(call pkg_libs,$(core_packages) $(daemon_packages)) -linotifytools

$(BUILD)/planwatch-notify: $(notify_objects) $(BUILD)/libplanwatch.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(call pkg_libs,$(notify_packages) $(core_packages))

$(notify_objects): ALL_CPPFLAGS += $(call pkg_cflags,$(notify_packages))

$(BUILD)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# A unit test links the library and, where it tests the daemon's own rooms, their objects without those that put them together.
$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(filter-out $(daemon_whole),$(daemon_objects)) $(BUILD)/libplanwatch.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(call pkg_libs,cmocka md4c libcmark $(core_packages) $(daemon_packages)) -linotifytools

# Doors that the end-to-end tests put in front of the kernel, by LD_PRELOAD.
doors := $(patsubst %.c,$(BUILD)/%.so,$(sort $(wildcard tests/doors/*.c)))
$(BUILD)/tests/doors/%.so: tests/doors/%.c tests/doors/door.h Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE -std=gnu17 -Wall -Wextra -O2 -fPIC -shared -o $@ $<

# ---- Tests ----

export BUILD_DIR = $(abspath $(BUILD))
export UBSAN_OPTIONS := halt_on_error=1:print_stacktrace=1
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: check test unit e2e system replay savers races capture matching lint bench
check: deps-check
	$(MAKE) $(jobs) built WERROR=1
	$(MAKE) test WERROR=1
	$(MAKE) $(jobs) all BUILD=$(BUILD)/clang CC=clang WERROR=1
	$(MAKE) $(jobs) built BUILD=$(BUILD)/asan SANITIZE=address,undefined
	$(MAKE) unit e2e BUILD=$(BUILD)/asan SANITIZE=address,undefined
	$(MAKE) savers races BUILD=$(BUILD)/asan SANITIZE=address,undefined ROUNDS=3
	$(MAKE) fuzz SECONDS=10

# Tests run one after the other; what they need is compiled on all processors.
jobs = -j$(shell nproc)
.PHONY: built
built: all $(unit_tests) $(doors) $(fault_programs)

test: all unit e2e system replay savers races faults-short soak-short matching lint

unit: $(unit_tests)
	$(Q)set -e; for test in $(unit_tests); do echo "== $$test"; $$test; done

# The comparison of item lists on a million random pairs.
PAIRS ?= 1000000
.PHONY: property
property: $(BUILD)/tests/unit/test_diff_random
	PAIRS=$(PAIRS) $(BUILD)/tests/unit/test_diff_random

e2e: all $(doors)
	bats $(if $(CI),--print-output-on-failure) tests/e2e

system: all
	bats $(if $(CI),--print-output-on-failure) tests/system

replay: all $(addprefix $(BUILD)/tests/unit/,test_oracle test_edit test_convert_random)
	bats tests/replay

savers: all
	tests/faults/savers.py $(BUILD) $(ROUNDS)

MINUTES ?= 30
.PHONY: soak soak-kill soak-short
soak: all
	tests/soak/soak.py --build $(BUILD) --minutes $(MINUTES)

soak-kill: all
	tests/soak/soak.py --build $(BUILD) --rounds $(or $(ROUNDS),500)

soak-short: all
	tests/soak/soak.py --build $(BUILD) --minutes 0.2 --rounds 4

races: all $(fault_programs) $(doors)
	tests/faults/races.py $(BUILD) $(ROUNDS)

.PHONY: faults faults-short
faults: all $(doors)
	tests/faults/faults.py $(BUILD) full

faults-short: all $(doors)
	tests/faults/faults.py $(BUILD) short

capture: all $(fault_programs)
	tests/faults/capture.py $(BUILD) $(ROUNDS)

$(fault_programs): %: %.o
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^

matching: all
	tests/matching/measure.py $(BUILD)/planctl

lint:
	.ci/lint

# ---- What the tests leave out ----

analyze_needs := clang-tidy cppcheck gcovr valgrind

.PHONY: analyze coverage valgrind
analyze:
	$(Q).ci/deps $(analyze_needs)
	.ci/analyze

# Of the library, by the unit tests, the end-to-end tests, real plans, and planctl without memory or with calls that fail; about fifteen
# minutes. What the faults say is not asked here: a program that counts does so at its end, too, where it has no memory or cannot write.
# It fails where there are fewer than nineteen of twenty branches, less what differs from run to run; nine of ten is the goal.
coverage: export CFLAGS = -O0 -g --coverage
coverage: export LDFLAGS = --coverage
coverage:
	$(Q).ci/deps $(analyze_needs)
	$(MAKE) unit e2e replay all $(patsubst $(BUILD)/%,$(BUILD)/coverage/%,$(doors)) BUILD=$(BUILD)/coverage
	-tests/faults/faults.py $(BUILD)/coverage full "planctl, the n-th allocation fails" "planctl, the n-th system call fails" \
		>$(BUILD)/coverage/faults.log
	gcovr --root . --filter 'lib/' --exclude-unreachable-branches --print-summary --sort-percentage --fail-under-branch 94 $(BUILD)/coverage

# The random tests and the pathologies are for the sanitizers: here they take an hour. valgrind knows no openat2(2), by which the recorder reads.
valgrind: $(unit_tests)
	$(Q).ci/deps $(analyze_needs)
	set -e; for test in $(filter-out %_random %/test_scan %/test_oracle %/test_recorder,$(unit_tests)); do \
		valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,indirect $$test; done

# SIZES= folders of the trees, EVENTS= of the large record, IDLE= seconds, ROUNDS= of what is counted, REAL_PLANS= a folder of plans to
# read besides those that it makes itself, SUBJECTS= some of them (see bench.py). A peer that is not installed is skipped; `make deps-bench`.
export SIZES EVENTS IDLE ROUNDS REAL_PLANS
bench: all $(BUILD)/tests/bench/bench $(bench_floors) $(fault_programs) $(doors)
	tests/bench/bench.py $(BUILD) $(SUBJECTS)

# Beside markdownlint-cli2, and against the schema of SARIF; both come from npm.
.PHONY: lint-peers
lint-peers: all
	tests/bench/lint_peers.py $(BUILD) $(REAL_PLANS)

# It measures the block scanner alone, too, which is private to lib/. cmark-gfm's extensions ship no pkg-config file.
$(bench_objects): ALL_CPPFLAGS += -Ilib
$(BUILD)/tests/bench/bench: $(bench_objects) $(BUILD)/libplanwatch.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(call pkg_libs,$(core_packages) md4c libcmark-gfm) -lcmark-gfm-extensions

# What answers a question with SQLite alone.
$(bench_floors): %: %.o
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(call pkg_libs,sqlite3)

# Findings of what reads bytes that others have written, looked for with libFuzzer: SECONDS for each target (`make fuzz SECONDS=600`
# takes an hour and three quarters), optimised as the product is. What a run learns stays in $(BUILD)/fuzz/corpus-*, a finding beside
# it. It begins with tests/fuzz/NAME where a target has seeds of its own, else with tests/fuzz/seeds and tests/data; they are only read.
# The entropic schedule spends more time on weighing features, of which our tables of words make thousands, than on running.
SECONDS ?= 30
fuzz_targets := fuzz_scan fuzz_plan fuzz_edit fuzz_lint fuzz_diff fuzz_convert fuzz_times fuzz_config fuzz_frames fuzz_store
.PHONY: fuzz
fuzz:
	$(MAKE) $(jobs) BUILD=$(BUILD)/fuzz CC=clang SANITIZE=address,undefined,fuzzer-no-link $(addprefix $(BUILD)/fuzz/,$(fuzz_targets))
	set -e; for target in $(fuzz_targets); do \
		mkdir -p $(BUILD)/fuzz/corpus-$$target; \
		$(BUILD)/fuzz/$$target -entropic=0 -artifact_prefix=$(BUILD)/fuzz/$$target- -max_total_time=$(SECONDS) -max_len=20000 \
			-dict=tests/fuzz/plan.dict -print_final_stats=1 $(BUILD)/fuzz/corpus-$$target \
			$$(ls -d tests/fuzz/$${target#fuzz_} 2>/dev/null || echo tests/fuzz/seeds tests/data); \
	done

$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libplanwatch.a
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $^ $(call pkg_libs,$(core_packages))

# ---- What is needed, installed with apt-get after saying what ----

build_needs := gcc make pkg-config libc6-dev libinotifytools0-dev libsqlite3-dev libcjson-dev libnotify-dev libsystemd-dev \
	libzstd-dev libxxhash-dev libinih-dev
check_needs := $(build_needs) git libcmocka-dev libmd4c-dev libcmark-dev libcmark-gfm-dev libcmark-gfm-extensions-dev bats jq sqlite3 clang clang-format libclang-rt-14-dev shellcheck mandoc \
	systemd util-linux dunst notification-daemon python3-gi xdotool xvfb xauth dbus x11-utils imagemagick fonts-dejavu-core vim-tiny nano ed patch rsync perl python3 procps strace tmux \
	zsh fish desktop-file-utils appstream librsvg2-bin tzdata \
	cmark-gfm emacs-nox python3-html5lib python3-icalendar taskwarrior todotxt-cli

bench_needs := $(check_needs) inotify-tools watchman fswatch entr ripgrep

.PHONY: deps deps-check deps-bench
deps:
	$(Q).ci/deps $(build_needs)
deps-check:
	$(Q).ci/deps $(check_needs)
deps-bench:
	$(Q).ci/deps $(bench_needs)

# ---- Running it here, beside one's own daemon ----

.PHONY: run
run: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q).ci/try $(BUILD) "$(PLANS)"

# ---- Installing ----

man_pages := $(wildcard man/*.[1578])
bin := $(DESTDIR)$(PREFIX)/bin
share := $(DESTDIR)$(PREFIX)/share
systemd_folder := $(DESTDIR)$(PREFIX)/lib/systemd
units := planwatchd.service planwatchd.socket planwatch-notify.service
id := io.github.planwatch.planwatch
completions := $(addprefix $(BUILD)/completions/,planctl.bash planctl.zsh planctl.fish)

$(BUILD)/completions/planctl.%: $(BUILD)/planctl
	$(Q)mkdir -p $(@D) && $< completion $* > $@

.PHONY: install uninstall
install: all $(completions)
	install -D -m 755 -t $(bin) $(BUILD)/planctl $(BUILD)/planwatchd
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/libexec/planwatch $(BUILD)/planwatch-notify
	for page in $(man_pages); do install -D -m 644 -t $(share)/man/man$${page##*.} $$page; done
	mkdir -p $(systemd_folder)/user
	for unit in $(units); do \
		sed 's|@PREFIX@|$(PREFIX)|g' $$(ls systemd/$$unit systemd/$$unit.in 2>/dev/null) > $(systemd_folder)/user/$$unit; done
	install -D -m 644 -t $(systemd_folder)/user-preset systemd/80-planwatch.preset
	install -D -m 644 $(BUILD)/completions/planctl.bash $(share)/bash-completion/completions/planctl
	install -D -m 644 $(BUILD)/completions/planctl.zsh $(share)/zsh/site-functions/_planctl
	install -D -m 644 $(BUILD)/completions/planctl.fish $(share)/fish/vendor_completions.d/planctl.fish
	install -D -m 644 -t $(share)/applications desktop/$(id).desktop
	install -D -m 644 -t $(share)/metainfo desktop/$(id).metainfo.xml
	install -D -m 644 -t $(share)/icons/hicolor/scalable/apps desktop/$(id).svg

uninstall:
	rm -f $(bin)/planctl $(bin)/planwatchd $(DESTDIR)$(PREFIX)/libexec/planwatch/planwatch-notify
	for page in $(man_pages); do rm -f $(share)/man/man$${page##*.}/$${page##*/}; done
	for unit in $(units); do rm -f $(systemd_folder)/user/$$unit; done
	rm -f $(systemd_folder)/user-preset/80-planwatch.preset $(share)/bash-completion/completions/planctl \
		$(share)/zsh/site-functions/_planctl $(share)/fish/vendor_completions.d/planctl.fish \
		$(share)/applications/$(id).desktop $(share)/metainfo/$(id).metainfo.xml $(share)/icons/hicolor/scalable/apps/$(id).svg

-include $(patsubst %.o,%.d,$(lib_objects) $(daemon_objects) $(cli_objects) $(notify_objects) $(bench_objects) \
	$(addsuffix .o,$(unit_tests) $(fault_programs) $(bench_floors))) $(wildcard $(BUILD)/tests/fuzz/*.d)

# ---- The Debian package, into $(BUILD)/deb ----

deb_needs := $(build_needs) dpkg-dev debhelper lintian libcmocka-dev libmd4c-dev libcmark-dev
.PHONY: deb bare
deb:
	$(Q).ci/deps $(deb_needs)
	rm -rf $(BUILD)/deb && mkdir -p $(BUILD)/deb/planwatch-$(VERSION)
	tar -c --exclude=./build --exclude=./$(BUILD) --exclude-vcs . | tar -x -C $(BUILD)/deb/planwatch-$(VERSION)
	cd $(BUILD)/deb/planwatch-$(VERSION) && env -u BUILD -u MAKEFLAGS -u MAKELEVEL dpkg-buildpackage -b -us -uc
	lintian --fail-on error,warning,info --pedantic $(BUILD)/deb/planwatch_$(VERSION)_*.changes

# Installed, upgraded and purged in a Debian 12 with nothing else in it. Takes minutes and root.
bare: deb
	$(Q).ci/deps debootstrap
	tests/system/bare.sh $(BUILD)/deb $(VERSION)

.PHONY: clean
clean:
	rm -rf $(BUILD)
