import Glibc

/// The flags of `open(2)` for rooms above this floor.
public enum OpenFlags {
  public static let readOnly: CInt = O_RDONLY
  public static let readWrite: CInt = O_RDWR
  public static let directory: CInt = O_RDONLY | O_DIRECTORY
  /// Every write goes to the end; the file is made if there is none.
  public static let appendOrCreate: CInt = O_WRONLY | O_APPEND | O_CREAT
}
