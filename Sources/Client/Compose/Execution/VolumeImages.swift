import ComposeModel
import JSON

/// The images that services mount (`volumes: [{type: image, …}]`).
struct VolumeImages: Sendable {
  struct Use: Sendable, Equatable {
    var image: String
    /// What Docker Compose calls it while it pulls.
    var title: String
  }

  let uses: [Use]

  init(_ services: [Service]) {
    uses = services.flatMap { service in
      service.parts("volumes").enumerated().compactMap { index, volume in
        guard volume["type"]?.string == "image", let image = volume["source"]?.string else { return nil }
        return Use(image: image, title: "\(service.name):volume \(index)")
      }
    }
  }

  var names: [String] { uses.map(\.image) }

  /// Those that are not there, each once.
  func missing(_ isThere: (String) -> Bool) -> [Use] {
    var seen: Set<String> = []
    return uses.filter { !isThere($0.image) && seen.insert($0.image).inserted }
  }
}
