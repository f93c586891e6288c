import CLinux

/// This process's memory (malloc(3)).
public enum Memory {
  /// Gives back to the kernel what is free (`malloc_trim(3)`).
  public static func giveBack() { clinux_malloc_trim() }

  /// Keeps at most 256 KiB free at the end of each thread's heap, and 1 MiB and more in no heap at all (`mallopt(3)`).
  ///
  /// By itself malloc raises both limits up to 64 and 32 MiB as large pieces are freed, and `giveBack` does not reach the
  /// end of a heap that is not the first thread's.
  public static func keepLittle() { clinux_malloc_keep_little() }
}
