/// What a process does about signals, as `/proc/<pid>/status` tells (proc_pid_status(5)).
public struct SignalDispositions: Sendable, Equatable {
  private var blocked: UInt64 = 0
  private var ignored: UInt64 = 0
  private var caught: UInt64 = 0
  /// The first process of a pid namespace that is not the host's.
  public private(set) var isInit = false
  /// The program's name, cut at 15 bytes.
  public private(set) var name = ""

  public static func of(_ pid: Int32) throws(SyscallError) -> SignalDispositions {
    SignalDispositions(try Files.text("/proc/\(pid)/status"))
  }

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let words = parts[1].split { $0 == "\t" || $0 == " " }
      let mask = words.first.flatMap { UInt64($0, radix: 16) } ?? 0
      switch parts[0] {
      case "SigBlk": blocked = mask
      case "SigIgn": ignored = mask
      case "SigCgt": caught = mask
      case "NSpid": isInit = words.count > 1 && words.last == "1"
      case "Name": name = words.joined(separator: " ")
      default: continue
      }
    }
  }

  /// Whether the kernel throws the signal away: the first process of a namespace has no default action (pid_namespaces(7)).
  /// One that is ignored on purpose, or blocked to be waited for, is not meant.
  public func drops(_ signal: Signal) -> Bool {
    guard isInit, (1...64).contains(signal.rawValue), signal != .kill, signal != .stop else { return false }
    return (blocked | ignored | caught) >> UInt64(signal.rawValue - 1) & 1 == 0
  }
}
