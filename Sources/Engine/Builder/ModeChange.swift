import EngineErrors

/// `--chmod`: `755`, or chmod(1)'s `u=rwX,go=rX`.
struct ModeChange: Sendable, Equatable {
  private enum Kind: Equatable {
    case absolute(UInt32)
    case clauses([Clause])
  }
  private struct Clause: Equatable {
    /// The bits of user, group and other that it touches, as a mask over 0o7777.
    var who: UInt32
    var operation: Character
    var permissions: String
  }
  private let kind: Kind

  init(_ text: String) throws(EngineError) {
    if let number = UInt32(text, radix: 8), number <= 0o7777 {
      kind = .absolute(number)
      return
    }
    var clauses: [Clause] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let clause = Self.clause(part) else {
        throw EngineError(
          .invalidArgument,
          "invalid chmod parameter: '\(text)'. it should be octal string and between 0 and 07777")
      }
      clauses.append(contentsOf: clause)
    }
    kind = .clauses(clauses)
  }

  func applied(to mode: UInt32, isDirectory: Bool) -> UInt32 {
    switch kind {
    case .absolute(let number): return number
    case .clauses(let clauses):
      return clauses.reduce(mode) { Self.apply($1, to: $0, isDirectory: isDirectory) }
    }
  }

  private static func clause(_ text: Substring) -> [Clause]? {
    let letters = text.prefix { "ugoa".contains($0) }
    var who: UInt32 = 0
    for letter in letters {
      switch letter {
      case "u": who |= 0o4700
      case "g": who |= 0o2070
      case "o": who |= 0o1007
      default: who |= 0o7777
      }
    }
    if letters.isEmpty { who = 0o7777 }
    var rest = text[letters.endIndex...]
    var clauses: [Clause] = []
    while let operation = rest.first {
      guard "+-=".contains(operation) else { return nil }
      rest.removeFirst()
      let permissions = rest.prefix { "rwxXstugo".contains($0) }
      clauses.append(Clause(who: who, operation: operation, permissions: String(permissions)))
      rest = rest[permissions.endIndex...]
    }
    return clauses.isEmpty ? nil : clauses
  }

  private static func apply(_ clause: Clause, to mode: UInt32, isDirectory: Bool) -> UInt32 {
    var bits: UInt32 = 0
    for letter in clause.permissions {
      switch letter {
      case "r": bits |= 0o444
      case "w": bits |= 0o222
      case "x": bits |= 0o111
      case "X": if isDirectory || mode & 0o111 != 0 { bits |= 0o111 }
      case "s": bits |= 0o6000
      case "t": bits |= 0o1000
      case "u": bits |= (mode >> 6 & 7) * 0o111
      case "g": bits |= (mode >> 3 & 7) * 0o111
      default: bits |= (mode & 7) * 0o111
      }
    }
    bits &= clause.who
    switch clause.operation {
    case "+": return mode | bits
    case "-": return mode & ~bits
    default: return mode & ~(clause.who & 0o777) & ~(clause.who & 0o7000 & ~(isDirectory ? 0o6000 : 0)) | bits
    }
  }
}
