import Glibc

/// `clock_gettime(2)`, in nanoseconds.
public enum Clock {
  /// Since 1970 (UTC); may be set back and forth.
  public static var realtime: Int64 { nanoseconds(CLOCK_REALTIME) }
  /// Since some moment at boot; never runs backwards.
  public static var monotonic: Int64 { nanoseconds(CLOCK_MONOTONIC) }

  /// How far the user's clock (TZ, /etc/localtime) is ahead of UTC at a moment, in seconds, and what it is called then
  /// (localtime(3)).
  public static func zone(at seconds: Int64) -> (offset: Int64, name: String) {
    tzset()
    var moment = time_t(seconds)
    var local = tm()
    guard localtime_r(&moment, &local) != nil else { return (0, "UTC") }
    return (Int64(local.tm_gmtoff), local.tm_zone.map { String(cString: $0) } ?? "")
  }

  /// Blocks the calling thread (nanosleep(2)).
  public static func sleep(milliseconds: Int) {
    var left = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    var rest = timespec()
    while nanosleep(&left, &rest) == -1 && errno == EINTR { left = rest }
  }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
