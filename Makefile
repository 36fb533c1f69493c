# Touchline. `make run` brings up the demo, `make test` runs everything CI runs; both install what is missing.
#   make                 the four programs, libtouchline and libtl in build/
#   make unit            unit tests alone (cmocka), in seconds
#   make run / test      brings up the demo / runs everything that CI runs; both install what is missing (tools/packages.txt)
#   make study           planted data through the statistics: what is found, what stays silent
#   make lint asan tsan fuzz bench cover prove install clean
#   make B=DIR ...       build elsewhere;  CC=clang CXX=clang++ works as well;  SAN=address,undefined|thread adds sanitizers
B    ?= build
# make has a CC and a CXX of its own: only what was given counts
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
# V=1 shows commands whole
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2);)
JOBS := $(shell nproc)
SAN  ?=
OPT  ?= -O2 -g

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Werror
CPPFLAGS += -Iinclude -Ischemas -D_GNU_SOURCE -I$(B)/gen
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
CFLAGS   += -std=c11 $(OPT) $(WARN) -pthread $(SANFLAGS)
CXXFLAGS += -std=c++17 $(OPT) -Wall -Wextra -Werror -fno-exceptions -fno-rtti $(SANFLAGS)
LDFLAGS  += -pthread $(SANFLAGS)
LIBS     := -lzmq -llmdb -lmsgpackc -lmicrohttpd -lsodium -lz -lzstd -lroaring -lexpat -lcurl -lsimdjson -lqrencode -lstdc++ -lm

