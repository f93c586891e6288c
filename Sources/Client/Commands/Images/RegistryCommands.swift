import Credentials
import DockerAPI
import DockerClient
import Flags
import ImageNames
import JSON
import TerminalUI
import TextFormats

/// `skiff pull`
enum PullCommand {
  static let entry = CommandEntry("pull", "Download an image from a registry") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] NAME[:TAG|@DIGEST]", summary: "Download an image from a registry", words: .exactly(1),
      flags: [
        .bool("all-tags|a", "Download all tagged images in the repository"), CommonFlags.contentTrust,
        CommonFlags.platform,
        .bool("quiet|q", "Suppress verbose output"),
      ], aliases: aliases("image pull", "pull"))
    return Command(syntax) { arguments, session in
      let quiet = arguments.bool("quiet")
      let reference = try wantedReference(arguments, quiet: quiet)
      try await ImagePull.pull(
        reference, platform: arguments.string("platform"), session, on: .output, quiet: quiet)
      StandardStream.output.line(reference.full)
      return 0
    }
  }
}

/// `skiff push`
enum PushCommand {
  static let entry = CommandEntry("push", "Upload an image to a registry") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] NAME[:TAG]", summary: "Upload an image to a registry", words: .exactly(1),
      flags: [
        .bool("all-tags|a", "Push all tags of an image to the repository"), CommonFlags.contentTrust,
        CommonFlags.platform,
        .bool("quiet|q", "Suppress verbose output"),
      ], aliases: aliases("image push", "push"))
    return Command(syntax) { arguments, session in
      let quiet = arguments.bool("quiet")
      let reference = try wantedReference(arguments, quiet: quiet)
      guard reference.digest == nil else { throw CommandFailure("cannot push a digest reference") }
      let progress = try await session.engine().pushImage(
        reference.familiarName, tag: reference.tag ?? "", platform: arguments.string("platform"),
        auth: try ImagePull.auth(for: reference, session))
      try await ProgressStream.show(progress, on: .output, quiet: quiet)
      if quiet { StandardStream.output.line(reference.full) }
      return 0
    }
  }
}

/// What is to be pulled or pushed: one tag, `latest` where none is named, or with `--all-tags` all.
private func wantedReference(_ arguments: Arguments, quiet: Bool) throws -> ImageReference {
  let reference = try ImagePull.parse(arguments.words[0])
  if arguments.bool("all-tags") {
    guard reference.isNameOnly else { throw CommandFailure("tag can't be used with --all-tags/-a") }
    return reference
  }
  guard reference.isNameOnly else { return reference }
  if !quiet { StandardStream.output.line("Using default tag: latest") }
  return reference.withDefaultTag
}

/// `skiff search`
enum SearchCommand {
  static let entry = CommandEntry("search", "Search Docker Hub for images") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] TERM", summary: "Search Docker Hub for images", words: .exactly(1),
      flags: [
        CommonFlags.filter, CommonFlags.formatTable, .int("limit", "Max number of search results"),
        CommonFlags.noTruncation,
      ])
    return Command(syntax) { arguments, session in
      let truncates = !arguments.bool("no-trunc")
      let isJSON = arguments.string("format") == "json" || arguments.string("format").contains("json .}}")
      let filters = CommonFlags.filters(arguments.list("filter"))
      if filters.values["is-automated"] != nil {
        StandardStream.error.line(
          "WARNING: the \"is-automated\" filter is deprecated, and searching for \"is-automated=true\" will not yield any results in future."
        )
      }
      let found = try await session.engine().searchImages(
        arguments.words[0], limit: arguments.isSet("limit") ? arguments.int("limit") : nil,
        filters: filters,
        auth: try session.registryAuth(for: server(of: arguments.words[0])))
      let rows = (found.array ?? []).map { item in
        let text = (item["description"]?.string ?? "").split(separator: "\n").joined(separator: " ")
        return TemplateRecord(
          [
            ("Description", .string(truncates ? Ellipsis.shorten(text, to: 45) : text)),
            ("IsOfficial", .string(official(item["is_official"]?.bool == true, isJSON: isJSON))),
            ("Name", item["name"] ?? ""),
            ("StarCount", .string("\(item["star_count"]?.integer ?? 0)")),
          ], typeName: "*search.searchContext")
      }
      let listing = Listing(
        columns: [
          ("Description", "DESCRIPTION"), ("IsOfficial", "OFFICIAL"), ("Name", "NAME"),
          ("StarCount", "STARS"),
        ],
        standard: ["Name", "Description", "StarCount", "IsOfficial"])
      StandardStream.output.write(try listing.text(arguments.string("format"), rows))
      return 0
    }
  }

  private static func official(_ isOfficial: Bool, isJSON: Bool) -> String {
    isJSON ? "\(isOfficial)" : isOfficial ? "[OK]" : ""
  }

  /// By which address the credentials for the registry of a term are kept: only a host with a dot or a port is one.
  private static func server(of term: String) -> String {
    let parts = term.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let isHost = parts.count > 1 && ImageReference.isHost(parts[0])
    return isHost && !["docker.io", "index.docker.io"].contains(parts[0]) ? parts[0] : CredentialStore.hub
  }
}
