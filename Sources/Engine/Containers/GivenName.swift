/// The name of a container that nobody named: a word about the weather and a part of a boat.
enum GivenName {
  private static let weathers = [
    "airy", "amber", "azure", "balmy", "blustery", "breezy", "bright", "brisk", "calm", "clear", "cloudless",
    "cool",
    "crisp", "dewy", "drifting", "dusky", "fair", "fresh", "gentle", "glassy", "golden", "gusty", "hazy",
    "lively",
    "mellow", "mild", "misty", "moonlit", "placid", "quiet", "rippling", "rolling", "salty", "serene",
    "shining",
    "silvery", "smooth", "starry", "steady", "still", "sunny", "swift", "tidal", "tranquil", "vivid", "warm",
    "windy",
  ]
  private static let parts = [
    "anchor", "beacon", "boom", "bow", "bowline", "bulkhead", "buoy", "cabin", "capstan", "centreboard",
    "cleat",
    "compass", "deck", "fender", "foresail", "galley", "gangway", "genoa", "halyard", "harbour", "hatch",
    "helm",
    "hull", "jib", "keel", "lantern", "locker", "mainsail", "mast", "mooring", "oar", "paddle", "porthole",
    "pulley",
    "rigging", "rowlock", "rudder", "sextant", "shroud", "spar", "spinnaker", "stern", "thwart", "tiller",
    "transom",
    "winch", "yardarm",
  ]

  static func random() -> String {
    let name = "\(weathers.randomElement() ?? "calm")_\(parts.randomElement() ?? "skiff")"
    // A few thousand names: a number keeps many unnamed containers apart without a search.
    return "\(name)_\(UInt16.random(in: 10...9999))"
  }
}
