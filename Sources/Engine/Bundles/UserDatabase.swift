import EngineErrors

/// Who a process runs as, in numbers.
public struct ResolvedUser: Sendable, Equatable {
  public var uid: UInt32
  public var gid: UInt32
  /// As initgroups(3) would set them: the primary group stands among them, so that a file that denies its group something
  /// denies it to this user too (CVE-2022-36109).
  public var additionalGroups: [UInt32]
  /// The home directory that passwd names; "/" where the user has no entry.
  public var home: String

  public init(uid: UInt32, gid: UInt32, additionalGroups: [UInt32] = [], home: String = "/") {
    self.uid = uid
    self.gid = gid
    self.additionalGroups = additionalGroups
    self.home = home
  }
}

/// A container's passwd(5) and group(5), as far as they are readable; lines that are malformed are passed over.
public struct UserDatabase: Sendable {
  struct User {
    let name: String
    let uid: UInt32
    let gid: UInt32
    let home: String
  }
  struct Group {
    let name: String
    let gid: UInt32
    let members: [String]
  }

  let users: [User]
  let groups: [Group]

  public init(passwd: String, group: String) {
    users = Self.lines(passwd).compactMap { fields in
      guard fields.count >= 4, let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { return nil }
      return User(name: fields[0], uid: uid, gid: gid, home: fields.count > 5 ? fields[5] : "")
    }
    groups = Self.lines(group).compactMap { fields in
      guard fields.count >= 3, let gid = UInt32(fields[2]) else { return nil }
      let members = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
      return Group(name: fields[0], gid: gid, members: members)
    }
  }

  private static func lines(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { line in
      line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Resolves `user`, `uid`, `user:group`, `uid:gid` and mixtures, as `USER` and `--user` take them, and
  /// the names or numbers of `--group-add`.
  public func resolve(_ text: String, adding extra: [String] = []) throws(EngineError) -> ResolvedUser {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let wanted = parts.first.flatMap { $0.isEmpty ? nil : $0 } ?? "0"
    let entry =
      users.first { $0.name == wanted } ?? UInt32(wanted).flatMap { uid in users.first { $0.uid == uid } }
    let given = try entry == nil ? Self.number(wanted) : nil
    guard let uid = entry?.uid ?? given else {
      throw EngineError(.invalidArgument, "unable to find user \(wanted): no matching entries in passwd file")
    }
    var user = ResolvedUser(
      uid: uid, gid: entry?.gid ?? 0, home: entry.map { $0.home.isEmpty ? "/" : $0.home } ?? "/")
    if parts.count == 2, !parts[1].isEmpty {
      user.gid = try group(parts[1])
    } else if let name = entry?.name {
      user.additionalGroups = groups.filter { $0.members.contains(name) && $0.gid != user.gid }.map(\.gid)
    }
    user.additionalGroups.insert(user.gid, at: 0)
    for name in extra {
      let gid = try group(name)
      if !user.additionalGroups.contains(gid) { user.additionalGroups.append(gid) }
    }
    return user
  }

  /// Nil for what is no number.
  private static func number(_ text: String) throws(EngineError) -> UInt32? {
    guard let number = Int64(text) else { return nil }
    guard number >= 0, number <= Int32.max else {
      throw EngineError(.invalidArgument, "uids and gids must be in range 0-\(Int32.max)")
    }
    return UInt32(number)
  }

  private func group(_ text: String) throws(EngineError) -> UInt32 {
    if let gid = groups.first(where: { $0.name == text })?.gid { return gid }
    if let gid = try Self.number(text) { return gid }
    throw EngineError(.invalidArgument, "unable to find group \(text): no matching entries in group file")
  }
}
