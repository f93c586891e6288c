/// What `X-Registry-Auth` carries as base64url JSON, in the plain dialect.
public struct RegistryAuth: Codable, Sendable, Equatable {
  public var username: String?
  public var password: String?
  public var auth: String?
  public var email: String?
  public var serveraddress: String?
  public var identitytoken: String?
  public var registrytoken: String?
  public init() {}
}

/// The answer of `POST /auth`.
public struct AuthResponse: Codable, Sendable, Equatable {
  public var status: String = ""
  public var identityToken: String = ""
  public init() {}

  enum CodingKeys: String, CodingKey {
    case status = "Status"
    case identityToken = "IdentityToken"
  }
}

/// `{"message":…}`: every error answer.
public struct ErrorBody: Codable, Sendable, Equatable {
  public var message: String = ""
  public init() {}
}
