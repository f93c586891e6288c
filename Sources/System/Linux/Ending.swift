import CLinux

/// What is put in order when a signal ends the program.
public enum Ending {
  /// From now on SIGINT and SIGTERM end the program with 128 and their number, as shells tell such an end, and
  /// SIGHUP by itself, after what the other functions name. What the program was started to ignore stays ignored.
  public static func hearSignals() {
    for signal in [Signal.hangup, .interrupt, .terminate] { _ = clinux_ending_hear(signal.rawValue) }
  }

  /// The terminal gets back the settings that it has now; a descriptor without a terminal is forgotten.
  public static func keepTerminal(_ descriptor: CInt) { _ = clinux_ending_keep_terminal(descriptor) }

  /// The terminal is as it shall be.
  public static func forgetTerminal() { _ = clinux_ending_keep_terminal(-1) }

  /// Whether the cursor stands behind a question: the line is ended then.
  public static func hasOpenLine(_ isOpen: Bool) { clinux_ending_open_line(isOpen ? 1 : 0) }

  /// The file that is removed because it was not written to its end; nil where there is none.
  public static func remove(_ path: String?) {
    guard let path else { return clinux_ending_remove(nil) }
    clinux_ending_remove(path)
  }
}
