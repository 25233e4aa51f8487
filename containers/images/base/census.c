/* Notes every question for an environment variable that this process asks by getenv or secure_getenv: the name, who
 * asked, and how often. Preloaded in an audit's census and never in a measurement.
 *
 * Nothing here takes a lock: the question may come while the loader holds its own, from many threads at once, or from
 * a handler of signals. Which library an address belongs to is looked up when it is told, not when it is noted.
 * Told by census_reads and census_objects to a descriptor, as lines whose fields are separated by tabs; a name's bytes
 * that are not printable, and %, are written as %XX.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define ENTRIES 16384 /* a power of two; TensorFlow asks from some hundred places */
#define NAME_BYTES 200 /* what is longer is cut: no variable of a library is */

extern char **environ;

enum { FREE, BEING_WRITTEN, WRITTEN };

struct question {
  atomic_int state;
  atomic_ulong calls;
  void *asked_from;
  char name[NAME_BYTES + 1];
};

static struct question questions[ENTRIES];
static atomic_ulong not_noted; /* the table was full */

static uint32_t place_of(const char *name, const void *asked_from) {
  uint32_t hash = 2166136261u ^ (uint32_t)(uintptr_t)asked_from;
  for (int i = 0; name[i] && i < NAME_BYTES; i++) hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  return hash;
}

static void note(const char *name, void *asked_from) {
  uint32_t place = place_of(name, asked_from);
  for (int tried = 0; tried < ENTRIES; tried++, place++) {
    struct question *entry = &questions[place % ENTRIES];
    int state = FREE;
    if (atomic_compare_exchange_strong(&entry->state, &state, BEING_WRITTEN)) {
      entry->asked_from = asked_from;
      strncpy(entry->name, name, NAME_BYTES);
      atomic_fetch_add(&entry->calls, 1);
      atomic_store(&entry->state, WRITTEN);
      return;
    }
    /* One that is being written counts as another: the two are added up by whoever reads. */
    if (state == WRITTEN && entry->asked_from == asked_from && !strncmp(entry->name, name, NAME_BYTES)) {
      atomic_fetch_add(&entry->calls, 1);
      return;
    }
  }
  atomic_fetch_add(&not_noted, 1);
}

static char *value_of(const char *name) {
  size_t length = strlen(name);
  if (!environ || !length) return NULL;
  for (char **entry = environ; *entry; entry++)
    if (!strncmp(*entry, name, length) && (*entry)[length] == '=') return *entry + length + 1;
  return NULL;
}

char *getenv(const char *name) {
  note(name, __builtin_return_address(0));
  return value_of(name);
}

char *secure_getenv(const char *name) {
  note(name, __builtin_return_address(0));
  return getauxval(AT_SECURE) ? NULL : value_of(name);
}

static void write_name(int to, const char *name) {
  for (; *name; name++) {
    unsigned char byte = (unsigned char)*name;
    if (byte > ' ' && byte < 127 && byte != '%') dprintf(to, "%c", byte);
    else dprintf(to, "%%%02X", byte);
  }
}

/* NAME, LIBRARY, CALLS of each question since this was called last; the number that the table had no room for. */
unsigned long census_reads(int to) {
  for (int i = 0; i < ENTRIES; i++) {
    struct question *entry = &questions[i];
    unsigned long calls = atomic_load(&entry->state) == WRITTEN ? atomic_exchange(&entry->calls, 0) : 0;
    if (!calls) continue;
    Dl_info library;
    int known = dladdr(entry->asked_from, &library) && library.dli_fname;
    write_name(to, entry->name);
    dprintf(to, "\t%s\t%lu\n", known ? library.dli_fname : "", calls);
  }
  return atomic_load(&not_noted);
}

static size_t symbols_of(const ElfW(Word) *hash, const uint32_t *gnu) {
  if (hash) return hash[1];
  if (!gnu) return 0;
  uint32_t buckets = gnu[0], first = gnu[1], last = 0;
  const uint32_t *bucket = (const uint32_t *)((const ElfW(Addr) *)(gnu + 4) + gnu[2]);
  for (uint32_t i = 0; i < buckets; i++)
    if (bucket[i] > last) last = bucket[i];
  if (last < first) return first;
  const uint32_t *chain = bucket + buckets - first;
  while (!(chain[last] & 1)) last++;
  return last + 1;
}

static int tell(struct dl_phdr_info *object, size_t size, void *to) {
  (void)size;
  const ElfW(Dyn) *dynamic = NULL;
  for (int i = 0; i < object->dlpi_phnum; i++)
    if (object->dlpi_phdr[i].p_type == PT_DYNAMIC)
      dynamic = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
  if (!dynamic || !object->dlpi_name[0]) return 0;
  const ElfW(Sym) *symbols = NULL;
  const char *strings = NULL;
  const void *hash = NULL, *gnu = NULL;
  for (; dynamic->d_tag != DT_NULL; dynamic++) {
    /* glibc has relocated these; what lies below the object's address is none of them (the kernel's vdso). */
    const void *at = (const void *)dynamic->d_un.d_ptr;
    if ((uintptr_t)at < object->dlpi_addr) continue;
    if (dynamic->d_tag == DT_SYMTAB) symbols = at;
    if (dynamic->d_tag == DT_STRTAB) strings = at;
    if (dynamic->d_tag == DT_HASH) hash = at;
    if (dynamic->d_tag == DT_GNU_HASH) gnu = at;
  }
  if (!symbols || !strings) return 0;
  int own = 0, around = 0;
  size_t number = symbols_of(hash, gnu);
  /* Undefined symbols come before the first that the GNU table knows; a table of nothing else has no end. */
  for (size_t i = 0; i < number; i++) {
    const char *name = strings + symbols[i].st_name;
    int defined = symbols[i].st_shndx != SHN_UNDEF;
    if (defined && (!strcmp(name, "getenv") || !strcmp(name, "secure_getenv"))) own = 1;
    if (!defined && (!strcmp(name, "environ") || !strcmp(name, "__environ"))) around = 1;
  }
  if (own || around) dprintf(*(int *)to, "%s\t%s\n", object->dlpi_name, own ? "own getenv" : "environ");
  return 0;
}

/* LIBRARY, HOW of each loaded object whose questions may go past this file: it has a getenv of its own, or reads
 * `environ` itself. */
void census_objects(int to) { dl_iterate_phdr(tell, &to); }
