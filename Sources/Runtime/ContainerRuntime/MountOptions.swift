import Linux

/// The options of a mount, sorted by what they are for.
struct MountOptions: Equatable {
  /// For file systems that are mounted anew.
  var flags: MountFlags = []
  /// For bind mounts: changes of the copied mount's attributes.
  var set: MountAttributes = []
  var clear: MountAttributes = []
  /// The same for the whole tree of a recursive bind.
  var setBelow: MountAttributes = []
  var clearBelow: MountAttributes = []
  var isBind = false
  var isRecursive = false
  var propagation: [PropagationChange] = []
  /// What the file system reads itself.
  var data: [String] = []
  /// Fill a new tmpfs with what it hides.
  var copiesUp = false
  /// Show the owners of files as a user namespace maps them; of the mounts below too.
  var mapsOwners = false
  var mapsOwnersBelow = false

  struct PropagationChange: Equatable {
    var propagation: Propagation
    var recursive: Bool
  }

  init(_ options: [String]) throws(RuntimeError) {
    for option in options { try take(option) }
  }

  private mutating func take(_ option: String) throws(RuntimeError) {
    switch option {
    case "bind": isBind = true
    case "rbind":
      isBind = true
      isRecursive = true
    case "defaults", "loud", "async", "nomand", "norelatime", "nostrictatime", "noiversion", "nolazytime":
      return
    case "tmpcopyup": copiesUp = true
    case "idmap": mapsOwners = true
    case "ridmap":
      mapsOwners = true
      mapsOwnersBelow = true
    default:
      if let (propagation, recursive) = Self.propagations[option] {
        self.propagation.append(PropagationChange(propagation: propagation, recursive: recursive))
      } else if let effect = Self.effects[option] {
        apply(effect)
      } else if option.hasPrefix("r"), let effect = Self.effects[String(option.dropFirst())],
        effect.isAttribute
      {
        setBelow = setBelow.subtracting(effect.clear).union(effect.set)
        clearBelow = clearBelow.subtracting(effect.set).union(effect.clear)
      } else {
        data.append(option)
      }
    }
  }

  private mutating func apply(_ effect: Effect) {
    flags = flags.subtracting(effect.clearsFlags).union(effect.setsFlags)
    set = set.subtracting(effect.clear).union(effect.set)
    // mount_setattr(2) clears before it sets, so that a field may be in both.
    clear = clear.subtracting(effect.set).union(effect.clear)
  }

  /// What one option does, to a new mount and to a copied one.
  struct Effect {
    var setsFlags: MountFlags = []
    var clearsFlags: MountFlags = []
    var set: MountAttributes = []
    var clear: MountAttributes = []
    var isAttribute: Bool { !set.isEmpty || !clear.isEmpty }

    static func both(_ flag: MountFlags, _ attribute: MountAttributes) -> Effect {
      Effect(setsFlags: flag, set: attribute)
    }
    static func without(_ flag: MountFlags, _ attribute: MountAttributes) -> Effect {
      Effect(clearsFlags: flag, clear: attribute)
    }
  }

  private static let propagations: [String: (Propagation, Bool)] = [
    "private": (.private, false), "rprivate": (.private, true), "shared": (.shared, false),
    "rshared": (.shared, true), "slave": (.slave, false), "rslave": (.slave, true),
    "unbindable": (.unbindable, false), "runbindable": (.unbindable, true),
  ]

  private static let effects: [String: Effect] = [
    "ro": .both(.readOnly, .readOnly), "rw": .without(.readOnly, .readOnly),
    "nosuid": .both(.noSetUserID, .noSetUserID), "suid": .without(.noSetUserID, .noSetUserID),
    "nodev": .both(.noDevices, .noDevices), "dev": .without(.noDevices, .noDevices),
    "noexec": .both(.noExecution, .noExecution), "exec": .without(.noExecution, .noExecution),
    "nosymfollow": .both(.noSymbolicLinks, .noSymbolicLinks),
    "symfollow": .without(.noSymbolicLinks, .noSymbolicLinks),
    "nodiratime": .both(.noDirectoryAccessTime, .noDirectoryAccessTime),
    "diratime": .without(.noDirectoryAccessTime, .noDirectoryAccessTime),
    // The policy of access times is one field: all of it is cleared before a value is set.
    "noatime": Effect(setsFlags: .noAccessTime, set: .noAccessTime, clear: .accessTimePolicy),
    "strictatime": Effect(setsFlags: .strictAccessTime, set: .strictAccessTime, clear: .accessTimePolicy),
    "relatime": Effect(setsFlags: .relativeAccessTime, clear: .accessTimePolicy),
    "atime": Effect(clearsFlags: .noAccessTime, clear: .accessTimePolicy),
    "sync": Effect(setsFlags: .synchronous), "dirsync": Effect(setsFlags: .directorySynchronous),
    "mand": Effect(setsFlags: .mandatoryLocks), "iversion": Effect(setsFlags: .inodeVersion),
    "lazytime": Effect(setsFlags: .lazyTime), "silent": Effect(setsFlags: .silent),
    "remount": Effect(setsFlags: .remount),
  ]
}