objs = $(patsubst %,$(B)/%.o,$(basename $(1)))
LIB_SRC := $(wildcard lib/*.c lib/*.cc)
COL_SRC := $(wildcard collector/*.c collector/sources/*.c)
AGG_SRC := $(wildcard aggregator/*.c)
VIE_SRC := $(wildcard viewer/*.c viewer/analysis/*.c)
CLI_SRC := $(wildcard cli/*.c)
SDK_SRC := $(wildcard collector/sdk/c/*.c)

LIBTL := $(B)/libtl.a
PARTS := $(B)/collector.a $(B)/aggregator.a $(B)/viewer.a $(B)/cli.a
PROGS := $(B)/touchline $(B)/touchline-collector $(B)/touchline-aggregator $(B)/touchline-viewer
UNIT  := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/t_*.c))

all: $(PROGS) $(B)/libtouchline.a $(B)/examples/till

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@
$(B)/%.o: %.cc
	@mkdir -p $(@D)
	$(call say,C++,$<)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c $< -o $@

# static files travel inside the programs: tools/embed.sh writes an assembler file with one .incbin a file
# of d3 the page carries the parts that it uses, one plain script: scales and what they stand on
D3 := $(foreach part,array interpolate scale,/usr/share/nodejs/d3-$(part)/dist/d3-$(part).min.js)
$(B)/gen/d3.min.js: $(D3)
	@mkdir -p $(@D)
	$(Q)cat $(D3) > $@
# comments and indents are for who reads the source: a browser gets lines without them, so that its line numbers are those of the source
$(B)/gen/embed_web.o: Makefile tools/embed.sh $(wildcard viewer/web/*) $(B)/gen/d3.min.js
	@rm -rf $(B)/gen/web; mkdir -p $(B)/gen/web
	$(Q)cp viewer/web/* $(B)/gen/web/ && sed -i 's|^[[:space:]]*//.*||; s|^[[:space:]]*||' $(B)/gen/web/*.js && sed -i 's|^[[:space:]]*||' $(B)/gen/web/*.css
	$(Q)sh tools/embed.sh web $(B)/gen/web/* $(B)/gen/d3.min.js > $(B)/gen/embed_web.S
	$(Q)$(CC) -c $(B)/gen/embed_web.S -o $@
# catalogues that travel inside `touchline`: embed_NAME of a folder of schemas/catalogue
define embed_catalogue
$(B)/gen/embed_$(1).o: tools/embed.sh $(wildcard schemas/catalogue/$(2)/*.json)
	@mkdir -p $$(@D)
	$(Q)sh tools/embed.sh $(1) $(wildcard schemas/catalogue/$(2)/*.json) > $(B)/gen/embed_$(1).S
	$(Q)$(CC) -c $(B)/gen/embed_$(1).S -o $$@
endef
$(eval $(call embed_catalogue,tea,tea))
$(eval $(call embed_catalogue,line,line))
$(eval $(call embed_catalogue,five,five-stages))
$(B)/gen/embed_models.o: tools/embed.sh schemas/catalogue/models.json
	@mkdir -p $(@D)
	$(Q)sh tools/embed.sh models schemas/catalogue/models.json > $(B)/gen/embed_models.S
	$(Q)$(CC) -c $(B)/gen/embed_models.S -o $@
# the JavaScript SDKs, each one file: what they share, and what a page or a mini program is
$(B)/sdk/touchline.js: collector/sdk/js/core.js collector/sdk/js/web.js tools/sdk.sh
$(B)/sdk/touchline-mini.js: collector/sdk/js/core.js collector/sdk/js/mini.js tools/sdk.sh
SDK_JS := $(B)/sdk/touchline.js $(B)/sdk/touchline-mini.js
$(SDK_JS):
	@mkdir -p $(@D)
	$(Q)sh tools/sdk.sh $(notdir $(word 2,$^)) > $@
$(B)/gen/embed_sdk.o: tools/embed.sh $(SDK_JS)
	@mkdir -p $(@D)
	$(Q)sh tools/embed.sh sdk $(SDK_JS) > $(B)/gen/embed_sdk.S
	$(Q)$(CC) -c $(B)/gen/embed_sdk.S -o $@

define archive
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^
endef
$(LIBTL): $(call objs,$(LIB_SRC)) $(B)/gen/embed_models.o ; $(archive)
$(B)/collector.a: $(call objs,$(filter-out %/main.c,$(COL_SRC))) $(B)/gen/embed_sdk.o ; $(archive)
$(B)/aggregator.a: $(call objs,$(filter-out %/main.c,$(AGG_SRC))) ; $(archive)
$(B)/viewer.a: $(call objs,$(filter-out %/main.c,$(VIE_SRC))) $(B)/gen/embed_web.o ; $(archive)
$(B)/cli.a: $(call objs,$(filter-out %/main.c,$(CLI_SRC))) $(addprefix $(B)/gen/embed_,tea.o line.o five.o) ; $(archive)
# the C SDK carries of libtl what it uses, and no C++; only the calls of touchline.h can be seen from outside. It may become part of a shared library.
SDK_OBJS := $(patsubst %.c,$(B)/sdk/%.o,$(SDK_SRC) $(addprefix lib/,tl_crc.c tl_err.c tl_fetch.c tl_json_utf8.c tl_json_write.c tl_mem.c tl_port.c tl_time.c))
SDK_CALLS := $(addprefix touchline_,new identify track send heartbeat flush stats free)
$(B)/sdk/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -ffunction-sections -fdata-sections -MMD -MP -c $< -o $@
$(B)/libtouchline.a: $(SDK_OBJS)
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR,$@)ld -r --gc-sections $(addprefix -u ,$(SDK_CALLS)) -o $(B)/sdk/touchline.o $^
	$(Q)objcopy $(addprefix --keep-global-symbol=,$(SDK_CALLS)) $(B)/sdk/touchline.o
	$(Q)ar rcs $@ $(B)/sdk/touchline.o
$(B)/examples/till: collector/sdk/c/examples/till.c include/touchline.h $(B)/libtouchline.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -Iinclude $(CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libtouchline.a -lcurl

link = $(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $(1) $(LIBTL) $(LIBS)
$(B)/touchline-collector: $(B)/collector/main.o $(B)/collector.a $(LIBTL)
	$(call link,$(B)/collector/main.o $(B)/collector.a)
$(B)/touchline-aggregator: $(B)/aggregator/main.o $(B)/aggregator.a $(LIBTL)
	$(call link,$(B)/aggregator/main.o $(B)/aggregator.a)
$(B)/touchline-viewer: $(B)/viewer/main.o $(B)/viewer.a $(LIBTL)
	$(call link,$(B)/viewer/main.o $(B)/viewer.a)
$(B)/touchline: $(B)/cli/main.o $(B)/cli.a $(LIBTL)
	$(call link,$(B)/cli/main.o $(B)/cli.a)

$(B)/unit/%: $(B)/tests/unit/%.o $(PARTS) $(LIBTL) $(B)/libtouchline.a
	@mkdir -p $(@D)
	$(call link,$< $(PARTS) $(B)/libtouchline.a) -lcmocka
unit: $(UNIT)
	@for t in $(UNIT); do $$t || exit 1; done

# ---- other test programs: one a .c, linked with every part; *_part.c are shared by the programs of their folder ----
programs = $(patsubst tests/$(1)/%.c,$(B)/$(1)/%,$(filter-out %_part.c %_preload.c,$(wildcard tests/$(1)/*.c)))
parts_of = $(call objs,$(wildcard tests/$(1)/*_part.c))
define test_folder
$(B)/$(1)/%: $(B)/tests/$(1)/%.o $(call parts_of,$(1)) $(PARTS) $(LIBTL)
	@mkdir -p $$(@D)
	$$(call link,$$< $(call parts_of,$(1)) $(PARTS)) $(2)
endef
$(eval $(call test_folder,sim,-lcmocka))
$(eval $(call test_folder,flow,))
$(eval $(call test_folder,fault,-ldl))
$(eval $(call test_folder,bench,))
$(eval $(call test_folder,fuzz,-fsanitize=fuzzer))
sim flow fault bench-programs fuzzers: all
sim: $(call programs,sim)
flow: $(call programs,flow)
fault: $(call programs,fault) $(patsubst tests/fault/%_preload.c,$(B)/fault/%.so,$(wildcard tests/fault/*_preload.c))
$(B)/fault/%.so: tests/fault/%_preload.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c11 $(OPT) -Wall -Wextra -Werror -fPIC -shared -o $@ $< -pthread
bench-programs: $(call programs,bench)
fuzzers: $(call programs,fuzz)

# ---- what people type ----
run: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@$(B)/touchline up --demo
deps:
	@sh tools/packages.sh run
test:
	@sh tools/packages.sh test
	@bash tests/run.sh
lint:
	sh tools/lint.sh
asan:
	$(MAKE) B=build-asan SAN=address,undefined OPT='-O1 -g' all sim flow bench-programs unit
	bash tests/sim/run.sh build-asan
	bash tests/fault/asan.sh build-asan
tsan:
	$(MAKE) B=build-tsan CC=clang CXX=clang++ SAN=thread OPT='-O1 -g' all unit
fuzz:
	$(MAKE) B=build-fuzz CC=clang CXX=clang++ SAN=fuzzer-no-link,address,undefined OPT='-O1 -g' fuzzers
	bash tests/fuzz/run.sh build-fuzz $(or $(SECONDS_EACH),60)
bench: bench-programs
	bash tests/bench/run.sh $(B)
study: $(B)/bench/study
	$(B)/bench/study
mutants: all sim flow fault
	bash tests/fault/mutants.sh $(B)
soak: all sim flow fault
	bash tests/soak.sh $(B) $(STAGES)
cover:
	@mkdir -p build-cover && find build-cover -name '*.gcda' -delete
	$(Q)$(CC) -c tools/cover_exit.c -o build-cover/exit.o
	$(MAKE) B=build-cover OPT='-O0 -g --coverage' LDFLAGS='-pthread --coverage -Wl,--wrap=_exit build-cover/exit.o' all sim flow fault bench-programs unit
	bash tests/cover.sh build-cover
	bash tools/cover.sh build-cover
prove: all
	PROVE=1 bash tests/run.sh

PREFIX ?= /usr/local
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include
	install -m 755 $(PROGS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(B)/libtouchline.a $(DESTDIR)$(PREFIX)/lib
	install -m 644 include/touchline.h $(DESTDIR)$(PREFIX)/include
	install -d $(DESTDIR)$(PREFIX)/share/man/man3 $(DESTDIR)$(PREFIX)/share/touchline
	install -m 644 collector/sdk/c/touchline.3 $(DESTDIR)$(PREFIX)/share/man/man3
	install -m 644 $(SDK_JS) $(DESTDIR)$(PREFIX)/share/touchline

clean:
	rm -rf build build-*
-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all unit sim flow fault bench-programs fuzzers run deps test lint asan tsan fuzz bench study mutants soak cover prove install clean
.SECONDARY:
