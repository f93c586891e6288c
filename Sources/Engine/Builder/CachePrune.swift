import DockerAPI
import EngineErrors
import Filtering
import TextFormats

/// Which entries of the build cache a prune is to remove, by BuildKit's rules; pure.
public struct CachePrune: Sendable {
  /// Entries that images have, too.
  public var all = false
  public var filters = Filters()
  /// Bytes of cache that are kept whatever else is said; 0 for none.
  public var reservedSpace: Int64 = 0
  /// Bytes that the cache may have; 0 for no bound.
  public var maximumSpace: Int64 = 0
  /// Bytes that are to be free on the disk afterwards; 0 for no aim.
  public var minimumFree: Int64 = 0

  public init() {}

  private static let fields = ["id", "parent", "type", "description", "inuse", "shared", "private"]

  /// Nothing is left.
  var isTotal: Bool { all && filters.values.isEmpty && !isBounded }
  private var isBounded: Bool { reservedSpace != 0 || maximumSpace != 0 || minimumFree != 0 }

  /// Refuses filters that cannot be understood, in docker's words.
  public func check() throws(EngineError) {
    try filters.admit(Set(Self.fields).union(["until", "unused-for", "label", "label!"]))
    guard filters.values["until"] == nil || filters.values["unused-for"] == nil else {
      throw EngineError(.invalidArgument, "conflicting filters: \"until\" and \"unused-for\"")
    }
    for key in Self.fields + ["until", "unused-for"] where filters[key].count > 1 {
      throw EngineError(.invalidArgument, "filters expect only one value")
    }
    _ = try unusedSince()
    for key in ["inuse", "shared", "private"] where !filters[key].isEmpty { _ = try filters.flag(key) }
    _ = try idPattern()
  }

  /// The ids of what goes: never an entry that another one stands on which stays.
  ///
  /// - Parameter free: the free bytes of the disk now.
  public func selection(of entries: [CacheEntry], free: Int64) throws(EngineError) -> [String] {
    let candidates = try candidates(entries)
    var children: [String: Int] = [:]
    for entry in entries { if let parent = entry.parent { children[parent, default: 0] += 1 } }
    var total = entries.reduce(Int64(0)) { $0 + ($1.isShared ? 0 : $1.size) }
    let bound = bound(total: total, free: free)
    // The one to go first is the last.
    var ready = candidates.values.filter { children[$0.id, default: 0] == 0 }.sorted {
      Self.goesFirst($1, $0)
    }
    var gone: [String] = []
    while let entry = ready.last, bound.map({ total > $0 }) ?? true {
      ready.removeLast()
      gone.append(entry.id)
      total -= entry.isShared ? 0 : entry.size
      guard let id = entry.parent else { continue }
      children[id, default: 1] -= 1
      if children[id] == 0, let parent = candidates[id] {
        let place = ready.firstIndex { Self.goesFirst($0, parent) } ?? ready.endIndex
        ready.insert(parent, at: place)
      }
    }
    return gone
  }

  private static func goesFirst(_ one: CacheEntry, _ other: CacheEntry) -> Bool {
    (one.lastUsed, one.uses, one.id) < (other.lastUsed, other.uses, other.id)
  }

  /// What may go, but for those that stand on it.
  private func candidates(_ entries: [CacheEntry]) throws(EngineError) -> [String: CacheEntry] {
    var candidates: [String: CacheEntry] = [:]
    for entry in try matching(entries) where !entry.isInUse && (all || !entry.isShared) {
      candidates[entry.id] = entry
    }
    return candidates
  }

  /// Those that the filters mean, in their order, whether they may be removed or not.
  public func matching(_ entries: [CacheEntry]) throws(EngineError) -> [CacheEntry] {
    let since = try unusedSince()
    let pattern = try idPattern()
    var matching: [CacheEntry] = []
    for entry in entries {
      if let since, let used = Timestamp(rfc3339: entry.lastUsed), used > since { continue }
      if let pattern, !pattern.matches(entry.id) { continue }
      if try matches(entry) { matching.append(entry) }
    }
    return matching
  }

  private func matches(_ entry: CacheEntry) throws(EngineError) -> Bool {
    func holds(_ key: String, _ truth: Bool) throws(EngineError) -> Bool {
      guard filters.values[key] != nil else { return true }
      return try (filters[key].isEmpty ? true : filters.flag(key)) == truth
    }
    func equals(_ key: String, _ text: String?) -> Bool { filters.accept(key) { $0 == text } }
    // Entries have no labels.
    guard filters["label"].isEmpty, equals("parent", entry.parent), equals("type", entry.kind.rawValue),
      equals("description", entry.description)
    else { return false }
    guard try holds("inuse", entry.isInUse), try holds("shared", entry.isShared) else { return false }
    return try holds("private", !entry.isShared)
  }

  /// Entries that were used later stay.
  private func unusedSince() throws(EngineError) -> Timestamp? {
    try filters.earliest(filters.values["until"] == nil ? "unused-for" : "until")
  }

  private func idPattern() throws(EngineError) -> GoRegexp? {
    guard let text = filters["id"].first else { return nil }
    do { return try GoRegexp(text) } catch {
      throw EngineError(.invalidArgument, "invalid filter 'id=\(text)': it is no regular expression")
    }
  }

  /// How many bytes may stay; nil where that does not matter.
  private func bound(total: Int64, free: Int64) -> Int64? {
    guard isBounded else { return nil }
    var bound = maximumSpace
    if minimumFree > free {
      let left = total - (minimumFree - free)
      bound = bound == 0 ? left : min(bound, left)
    } else if minimumFree != 0, bound == 0 {
      bound = total
    }
    return max(bound, reservedSpace)
  }
}
