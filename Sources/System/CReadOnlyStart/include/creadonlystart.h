#pragma once
/* A program that this is linked into, called with one of the words `run`, `create` or `exec` anywhere in its arguments,
   executes itself again from a detached read-only mount of its own file before anything else in it has run: Swift's
   runtime would be set up twice otherwise, which costs a fifth of a millisecond. A word that means something else costs
   that much once.

   This is haste, not protection: where it does not succeed the program goes on from where it is, and whoever needs the
   mount (ContainerRuntime's ProgramProtection) looks for himself. */
