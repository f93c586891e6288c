import JSON

/// What the settings that are known have to be.
enum SettingShapes {
  private static let texts = [
    "configFormat", "credsStore", "currentContext", "detachKeys", "imagesFormat", "networksFormat",
    "nodesFormat", "pluginsFormat", "psFormat", "secretFormat", "serviceInspectFormat", "servicesFormat",
    "statsFormat", "tasksFormat", "volumesFormat",
  ]
  private static let objects = ["aliases", "auths", "proxies"]
  private static let objectsOfTexts = ["HttpHeaders", "credHelpers"]

  /// What is wrong with the first that is something else; nil where all are right.
  static func complaint(about settings: JSONObject) -> String? {
    for key in texts {
      if let value = settings[key], value != .null, value.string == nil { return "\(key): expected a string" }
    }
    for key in objects + objectsOfTexts {
      guard let value = settings[key], value != .null else { continue }
      guard let object = value.object else { return "\(key): expected an object" }
      if !objectsOfTexts.contains(key) { continue }
      if let wrong = object.first(where: { $0.value.string == nil }) {
        return "\(key).\(wrong.key): expected a string"
      }
    }
    return nil
  }
}
