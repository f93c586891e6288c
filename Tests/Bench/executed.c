/* executed OUTPUT PROGRAM ARGS...: runs a static program that is linked to fixed addresses below 2 GiB and does not
   replace itself, a step at a time, with every process that it makes, until that executes another program. Writes the
   address of each instruction that was executed, once, in the order in which they were met. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned char seen[1 << 28];

static void note(pid_t pid, FILE *out) {
  struct user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, pid, 0, &registers) == -1 || registers.rip >= 1ull << 31) return;
  unsigned char bit = (unsigned char)(1 << (registers.rip & 7));
  if (seen[registers.rip >> 3] & bit) return;
  seen[registers.rip >> 3] |= bit;
  fprintf(out, "%llx\n", registers.rip);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  FILE *out = fopen(argv[1], "a");
  if (!out) return 2;
  setvbuf(out, 0, _IOLBF, 0);
  pid_t first = fork();
  if (first == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(argv[2], argv + 2);
    _exit(127);
  }
  int status, code = 1;
  waitpid(first, &status, 0);
  ptrace(PTRACE_SETOPTIONS, first, 0,
         PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  ptrace(PTRACE_SINGLESTEP, first, 0, 0);
  for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) {
      if (pid == first) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
      continue;
    }
    if (status >> 16 == PTRACE_EVENT_EXEC) {
      ptrace(PTRACE_DETACH, pid, 0, 0);
      continue;
    }
    note(pid, out);
    int signal = WSTOPSIG(status);
    ptrace(PTRACE_SINGLESTEP, pid, 0, signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
  }
  fclose(out);
  return code;
}
