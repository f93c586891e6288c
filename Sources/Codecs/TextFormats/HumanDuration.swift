/// How long something took or lasts, in words: `About a minute`, `2 hours`.
public enum HumanDuration {
  /// Docker's words for a number of seconds; what lies in the future counts as less than a second.
  public static func text(seconds: Int64) -> String {
    let minutes = seconds / 60
    let hours = Int64((Double(seconds) / 3600).rounded())
    return switch true {
    case seconds < 1: "Less than a second"
    case seconds == 1: "1 second"
    case seconds < 60: "\(seconds) seconds"
    case minutes == 1: "About a minute"
    case minutes < 60: "\(minutes) minutes"
    case hours == 1: "About an hour"
    case hours < 48: "\(hours) hours"
    case hours < 24 * 7 * 2: "\(hours / 24) days"
    case hours < 24 * 30 * 2: "\(hours / 24 / 7) weeks"
    case hours < 24 * 365 * 2: "\(hours / 24 / 30) months"
    default: "\(hours / 24 / 365) years"
    }
  }

  /// `2 hours ago`.
  public static func since(_ then: Timestamp, now: Timestamp) -> String {
    text(seconds: now.seconds - then.seconds) + " ago"
  }
}
