#include "creadonlystart.h"
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* The entry of the program, before the C library's own: nothing of that may be called from here, not even what a compiler
   puts in for a loop or an initialiser; there are no thread-local variables yet, and so no stack protector. */
#if defined(__x86_64__)
__asm__(".text\n"
        ".globl skiff_read_only_entry\n"
        ".type skiff_read_only_entry, @function\n"
        "skiff_read_only_entry:\n"
        "  mov %rsp, %rdi\n"
        "  push %rdx\n"
        "  push %rdx\n"
        "  call skiff_start_read_only\n"
        "  pop %rdx\n"
        "  pop %rdx\n"
        "  jmp _start\n"
        ".size skiff_read_only_entry, . - skiff_read_only_entry\n");

static long call(long number, long a, long b, long c, long d, long e) {
  long result;
  register long fourth __asm__("r10") = d;
  register long fifth __asm__("r8") = e;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl skiff_read_only_entry\n"
        ".type skiff_read_only_entry, %function\n"
        "skiff_read_only_entry:\n"
        "  mov x0, sp\n"
        "  bl skiff_start_read_only\n"
        "  mov x0, #0\n"
        "  mov x29, #0\n"
        "  mov x30, #0\n"
        "  b _start\n"
        ".size skiff_read_only_entry, . - skiff_read_only_entry\n");

static long call(long number, long a, long b, long c, long d, long e) {
  register long word __asm__("x8") = number;
  register long first __asm__("x0") = a;
  register long second __asm__("x1") = b;
  register long third __asm__("x2") = c;
  register long fourth __asm__("x3") = d;
  register long fifth __asm__("x4") = e;
  __asm__ volatile("svc #0"
                   : "+r"(first)
                   : "r"(word), "r"(second), "r"(third), "r"(fourth), "r"(fifth)
                   : "memory");
  return first;
}
#endif

static int same(const char *one, const char *other) {
  while (*one && *one == *other) one++, other++;
  return *one == *other;
}

static int is_asked(long count, char **arguments) {
  for (long i = 1; i < count; i++)
    if (same(arguments[i], "run") || same(arguments[i], "create") || same(arguments[i], "exec")) return 1;
  return 0;
}

/* The new program's stack as the kernel leaves it: the count of the arguments, these, a null, the environment. */
__attribute__((used, no_stack_protector, visibility("hidden"))) void skiff_start_read_only(long *stack) {
  static const char own[] = "/proc/self/exe";
  static const struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + *stack + 1;
  struct statfs found;
  if (!is_asked(*stack, arguments) || call(SYS_statfs, (long)own, (long)&found, 0, 0, 0) < 0) return;
  if (found.f_flags & ST_RDONLY) return;
  long mount = call(SYS_open_tree, AT_FDCWD, (long)own, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, 0, 0);
  if (mount < 0) return;
  if (call(SYS_mount_setattr, mount, (long)"", AT_EMPTY_PATH, (long)&attributes, sizeof attributes) == 0)
    call(SYS_execveat, mount, (long)"", (long)arguments, (long)environment, AT_EMPTY_PATH);
  call(SYS_close, mount, 0, 0, 0, 0);
}
