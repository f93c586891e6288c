/// What clients may call the OCI runtime.
enum RuntimeName {
  static let own = "skiff-runtime"

  /// Docker's names of its default runtime mean ours: it takes the same bundles.
  static let known: Set<String> = [
    "", own, "runc", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux",
  ]
}
