/// What this engine calls itself.
public enum EngineVersion {
  public static let number = "0.1.0"
  public static let name = "Skiff Engine"
}
