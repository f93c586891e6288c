/// What this engine calls itself.
public enum EngineVersion {
  public static let number = "0.1.0"
}
