import Credentials
import DockerAPI
import DockerClient
import Flags
import ImageNames
import JSON
import Linux
import TerminalUI
import TextFormats

/// `skiff images`
enum ListImagesCommand {
  static let entry = CommandEntry("ls", aliases: ["list"], "List images") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] [REPOSITORY[:TAG]]", summary: "List images", words: .atMost(1),
      flags: [
        .bool("all|a", "Show all images (default hides intermediate images)"),
        .bool("digests", "Show digests"), CommonFlags.filter,
        CommonFlags.formatTable, CommonFlags.noTruncation, .bool("quiet|q", "Only show image IDs"),
        .bool("tree", "List multi-platform images as a tree (EXPERIMENTAL)"),
      ], aliases: aliases("image ls", "image list", "images"))
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    var filters = CommonFlags.filters(arguments.list("filter"))
    if let name = arguments.words.first { filters.values["reference", default: []].append(name) }
    var format = arguments.string("format")
    if format.isEmpty, !arguments.bool("quiet") { format = session.config().text("imagesFormat") }
    let client = try await session.engine()
    if arguments.bool("tree") {
      try refuseWithTree(arguments)
      return show(ImageTree(try await client.imagesRaw(all: arguments.bool("all"), filters: filters)))
    }
    let images = try await client.images(all: arguments.bool("all"), filters: filters)
    let digests = arguments.bool("digests") || format.contains("{{.Digest}}")
    let rows = images.flatMap {
      ImageRow.records($0, truncates: !arguments.bool("no-trunc"), digests: digests)
    }
    StandardStream.output.write(
      try ImageRow.listing(withDigests: arguments.bool("digests")).text(
        format, isQuiet: arguments.bool("quiet"), rows))
    return 0
  }

  private static func refuseWithTree(_ arguments: Arguments) throws {
    for (flag, told) in [
      ("quiet", "quiet"), ("no-trunc", "no-trunc"), ("digests", "show-digest"), ("format", "format"),
    ] where arguments.isSet(flag) {
      throw CommandFailure("--\(told) is not yet supported with --tree")
    }
  }

  private static func show(_ tree: ImageTree) -> Int32 {
    let output = StandardStream.output
    StandardStream.error.line(
      "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.")
    output.write(tree.text(width: output.drawingSize.columns, isPainted: Colour.suit(output)))
    return 0
  }
}

/// Lines of `images`: one for each name of an image.
enum ImageRow {
  static func listing(withDigests: Bool) -> Listing {
    Listing(
      columns: [
        ("Containers", "CONTAINERS"), ("CreatedAt", "CREATED AT"), ("CreatedSince", "CREATED"),
        ("Digest", "DIGEST"), ("ID", "IMAGE ID"),
        ("Repository", "REPOSITORY"), ("SharedSize", "SHARED SIZE"), ("Size", "SIZE"), ("Tag", "TAG"),
        ("UniqueSize", "UNIQUE SIZE"),
        ("VirtualSize", "VIRTUAL SIZE"),
      ],
      standard: withDigests
        ? ["Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"]
        : ["Repository", "Tag", "ID", "CreatedSince", "Size"],
      raw: [("repository", "Repository"), ("tag", "Tag")] + (withDigests ? [("digest", "Digest")] : [])
        + [("image_id", "ID"), ("created_at", "CreatedAt"), ("virtual_size", "Size")],
      quiet: ("image_id", "ID"))
  }

  static func records(_ image: ImageSummary, truncates: Bool, digests: Bool) -> [TemplateRecord] {
    let created = Timestamp(seconds: image.created)
    let size = ByteSize.decimal(Double(image.size), digits: 3)
    let shared = image.sharedSize >= 0
    return names(image, digests: digests).map { name in
      let fields: [(String, String)] = [
        ("Containers", image.containers < 0 ? "N/A" : "\(image.containers)"),
        ("CreatedAt", LocalTime(created).goText),
        ("CreatedSince", HumanDuration.since(created, now: now())),
        ("Digest", digests ? name.digest : "<none>"),
        ("ID", truncates ? shortened(image.id) : image.id), ("Repository", name.repository),
        ("SharedSize", shared ? ByteSize.decimal(Double(image.sharedSize)) : "N/A"),
        ("Size", size),
        ("Tag", name.tag),
        ("UniqueSize", shared ? ByteSize.decimal(Double(image.size - image.sharedSize)) : "N/A"),
        ("VirtualSize", size),
      ]
      return .row(fields, "*formatter.imageContext")
    }
  }

  /// Podman tells `docker.io/library/busybox`, docker's client says `busybox`.
  private static func familiar(_ repository: String) -> String {
    // What is no name is shown as it came.
    (try? ImageReference.parse(repository))?.familiarName ?? repository
  }

  private typealias Name = (repository: String, tag: String, digest: String)

  private static func names(_ image: ImageSummary, digests: Bool) -> [Name] {
    let nothing = "<none>"
    let byName = Dictionary(
      image.repoDigests.compactMap { text -> (String, String)? in
        let parts = text.split(separator: "@", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
      }
    ) { first, _ in first }
    let tags = image.repoTags.filter { $0 != "<none>:<none>" }
    guard !tags.isEmpty else {
      let named = byName.sorted { $0.key < $1.key }.filter { $0.key != nothing }
      return named.isEmpty
        ? [(nothing, nothing, nothing)] : named.map { (familiar($0.key), nothing, $0.value) }
    }
    return tags.map { reference in
      guard let colon = reference.lastIndex(of: ":") else { return (reference, nothing, nothing) }
      let repository = String(reference[..<colon])
      return (
        familiar(repository), String(reference[reference.index(after: colon)...]),
        byName[repository] ?? nothing
      )
    }
  }
}
