/// One event of `GET /events`, in the plain JSON dialect. The lower-case fields repeat the others for old clients.
public struct EventMessage: Codable, Sendable, Equatable {
  public var status: String?
  public var id: String?
  public var from: String?
  public var type: String = ""
  public var action: String = ""
  public var actor: EventActor = EventActor()
  public var scope: String?
  public var time: Int64 = 0
  public var timeNano: Int64 = 0
  public init() {}

  enum CodingKeys: String, CodingKey {
    case status
    case id
    case from
    case type = "Type"
    case action = "Action"
    case actor = "Actor"
    case scope
    case time
    case timeNano
  }
}

public struct EventActor: Codable, Sendable, Equatable {
  public var id: String = ""
  public var attributes: [String: String] = [:]
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id = "ID"
    case attributes = "Attributes"
  }
}
