/// Lets one command after another have a container, in the order of their coming.
actor Turns {
  private var busy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func take() async {
    guard busy else {
      busy = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func give() {
    guard !waiting.isEmpty else {
      busy = false
      return
    }
    waiting.removeFirst().resume()
  }
}
