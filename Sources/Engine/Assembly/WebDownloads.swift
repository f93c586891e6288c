import Builder
import Registry
import TextFormats

/// Fetches what a build names by URL.
struct WebDownloads: Downloader {
  func download(_ url: String, to path: String, failure: String) async throws -> Download {
    let file = try await WebFile.download(url, to: path, failure: failure)
    return Download(
      modified: file.lastModified.flatMap(HTTPDate.seconds), fileName: file.disposition.flatMap(Self.fileName)
    )
  }

  /// `attachment; filename="x.tar"`; names that are paths are no names.
  static func fileName(_ disposition: String) -> String? {
    for part in disposition.split(separator: ";").dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].drop(while: { $0 == " " }).lowercased() == "filename" else { continue }
      let name = pair[1].trimmingPrefix("\"")
      let bare = name.hasSuffix("\"") ? name.dropLast() : name
      return bare.isEmpty || bare.contains("/") || bare == "." || bare == ".." ? nil : String(bare)
    }
    return nil
  }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Seconds since 1970; nil for what is no such date.
  static func seconds(_ text: String) -> Int64? {
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 6, words[5] == "GMT", words[1].count == 2, words[3].count == 4,
      let month = months.firstIndex(of: words[2])
    else { return nil }
    let number = month + 1 < 10 ? "0\(month + 1)" : String(month + 1)
    return Timestamp(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")?.seconds
  }
}
