extension Instruction.Action {
  /// The action with quotes removed and variables replaced, in those places where docker does so.
  public func expanded(_ expansion: ShellExpansion, _ lookup: ShellExpansion.Lookup) throws(ShellExpansion
    .Failure) -> Self
  {
    switch self {
    case .argument(let arguments):
      return .argument(
        try arguments.mapped { argument throws(ShellExpansion.Failure) in
          .init(
            name: try expansion.word(argument.name, lookup),
            value: try argument.value.mapped { value throws(ShellExpansion.Failure) in
              try expansion.word(value, lookup)
            })
        })
    case .environment(let pairs): return .environment(try Self.expand(pairs, expansion, lookup))
    case .label(let pairs): return .label(try Self.expand(pairs, expansion, lookup))
    case .copy(let copy): return .copy(try copy.expanded(expansion, lookup))
    case .workdir(let path): return .workdir(try expansion.word(path, lookup))
    case .user(let user): return .user(try expansion.word(user, lookup))
    case .volume(let volumes):
      return .volume(
        try volumes.mapped { volume throws(ShellExpansion.Failure) in try expansion.word(volume, lookup) })
    case .expose(let ports):
      let lists = try ports.mapped { port throws(ShellExpansion.Failure) in try expansion.words(port, lookup)
      }
      return .expose(lists.flatMap { $0 })
    case .stopSignal(let signal): return .stopSignal(try expansion.word(signal, lookup))
    case .run(var run):
      run.mounts = try run.mounts.mapped { mount throws(ShellExpansion.Failure) in
        try expansion.word(mount, lookup)
      }
      return .run(run)
    case .maintainer, .command, .entrypoint, .shell, .healthcheck, .onbuild: return self
    }
  }

  private static func expand(
    _ pairs: [Instruction.Pair], _ expansion: ShellExpansion, _ lookup: ShellExpansion.Lookup
  ) throws(ShellExpansion.Failure) -> [Instruction.Pair] {
    try pairs.mapped { pair throws(ShellExpansion.Failure) in
      .init(key: try expansion.word(pair.key, lookup), value: try expansion.word(pair.value, lookup))
    }
  }
}

extension Instruction.Copy {
  func expanded(_ expansion: ShellExpansion, _ lookup: ShellExpansion.Lookup) throws(ShellExpansion.Failure)
    -> Self
  {
    var copy = self
    copy.chown = try expansion.word(chown, lookup)
    copy.chmod = try expansion.word(chmod, lookup)
    copy.checksum = try expansion.word(checksum, lookup)
    copy.destination = try expansion.word(destination, lookup)
    copy.sources = try sources.mapped { source throws(ShellExpansion.Failure) in
      try expansion.word(source, lookup)
    }
    var body = expansion
    body.ignoresQuotes = true
    copy.files = try files.mapped { file throws(ShellExpansion.Failure) in
      var file = file
      if file.expands { file.content = try body.word(file.content, lookup) }
      return file
    }
    return copy
  }
}

extension Array {
  /// `map` that keeps the type of what it throws.
  fileprivate func mapped<Result, Failure: Error>(_ body: (Element) throws(Failure) -> Result) throws(Failure)
    -> [Result]
  {
    var results: [Result] = []
    for element in self { results.append(try body(element)) }
    return results
  }
}

extension Optional {
  fileprivate func mapped<Result, Failure: Error>(_ body: (Wrapped) throws(Failure) -> Result) throws(Failure)
    -> Result?
  {
    guard let value = self else { return nil }
    return try body(value)
  }
}
