import CLinux

/// This process's memory (malloc(3)).
public enum Memory {
  /// Gives back to the kernel what is free (`malloc_trim(3)`).
  public static func giveBack() { clinux_malloc_trim() }
}
