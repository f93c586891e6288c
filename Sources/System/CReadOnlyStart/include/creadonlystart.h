#pragma once
/* The entry point `skiff_read_only_entry` for a static program (ld -e): called with one of the words `run`, `create` or
   `exec` anywhere in its arguments, the program executes itself again from a detached read-only mount of its own file
   before anything else in it has run. Otherwise the C library, which asks the processor about itself (4 microseconds a
   question on a virtual machine), and Swift's runtime would be set up twice: a fifth of a millisecond and more. A word
   that means something else costs that much once.

   This is haste, not protection: where it does not succeed the program goes on from where it is, and whoever needs the
   mount (ContainerRuntime's ProgramProtection) looks for himself. */
