#include "clinux.h"
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
/* The child has the registers of the caller but for the stack pointer, so `body` and `context` are still where they
   were; it never returns into this function's frame, which belongs to the caller. */
static long clone_and_call(struct clone_args *args, int (*body)(void *), void *context) {
  long answer;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "mov %[context], %%rdi\n\t"
      "call *%[body]\n\t"
      "mov %%eax, %%edi\n\t"
      "mov %[leave], %%eax\n\t"
      "syscall\n\t"
      "hlt\n"
      "1:"
      : "=a"(answer)
      : "a"((long)SYS_clone3), "D"(args), "S"(sizeof *args), [body] "r"(body), [context] "r"(context),
        [leave] "i"(SYS_exit_group)
      : "rcx", "r11", "cc", "memory");
  return answer;
}
#elif defined(__aarch64__)
/* As above. */
static long clone_and_call(struct clone_args *args, int (*body)(void *), void *context) {
  register long number __asm__("x8") = SYS_clone3;
  register long first __asm__("x0") = (long)args;
  register long second __asm__("x1") = sizeof *args;
  __asm__ volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x0, %[context]\n\t"
      "blr %[body]\n\t"
      "mov x8, %[leave]\n\t"
      "svc #0\n\t"
      "brk #0\n"
      "1:"
      : "+r"(first)
      : "r"(number), "r"(second), [body] "r"(body), [context] "r"(context), [leave] "i"(SYS_exit_group)
      : "cc", "memory");
  return first;
}
#else
static long clone_and_call(struct clone_args *args, int (*body)(void *), void *context) { return -ENOSYS; }
#endif

pid_t clinux_clone3_sharing(int exit_signal, int cgroup, int (*body)(void *), void *context) {
  const size_t size = 1 << 20;
  void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) return -1;
  struct clone_args args;
  memset(&args, 0, sizeof args);
  args.flags = CLONE_VM | CLONE_VFORK;
  args.exit_signal = (uint64_t)exit_signal;
  args.stack = (uint64_t)(uintptr_t)stack;
  args.stack_size = size;
  if (cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)cgroup;
  }
  long answer = clone_and_call(&args, body, context);
  munmap(stack, size);
  if (answer < 0) {
    errno = (int)-answer;
    return -1;
  }
  return (pid_t)answer;
}
